/**
 * An API that more than one carrier speaks: calls below `/Account/{auth_id}/Call/`, callbacks with `CallUUID`,
 * `CallStatus` and `HangupCauseName`, answers in XML of `Speak`, `Stream` and `Hangup`. Addresses, authentication
 * and signatures are each provider's own.
 */
import type { JsonObject, RunStatus } from '@dograh-trigger/shared';
import { Problem } from '../../problem';
import type {
  AnswerDocument,
  AnsweredCall,
  CallbackPurpose,
  CallbackRequest,
  CancelResult,
  CarrierCall,
  DialResult,
  OutboundCall,
  ProviderHost,
  StatusReport,
} from '../provider';
import { dialOverHttp, parseJson, refusalText, textAt } from './dial';
import { formFields, jsonBody, seconds } from './form';
import type { CarrierReply, CarrierRequest } from './http';
import { element, xmlDocument, type XmlElement } from './xml';

/** One account at one carrier. */
export interface CallAccount {
  /** The carrier's name, for refusals. */
  carrier: string;
  /** The vendor's documented address of the account, with its slash: `https://…/Account/{auth_id}/`. */
  url: string;
  /** What authenticates a request. */
  headers: Record<string, string>;
}

/** Numbers go without their plus. */
export function withoutPlus(e164: string): string {
  return e164.replace(/^\+/, '');
}

/** @param detectMachine asks for detection beside the call (to purpose `status`), so the callee waits for nothing. */
export async function placeAccountCall(
  account: CallAccount,
  call: OutboundCall,
  detectMachine: boolean,
  host: ProviderHost,
): Promise<DialResult> {
  if (call.from === null) {
    return { outcome: 'refused', detail: `${account.carrier} needs one of your numbers as caller ID.` };
  }
  const fields = {
    from: withoutPlus(call.from),
    to: withoutPlus(call.to),
    answer_url: call.callbackUrl('answer'),
    answer_method: 'POST',
    ring_url: call.callbackUrl('ring'),
    ring_method: 'POST',
    hangup_url: call.callbackUrl('hangup'),
    hangup_method: 'POST',
    ring_timeout: call.ringTimeoutSeconds,
    time_limit: call.maxCallDurationSeconds,
    ...(detectMachine
      ? {
          machine_detection: 'true',
          machine_detection_url: call.callbackUrl('status'),
          machine_detection_method: 'POST',
        }
      : {}),
  };
  const order: CarrierRequest = {
    method: 'POST',
    url: host.apiUrl(`${account.url}Call/`),
    headers: { ...account.headers, 'content-type': 'application/json' },
    body: JSON.stringify(fields),
  };
  return dialOverHttp(host, call.runId, order, {
    carrier: account.carrier,
    callerNumber: call.from,
    callId: callIdIn,
    refusal: refusalWords,
  });
}

