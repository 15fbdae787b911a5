/** Vonage's words for a call. Source: https://developer.vonage.com/en/voice/voice-api/webhook-reference */
import { textAt } from '../../kit/dial';
import { seconds } from '../../kit/form';
import type { Outcome } from '../../port/outcomes';
import { ended, type Standing, type StatusReport } from '../../port/report';

const standings = new Map<string, Standing>([
  ['started', { status: 'initiated' }],
  ['ringing', { status: 'ringing' }],
  ['answered', { status: 'answered' }],
  ['human', { status: 'answered' }],
  ['machine', { status: 'answered' }],
  ['completed', ended('talk_ended')],
  ['busy', ended('busy')],
  // By Vonage, before the call was connected.
  ['rejected', ended('refused')],
  ['cancelled', ended('canceled')],
  ['timeout', ended('no_answer')],
  ['unanswered', ended('no_answer')],
  ['failed', ended('failed')],
]);

/** The `detail` of `rejected`, `unanswered` and `failed`. */
const details = new Map<string, Outcome>([
  ['declined', 'declined'],
  ['restricted', 'refused'],
  ['invalid_number', 'invalid_number'],
  ['number_out_of_service', 'invalid_number'],
  ['unavailable', 'unavailable'],
  ['cannot_route', 'unreachable'],
  ['carrier_timeout', 'unreachable'],
]);

/** Who ended an answered call, by `disconnected_by`. */
const disconnections = new Map<string, Outcome>([
  ['user', 'callee_hung_up'],
  ['platform', 'agent_hung_up'],
]);

const longestWord = 100;

/** @param body of an event, or of `GET /v1/calls/{uuid}`. */
export function statusReport(body: unknown): StatusReport {
  const word = textAt(body, 'status') ?? 'none';
  // At Vonage the leg to the media socket is a call of its own, which is reported here too. Its end is not the end of
  // the run.
  if (isSocketLeg(body)) return { status: 'unknown', rawStatus: clip(`websocket:${word}`) };

  const detail = textAt(body, 'detail') ?? textAt(body, 'sub_state') ?? textAt(body, 'reason');
  const callId = textAt(body, 'uuid') ?? textAt(body, 'call_uuid');
  const durationSeconds = word === 'completed' ? seconds(textAt(body, 'duration')) : undefined;
  const standing = standingOf(word, body);
  return {
    ...standing,
    rawStatus: clip(detail === undefined ? word : `${word}:${detail}`),
    ...(standing.status === 'ended'
      ? { carrierReason: clip(detail === undefined ? word : `${word}: ${detail}`) }
      : {}),
    ...(callId === undefined ? {} : { callId }),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(word === 'human' || word === 'machine' ? { answeredBy: { who: word, raw: word } } : {}),
    ...(word === 'machine' && textAt(body, 'sub_state') === 'beep_start' ? { messageIsDue: true } : {}),
  };
}

function standingOf(word: string, body: unknown): Standing {
  const standing = standings.get(word) ?? { status: 'unknown' };
  if (standing.status !== 'ended') return standing;
  const more =
    word === 'completed'
      ? disconnections.get(textAt(body, 'disconnected_by') ?? '')
      : details.get(textAt(body, 'detail') ?? '');
  return more === undefined ? standing : ended(more);
}

/** Only a leg to a socket has the status `disconnected`, or a `to` that is not a phone number. */
function isSocketLeg(body: unknown): boolean {
  return textAt(body, 'status') === 'disconnected' || /^wss?:/i.test(textAt(body, 'to') ?? '');
}

function clip(words: string): string {
  return words.slice(0, longestWord);
}
