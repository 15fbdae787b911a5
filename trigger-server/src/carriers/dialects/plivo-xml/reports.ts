/** The reports of this dialect (see `calls.ts`): words, hangup causes and times, from callbacks and call records. */
import { Problem } from '../../../problem';
import type { CallbackRequest } from '../../port/callback';
import { outcomes, type Outcome } from '../../port/outcomes';
import type { CallbackPurpose } from '../../port/purpose';
import type { FromCallee, TransferEnd } from '../../port/talk';
import { ended, type Recording, type Standing, type StatusReport } from '../../port/report';
import { textAt } from '../../kit/dial';
import { formFields, jsonBody, seconds } from '../../kit/form';
import { heardOf, transferEndOf } from '../../kit/heard';
import { outcomesByCauseName } from '../../kit/hangup-causes';

/** The words of `CallStatus`, of `Event` in a callback without a status, and of a call resource. */
const standings: ReadonlyMap<string, Standing> = new Map<string, Standing>([
  ['queued', { status: 'initiated' }],
  ['ringing', { status: 'ringing' }],
  ['ring', { status: 'ringing' }],
  ['in-progress', { status: 'answered' }],
  ['startapp', { status: 'answered' }],
  ['machinedetection', { status: 'answered' }],
  ['completed', ended('talk_ended')],
  ['hangup', ended('talk_ended')],
  ['busy', ended('busy')],
  ['no-answer', ended('no_answer')],
  // The network's own timeout. The ring timeout of our dial has its own cause.
  ['timeout', ended('unreachable')],
  ['cancel', ended('canceled')],
  ['canceled', ended('canceled')],
  ['cancelled', ended('canceled')],
  ['failed', ended('failed')],
]);

/** Why a call was never answered, in the form of `slug`. */
const unansweredCauses: ReadonlyMap<string, Outcome> = new Map([
  ...outcomesByCauseName,
  ...causes('no_answer', 'ring_timeout_reached'),
  ...causes('busy', 'busy_line busy_everywhere'),
  ...causes('declined', 'declined rejected'),
  ...causes('canceled', 'canceled cancelled originator_cancel'),
  ...causes(
    'unreachable',
    'destination_out_of_service endpoint_not_registered request_timeout routing_error',
  ),
  ...causes('invalid_number', 'invalid_destination_address invalid_number user_does_not_exist_anywhere'),
  ...causes('refused', 'canceled_out_of_credits cancelled_out_of_credits forbidden spam_block'),
  ...causes('refused', 'unknown_caller_id dno_caller_id loop_detected violates_media_anchoring'),
  ...causes('refused', 'destination_country_barred destination_number_barred destination_prefix_barred'),
  ...causes('overloaded', 'canceled_simultaneous_dial_limit_reached concurrency_limit_breached'),
  ...causes('overloaded', 'network_congestion_from_carrier'),
  ...causes('failed', 'internal_server_error_from_carrier network_error internal_error'),
  ...causes('failed', 'server_error protocol_error'),
]);

function causes(outcome: Outcome, slugs: string): [string, Outcome][] {
  return slugs.split(' ').map((cause) => [cause, outcome]);
}

/** Why an answered call ended, by its cause, or else by who hung up. */
const answeredCauses: ReadonlyMap<string, Outcome> = new Map<string, Outcome>([
  ['machine_detected', 'voicemail'],
  ['scheduled_hangup', 'limit_reached'],
  ['end_of_xml_instructions', 'agent_hung_up'],
  ['media_timeout', 'broken_off'],
  ['error_reaching_answer_url', 'agent_unreachable'],
  ['invalid_answer_xml', 'agent_unreachable'],
]);
const sources: ReadonlyMap<string, Outcome> = new Map<string, Outcome>([
  // A call that we placed has only one person in it, whom carriers name as caller or as callee.
  ['caller', 'callee_hung_up'],
  ['callee', 'callee_hung_up'],
  ['call_recipient', 'callee_hung_up'],
  ['answer_xml', 'agent_hung_up'],
  ['api_request', 'hung_up_elsewhere'],
  ['api', 'hung_up_elsewhere'],
  ['error', 'broken_off'],
]);

/** Gives carriers' spellings (`Busy Line`, `USER_BUSY`) one form: `busy_line`, `user_busy`. */
function slug(words: string | undefined): string {
  const joined = (words ?? '').toLowerCase().replace(/[^a-z0-9]+/g, '_');
  return joined.replace(/^_|_$/g, '').slice(0, 80);
}

interface Hangup {
  /** The carrier's word for the call; `hangup` when it only reports that the call has ended. */
  word: string;
  cause: string | undefined;
  source: string | undefined;
  /** Undefined when the carrier does not say so. */
  wasAnswered: boolean | undefined;
  duration: string | undefined;
}

/** The report of a hangup, from a callback or a call record. See `standingOf` for its outcome. */
export function hangupReport(hangup: Hangup): StatusReport {
  const { word } = hangup;
  const cause = slug(hangup.cause);
  const standing = standingOf(hangup);
  const durationSeconds = seconds(hangup.duration);
  const hasTalked = standing.status === 'ended' && outcomes[standing.outcome].status === 'completed';
  return {
    ...standing,
    rawStatus: cause === '' ? word : `${word}:${cause}`,
    ...(standing.status === 'ended' ? { carrierReason: (hangup.cause ?? word).slice(0, 80) } : {}),
    ...(hasTalked && durationSeconds !== undefined ? { durationSeconds } : {}),
    ...(cause === 'machine_detected' ? { answeredBy: { who: 'machine', raw: cause } } : {}),
  };
}