/** Until a callback names the call itself, its request is what it is known by. */
function callIdIn(body: unknown): string | undefined {
  for (const key of ['request_uuid', 'RequestUUID', 'call_uuid', 'CallUUID', 'call_uuids']) {
    const id = textAt(body, key) ?? textAt(body, key, 0);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** `{"error": "…"}`, `{"error": {"code": "…", "message": "…"}}` and `{"message": "…"}` are all seen. */
function refusalWords(body: unknown): string | undefined {
  const code = textAt(body, 'error', 'code');
  const message = textAt(body, 'error', 'message') ?? textAt(body, 'error') ?? textAt(body, 'message');
  return code === undefined ? message : `${code} ${message ?? ''}`;
}

/** The reply to a question about something below the account; null when there was none. */
export async function askAccount(
  account: CallAccount,
  path: string,
  host: ProviderHost,
): Promise<CarrierReply | null> {
  try {
    return await host.http({ method: 'GET', url: host.apiUrl(account.url + path), headers: account.headers });
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown';
    host.log.warn({ carrier: account.carrier, reason }, 'a carrier gave no reply to a question');
    return null;
  }
}

/**
 * Refuses credentials that the carrier refuses. A carrier that cannot be asked blocks nothing.
 * @param path below the account, of something that every account may read.
 * @throws Problem bad_request with the carrier's words.
 */
export async function checkCredentials(
  account: CallAccount,
  path: string,
  host: ProviderHost,
): Promise<void> {
  const reply = await askAccount(account, path, host);
  if (reply?.status !== 401 && reply?.status !== 403) return;
  const words = refusalWords(parseJson(reply.body)) ?? 'the Auth ID or Auth Token is wrong';
  throw new Problem('bad_request', refusalText(account.carrier, reply.status, words));
}

/**
 * @param resources where a call may be found, in the order to try: live calls, and requests still in the queue.
 * @throws NotSentError, NoReplyError.
 */
export async function cancelAccountCall(
  account: CallAccount,
  resources: readonly string[],
  call: CarrierCall,
  host: ProviderHost,
): Promise<CancelResult> {
  for (const resource of resources) {
    const url = host.apiUrl(`${account.url}${resource}/${encodeURIComponent(call.callId)}/`);
    const { status, body } = await host.http({ method: 'DELETE', url, headers: account.headers });
    if (status >= 200 && status < 300) return { outcome: 'accepted' };
    if (status !== 404) {
      return {
        outcome: 'refused',
        detail: refusalText(account.carrier, status, refusalWords(parseJson(body))),
      };
    }
  }
  return { outcome: 'gone' };
}

/** A call is found under one of three: live, queued, or as the record of an ended one. */
export async function askAccountCall(
  account: CallAccount,
  call: CarrierCall,
  host: ProviderHost,
): Promise<StatusReport | null> {
  for (const query of ['?status=live', '?status=queued', '']) {
    const reply = await askAccount(account, `Call/${encodeURIComponent(call.callId)}/${query}`, host);
    if (reply?.status === 404) continue;
    if (reply === null || reply.status < 200 || reply.status >= 300) return null;
    const body = parseJson(reply.body);
    return query === '' ? readRecord(body) : readLive(body);
  }
  return null;
}

function readLive(body: unknown): StatusReport | null {
  const word = textAt(body, 'call_status');
  if (word === undefined) return null;
  return { status: statuses.get(word.toLowerCase()) ?? 'unknown', rawStatus: word, ...callIdOf(body) };
}

function readRecord(body: unknown): StatusReport | null {
  if (textAt(body, 'end_time') === undefined) return null;
  const duration = textAt(body, 'bill_duration') ?? textAt(body, 'call_duration');
  return {
    ...callIdOf(body),
    ...hangupReport({
      word: 'hangup',
      cause: textAt(body, 'hangup_cause_name'),
      source: textAt(body, 'hangup_source'),
      wasAnswered: (textAt(body, 'answer_time') ?? '') !== '',
      duration,
    }),
  };
}

function callIdOf(body: unknown): { callId?: string } {
  const callId = textAt(body, 'call_uuid');
  return callId === undefined ? {} : { callId };
}

/** The words of `CallStatus`, of `Event` where there is no status, and of a call that is asked for. */
const statuses: ReadonlyMap<string, RunStatus> = new Map<string, RunStatus>([
  ['queued', 'initiated'],
  ['ringing', 'ringing'],
  ['ring', 'ringing'],
  ['in-progress', 'answered'],
  ['startapp', 'answered'],
  ['machinedetection', 'answered'],
  ['completed', 'completed'],
  ['busy', 'busy'],
  ['no-answer', 'no-answer'],
  ['timeout', 'no-answer'],
  ['cancel', 'canceled'],
  ['canceled', 'canceled'],
  ['cancelled', 'canceled'],
  ['failed', 'failed'],
]);

/** Hangup causes of calls that were never answered, in the form of `slug`. */
const neverConnected: ReadonlyMap<string, RunStatus> = new Map([
  ...causes('no-answer', 'no_answer ring_timeout_reached'),
  ...causes('busy', 'busy_line busy_everywhere user_busy'),
  ...causes('canceled', 'canceled cancelled originator_cancel'),
  ...causes('failed', 'canceled_out_of_credits canceled_simultaneous_dial_limit_reached switch_congestion'),
  ...causes('failed', 'invalid_destination_address destination_out_of_service endpoint_not_registered'),
  ...causes('failed', 'destination_country_barred destination_number_barred destination_prefix_barred'),
  ...causes('failed', 'loop_detected violates_media_anchoring rejected declined call_rejected forbidden'),
  ...causes('failed', 'unknown_caller_id dno_caller_id spam_block unallocated_number invalid_number'),
  ...causes('failed', 'request_timeout internal_server_error_from_carrier network_congestion_from_carrier'),
  ...causes('failed', 'user_does_not_exist_anywhere network_error internal_error routing_error'),
  ...causes('failed', 'concurrency_limit_breached service_unavailable server_error protocol_error'),
  ...causes('failed', 'network_out_of_order destination_out_of_order normal_temporary_failure'),
]);

function causes(status: RunStatus, slugs: string): [string, RunStatus][] {
  return slugs.split(' ').map((cause) => [cause, status]);
}

/** Why an answered call ended, by its cause, and else by who hung up. */
const dispositions: ReadonlyMap<string, string> = new Map([
  ['machine_detected', 'voicemail_detected'],
  ['scheduled_hangup', 'call_duration_exceeded'],
  ['end_of_xml_instructions', 'end_call_tool'],
  ['media_timeout', 'unexpected_error'],
  ['error_reaching_answer_url', 'system_connect_error'],
  ['invalid_answer_xml', 'system_connect_error'],
]);
const dispositionsBySource: ReadonlyMap<string, string> = new Map([
  // Only one person is on the line of a call we placed, whichever side the carrier counts them to.
  ['caller', 'user_hangup'],
  ['callee', 'user_hangup'],
  ['call_recipient', 'user_hangup'],
  ['answer_xml', 'end_call_tool'],
  ['api_request', 'system_cancelled'],
  ['api', 'system_cancelled'],
  ['error', 'unexpected_error'],
]);

/** Words as carriers spell them (`Busy Line`, `USER_BUSY`) in one form: `busy_line`, `user_busy`. */
function slug(words: string | undefined): string {
  const joined = (words ?? '').toLowerCase().replace(/[^a-z0-9]+/g, '_');
  return joined.replace(/^_|_$/g, '').slice(0, 80);
}

interface Hangup {
  /** The carrier's word for the call; `hangup` where it only says that the call is over. */
  word: string;
  cause: string | undefined;
  source: string | undefined;
  wasAnswered: boolean;
  duration: string | undefined;
}

/** What a callback or a record means; see `statusOf` for its status. */
function hangupReport(hangup: Hangup): StatusReport {
  const { word, wasAnswered } = hangup;
  const cause = slug(hangup.cause);
  const source = slug(hangup.source);
  const status = statusOf(word.toLowerCase(), cause, source, wasAnswered);
  const rawStatus = cause === '' ? word : `${word}:${cause}`;
  if (status !== 'completed') return { status, rawStatus };
  const failure = neverConnected.get(cause) === 'failed' ? 'unexpected_error' : undefined;
  const disposition = dispositions.get(cause) ?? failure ?? dispositionsBySource.get(source);
  const durationSeconds = seconds(hangup.duration);
  return {
    status,
    rawStatus,
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(disposition === undefined ? {} : { disposition }),
  };
}

/**
 * `completed` and a bare hangup only say that the call is over. Unless it was answered, the cause decides, so that a
 * busy line is not taken for a conversation.
 */
function statusOf(word: string, cause: string, source: string, wasAnswered: boolean): StatusReport['status'] {
  const said = statuses.get(word);
  const isOver = said === 'completed' || word === 'hangup';
  if (said !== undefined && !isOver) return said;
  if (isOver && wasAnswered) return 'completed';
  const implied = neverConnected.get(cause);
  if (implied !== undefined) return implied;
  if (isOver && dispositionsBySource.get(source) === 'system_cancelled') return 'canceled';
  return word === 'hangup' ? 'failed' : (said ?? 'unknown');
}

/** What a callback without a word means by where it was sent. */
const impliedWords: Partial<Record<CallbackPurpose, string>> = { answer: 'in-progress', ring: 'ringing' };

/**
 * Reads any callback of these carriers; what it says counts, not where it was sent.
 * @throws Problem bad_request when it says nothing about a call.
 */
export function readAccountCallback(request: CallbackRequest): StatusReport {
  const fields = callbackFields(request);
  const word = fields.CallStatus ?? fields.Event ?? impliedWords[request.purpose];
  if (word === undefined) {
    throw new Problem('bad_request', 'The callback has neither a CallStatus nor an Event');
  }
  const callId = fields.CallUUID ?? fields.RequestUUID;
  const gathered = answeredBy(fields.Machine);
  return {
    ...hangupReport({
      word: word.slice(0, 80),
      cause: fields.HangupCauseName ?? fields.HangupCause,
      source: fields.HangupSource,
      wasAnswered: wasAnswered(fields),
      duration: fields.Duration ?? fields.BillDuration,
    }),
    ...(callId === undefined ? {} : { callId }),
    ...(gathered === undefined ? {} : { gathered }),
  };
}

function wasAnswered({ AnswerTime, BillDuration, Duration }: Fields): boolean {
  if (AnswerTime !== undefined) return AnswerTime !== '';
  return (seconds(BillDuration ?? Duration) ?? 0) > 0;
}

function answeredBy(machine: string | undefined): JsonObject | undefined {
  if (machine === undefined) return undefined;
  return { answered_by: machine.toLowerCase() === 'true' ? 'machine' : 'human' };
}

type Fields = Record<string, string | undefined>;

/** A form, or a JSON object of texts, numbers and booleans. An empty field says nothing, but for the answer time. */
function callbackFields(request: CallbackRequest): Fields {
  const body = jsonBody(request);
  const entries =
    typeof body === 'object' && body !== null
      ? Object.entries(body).map(([name, value]) => [name, textOf(value)] as const)
      : Object.entries(formFields(request));
  return Object.fromEntries(entries.filter(([name, value]) => value !== '' || name === 'AnswerTime'));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'boolean' ? String(value) : textAt(value);
}

/** The answer in the carriers' XML, at most 100 KB. An event that reached the answer URL gets no instructions. */
export function answerDocument(call: AnsweredCall, request: CallbackRequest): AnswerDocument {
  const event = callbackFields(request).Event?.toLowerCase();
  const elements = event === 'hangup' || event === 'ring' ? [] : instructions(call);
  return { contentType: 'application/xml', body: xmlDocument(element('Response', {}, ...elements)) };
}

function instructions({ answer }: AnsweredCall): XmlElement[] {
  const hangup = element('Hangup');
  switch (answer.mode) {
    case 'hangup':
      return [hangup];
    case 'announce':
      return answer.text.trim() === '' ? [hangup] : [element('Speak', {}, answer.text), hangup];
    case 'stream': {
      const extraHeaders = streamHeaders(answer.parameters);
      const attributes = {
        bidirectional: 'true',
        keepCallAlive: 'true',
        contentType: 'audio/x-mulaw;rate=8000',
        ...(extraHeaders === '' ? {} : { extraHeaders }),
      };
      return [element('Stream', attributes, answer.url)];
    }
  }
}

const maxStreamHeadersBytes = 512;

/**
 * `name=value,name=value` of letters and digits, at most 512 bytes: all that these carriers pass on. Names lose their
 * underscores (`run_id` is `runId`), UUIDs their hyphens; a value that still does not fit is left out.
 */
function streamHeaders(parameters: Record<string, string>): string {
  let headers = '';
  for (const [name, value] of Object.entries(parameters)) {
    const plainName = name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
    const plainValue = /^[0-9a-f-]{36}$/i.test(value) ? value.replaceAll('-', '') : value;
    if (!/^[A-Za-z0-9]+$/.test(plainName) || !/^[A-Za-z0-9]+$/.test(plainValue)) continue;
    const next = `${headers === '' ? '' : `${headers},`}${plainName}=${plainValue}`;
    if (next.length <= maxStreamHeadersBytes) headers = next;
  }
  return headers;
}
