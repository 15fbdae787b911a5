/** Downloads recordings from a carrier's own addresses only, so that a forged address gets no credentials. */
import type { Readable } from 'node:stream';
import type { CarrierTools } from '../port/tools';
import { DownloadError } from '../../egress/download';

export interface RecordingOrder {
  /** The address of the recording, from a callback. */
  url: string;
  /** The carrier's domains, e.g. `example.com`. Only they and their subdomains get the credentials. */
  domains: readonly string[];
  /** The credentials. */
  headers: Record<string, string>;
}

/** @throws DownloadError, also for an address that is not the carrier's own. */
export async function downloadRecording(tools: CarrierTools, order: RecordingOrder): Promise<Readable> {
  return tools.download({ url: ownAddress(tools, order), headers: order.headers });
}

function ownAddress(tools: CarrierTools, { url, domains }: RecordingOrder): string {
  if (URL.canParse(url)) {
    const { protocol, hostname, port, origin, username, password } = new URL(url);
    const isPlain = username === '' && password === '';
    // An address that the operator set for the carrier counts as the carrier's own.
    if (isPlain && origin === new URL(tools.apiUrl(`https://${domains[0] ?? ''}/`)).origin) return url;
    const isOwn = domains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
    if (isPlain && isOwn && protocol === 'https:' && port === '') return tools.apiUrl(url);
  }
  throw new DownloadError('the carrier named an address that is not its own', true);
}
