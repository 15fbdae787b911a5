/**
 * What such a carrier reports (see `calls.ts`): words, hangup causes and times, from callbacks and records.
 */
import type { JsonObject, RunStatus } from '@dograh-trigger/shared';
import { Problem } from '../../../problem';
import type { CallbackRequest } from '../../port/callback';
import type { CallbackPurpose } from '../../port/purpose';
import type { Recording, StatusReport } from '../../port/report';
import { textAt } from '../../kit/dial';
import { formFields, jsonBody, seconds } from '../../kit/form';

/** The words of `CallStatus`, of `Event` where there is no status, and of a call that is asked for. */
export const statusWords: ReadonlyMap<string, RunStatus> = new Map<string, RunStatus>([
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
  /** Undefined where the carrier does not say. */
  wasAnswered: boolean | undefined;
  duration: string | undefined;
}

/** What a callback or a record means; see `statusOf` for its status. */
export function hangupReport(hangup: Hangup): StatusReport {
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
function statusOf(
  word: string,
  cause: string,
  source: string,
  wasAnswered: boolean | undefined,
): StatusReport['status'] {
  const said = statusWords.get(word);
  const isOver = said === 'completed' || word === 'hangup';
  if (said !== undefined && !isOver) return said;
  if (isOver && wasAnswered === true) return 'completed';
  const implied = neverConnected.get(cause);
  if (implied !== undefined) return implied;
  if (isOver && dispositionsBySource.get(source) === 'system_cancelled') return 'canceled';
  if (word === 'hangup' || (isOver && wasAnswered === false)) return 'failed';
  return said ?? 'unknown';
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

/** What `<Record>` reports, with `RecordUrl`. */
export function readAccountRecording(request: CallbackRequest): Recording | null {
  const { RecordUrl: url } = request.purpose === 'recording' ? callbackFields(request) : {};
  return url === undefined ? null : { url };
}

function wasAnswered({ AnswerTime, BillDuration, Duration }: Fields): boolean | undefined {
  if (AnswerTime !== undefined) return AnswerTime !== '';
  // No seconds say nothing: who hung up at once is not billed either.
  return (seconds(BillDuration ?? Duration) ?? 0) > 0 ? true : undefined;
}

function answeredBy(machine: string | undefined): JsonObject | undefined {
  if (machine === undefined) return undefined;
  return { answered_by: machine.toLowerCase() === 'true' ? 'machine' : 'human' };
}

type Fields = Record<string, string | undefined>;

/** A form, or a JSON object of texts, numbers and booleans. An empty field says nothing, but for the answer time. */
export function callbackFields(request: CallbackRequest): Fields {
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
