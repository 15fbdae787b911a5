/**
 * A call at Cloudonix is a session. Its status callback has the same object as the REST API:
 * https://developers.cloudonix.com/Documentation/dataModels/session
 *
 * Confirmed there: `token`, `status`, and the times of answer and end, in milliseconds since 1970 (`callAnswerTime`,
 * `callEndTime`) and as ISO 8601 (`answerTime`, `endTime`). No available page lists all status words. The table has
 * those seen in session updates (processing, ringing, connected, answer, noanswer, busy, cancel, nocredit, error), the
 * reasons of "Destroy session" (timeout, denied), the dispositions of call records (CONGESTION, FAILED) and the words
 * of a voice application's `CallStatus` (queued, in-progress, completed, canceled, no-answer). So if a session has
 * ended, its times decide, not its word.
 */
import { textAt } from '../../kit/dial';
import { seconds } from '../../kit/form';
import { ended, type Standing, type StatusReport } from '../../port/report';

const words = new Map<string, Standing>([
  ['new', { status: 'initiated' }],
  ['queued', { status: 'initiated' }],
  ['initiated', { status: 'initiated' }],
  ['processing', { status: 'initiated' }],
  ['ringing', { status: 'ringing' }],
  ['connected', { status: 'answered' }],
  ['answer', { status: 'answered' }],
  ['answered', { status: 'answered' }],
  ['in-progress', { status: 'answered' }],
  ['completed', ended('talk_ended')],
  ['busy', ended('busy')],
  ['noanswer', ended('no_answer')],
  ['no-answer', ended('no_answer')],
  ['timeout', ended('no_answer')],
  ['cancel', ended('canceled')],
  ['canceled', ended('canceled')],
  ['cancelled', ended('canceled')],
  ['denied', ended('declined')],
  ['congestion', ended('overloaded')],
  ['nocredit', ended('refused')],
  ['failed', ended('failed')],
  ['error', ended('failed')],
]);

const longestWord = 80;

/** Null for an update without the status of the call. */
export function readSession(session: unknown): StatusReport | null {
  const word = textAt(session, 'status') ?? '';
  const answered = answeredAt(session);
  const endedAt = milliseconds(session, 'callEndTime', 'endTime');
  if (word === '' && endedAt === undefined) return null;
  const callId = textAt(session, 'token');
  const talked = answered === undefined || endedAt === undefined ? undefined : endedAt - answered;
  const standing = standingOf(words.get(word.toLowerCase()), answered !== undefined, endedAt !== undefined);
  return {
    ...standing,
    rawStatus: word === '' ? 'ended' : word,
    ...(standing.status === 'ended' && word !== '' ? { carrierReason: word.slice(0, longestWord) } : {}),
    ...(callId === undefined ? {} : { callId }),
    ...(talked === undefined || talked < 0 ? {} : { durationSeconds: talked / 1000 }),
  };
}

/** @param said the meaning of its word; undefined for an unknown word. */
function standingOf(said: Standing | undefined, wasAnswered: boolean, hasEnded: boolean): Standing {
  if (!hasEnded) return said ?? { status: 'unknown' };
  const hasFailed = said?.status === 'ended' && said.outcome === 'failed';
  if (wasAnswered || said?.status === 'answered') return ended(hasFailed ? 'broken_off' : 'talk_ended');
  if (said?.status === 'ended') return said;
  return ended(said?.status === 'ringing' ? 'no_answer' : 'failed');
}

/** Milliseconds since 1970 by Cloudonix's clock; undefined until the call is answered. */
export function answeredAt(session: unknown): number | undefined {
  return milliseconds(session, 'callAnswerTime', 'answerTime');
}

function milliseconds(session: unknown, epochField: string, dateField: string): number | undefined {
  const epoch = seconds(textAt(session, epochField));
  if (epoch !== undefined && epoch > 0) return epoch;
  const date = Date.parse(textAt(session, dateField) ?? '');
  return Number.isNaN(date) ? undefined : date;
}
