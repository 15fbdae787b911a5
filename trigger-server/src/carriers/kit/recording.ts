/** Recordings at a carrier. Only the carrier's own addresses get credentials, so that a forged one gets none. */
import type { Readable } from 'node:stream';
import type { CarrierRequest } from '../../egress/client';
import type { CarrierTools } from '../port/tools';
import { askAboutCall, CarrierFailure } from './ask';
import { textAt } from './dial';
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

/** Where a carrier has the recordings of a call, and how it names what they are found by. */
export interface RecordingsOfCall {
  /** The address of one recording, which is read and deleted there. */
  one(id: string): string;
  /** The address of the list of a call's recordings. */
  ofCall(callId: string): string;
  headers: Record<string, string>;
  /** The names of fields: the list in its reply, and in each recording its id and that of its call. */
  list: string;
  id: string;
  callId: string;
}

/**
 * Deletes a recording and all others of its call. The named one leads to the others, so it is the last to go: after a
 * failure the next attempt finds what is left. Recordings of other calls are not touched, whatever the carrier lists.
 * @throws NotSentError, NoReplyError, CarrierFailure.
 */
export async function deleteRecordingsOfCall(
  tools: CarrierTools,
  named: string,
  carrier: RecordingsOfCall,
): Promise<void> {
  const read = (url: string) => askAboutCall(tools, { method: 'GET', url, headers: carrier.headers });
  const callId = textAt((await read(carrier.one(named))).body, carrier.callId);
  const listed = callId === undefined ? [] : recordingsIn((await read(carrier.ofCall(callId))).body, carrier);
  const others = listed.filter((other) => other.callId === callId && other.id !== named);
  for (const id of [...others.map((other) => other.id), named]) {
    await deleteOverHttp(tools, { url: carrier.one(id), headers: carrier.headers });
  }
}

/** The recordings in a reply that have both ids. */
function recordingsIn(body: unknown, carrier: RecordingsOfCall): { id: string; callId: string }[] {
  const found: { id: string; callId: string }[] = [];
  for (let place = 0; place < mostListed; place += 1) {
    const id = textAt(body, carrier.list, place, carrier.id);
    const callId = textAt(body, carrier.list, place, carrier.callId);
    if (id !== undefined && callId !== undefined) found.push({ id, callId });
  }
  return found;
}

/** No carrier lists more on one page of what is asked for here. */
const mostListed = 100;

/**
 * The id of a recording in its address: `…/Recordings/RE1` or `…/Recording/1.mp3`.
 * @throws CarrierFailure for any other address.
 */
export function recordingIdIn(url: string): string {
  const id = /\/Recordings?\/([\w-]+)(?:\.\w+)?$/.exec(URL.canParse(url) ? new URL(url).pathname : '')?.[1];
  if (id === undefined) throw new CarrierFailure('the address of a recording has no id', 0);
  return id;
}