/** The status of a call by the carrier's word alone. */
export function standingOfWord(word: string): Standing {
  return standings.get(word.toLowerCase()) ?? { status: 'unknown' };
}

/**
 * The cause is more exact than the word: `completed` and a bare hangup only mean that the call has ended, and `failed`
 * means a wrong number as well as an empty account.
 */
function standingOf({ word, cause, source, wasAnswered }: Hangup): Standing {
  const said = standingOfWord(word);
  if (said.status !== 'ended' && said.status !== 'unknown') return said;
  const unanswered = unansweredCauses.get(slug(cause));
  if (said.status === 'ended' && said.outcome === 'talk_ended') {
    const talk = answeredCauses.get(slug(cause)) ?? sources.get(slug(source));
    if (wasAnswered === true) return ended(isFailure(unanswered) ? 'broken_off' : (talk ?? 'talk_ended'));
    if (unanswered !== undefined) return ended(unanswered);
    if (talk === 'hung_up_elsewhere') return ended('canceled');
    const isOnlyOver = word.toLowerCase() === 'hangup' || wasAnswered === false;
    return ended(isOnlyOver && !answeredCauses.has(slug(cause)) ? 'failed' : (talk ?? 'talk_ended'));
  }
  return unanswered === undefined ? said : ended(unanswered);
}

/** If the cause of an answered call is a failure, the call was broken off. */
function isFailure(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && outcomes[outcome].status === 'failed';
}

/** The word of a callback that has none, by the purpose of its URL. */
const impliedWords: Partial<Record<CallbackPurpose, string>> = {
  answer: 'in-progress',
  ring: 'ringing',
  announcement: 'in-progress',
  redirected: 'in-progress',
  message: 'in-progress',
  message_heard: 'in-progress',
  turn: 'in-progress',
  talk: 'in-progress',
  transfer: 'in-progress',
};

/**
 * Reads any callback of these carriers. Its content decides, not the URL that it was sent to.
 * @throws Problem bad_request when it has nothing about a call.
 */
export function readAccountCallback(request: CallbackRequest): StatusReport {
  const fields = callbackFields(request);
  const word = fields.CallStatus ?? fields.Event ?? impliedWords[request.purpose];
  if (word === undefined) {
    throw new Problem('bad_request', 'The callback has neither a CallStatus nor an Event');
  }
  const callId = fields.CallUUID ?? fields.RequestUUID;
  return {
    ...hangupReport({
      word: word.slice(0, 80),
      cause: fields.HangupCauseName ?? fields.HangupCause,
      source: fields.HangupSource,
      wasAnswered: wasAnswered(fields),
      duration: fields.Duration ?? fields.BillDuration,
    }),
    ...(callId === undefined ? {} : { callId }),
    ...answeredBy(fields.Machine),
    ...heardBefore(request.purpose),
  };
}

/** What was heard to its end before a document of this purpose is requested. */
export function heardBefore(
  purpose: CallbackPurpose,
): Pick<StatusReport, 'announcementHeard' | 'messageHeard'> {
  if (purpose === 'announcement') return { announcementHeard: true };
  return purpose === 'message_heard' ? { messageHeard: true } : {};
}

/** Without words, there is no or an empty `Speech`: https://www.plivo.com/docs/voice/xml/getinput */
export function readHeard(request: CallbackRequest): FromCallee {
  const { Speech, SpeechConfidenceScore } = callbackFields(request);
  return heardOf(Speech, SpeechConfidenceScore);
}

/** The callback of `<Record>`, with `RecordUrl`. */
export function readAccountRecording(request: CallbackRequest): Recording | null {
  const { RecordUrl: url } = request.purpose === 'recording' ? callbackFields(request) : {};
  return url === undefined ? null : { url };
}

function wasAnswered({ AnswerTime, BillDuration, Duration }: Fields): boolean | undefined {
  if (AnswerTime !== undefined) return AnswerTime !== '';
  // Zero seconds prove nothing: a callee who hung up at once is not billed either.
  return (seconds(BillDuration ?? Duration) ?? 0) > 0 ? true : undefined;
}

/** The message is due at once: its document waits for the end of the machine's greeting. */
function answeredBy(machine: string | undefined): Pick<StatusReport, 'answeredBy' | 'messageIsDue'> {
  if (machine === undefined) return {};
  const isMachine = machine.toLowerCase() === 'true';
  return {
    answeredBy: { who: isMachine ? 'machine' : 'human', raw: machine.slice(0, 80) },
    ...(isMachine ? { messageIsDue: true } : {}),
  };
}

type Fields = Record<string, string | undefined>;

/** A form, or a JSON object of texts, numbers and booleans. Empty fields are dropped, except the answer time. */
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

/** What became of a transfer: https://www.plivo.com/docs/voice/xml/dial, "Action URL parameters", and https://docs.vobiz.ai/xml/dial */
export function readTransfer(request: CallbackRequest): TransferEnd {
  return transferEndOf(callbackFields(request).DialStatus?.toLowerCase());
}
