/** Recordings at a carrier. Only the carrier's own addresses get credentials, so that a forged one gets none. */
import type { Readable } from 'node:stream';
import type { CarrierRequest } from '../../egress/client';
import type { CarrierTools } from '../port/tools';
import { CarrierFailure } from './ask';
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

/**
 * Sends the request. A recording that the carrier does not have any more counts as deleted.
 * @throws NotSentError, NoReplyError; CarrierFailure for any other refusal.
 */
export async function deleteOverHttp(
  tools: CarrierTools,
  request: Omit<CarrierRequest, 'method'>,
): Promise<void> {
  const { status } = await tools.http({ ...request, method: 'DELETE' });
  if ((status >= 200 && status < 300) || status === 404) return;
  throw new CarrierFailure(
    `the carrier answered the deletion of a recording with HTTP ${String(status)}`,
    status,
  );
}

/**
 * The id of a recording in its address: `…/Recordings/RE1` or `…/Recording/1.mp3`.
 * @throws CarrierFailure for any other address.
 */
export function recordingIdIn(url: string): string {
  const id = /\/Recordings?\/([\w-]+)(?:\.\w+)?$/.exec(URL.canParse(url) ? new URL(url).pathname : '')?.[1];
  if (id === undefined) throw new CarrierFailure('the address of a recording has no id', 0);
  return id;
}
