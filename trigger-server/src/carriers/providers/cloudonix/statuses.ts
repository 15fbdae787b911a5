/**
 * A call at Cloudonix is a session; its status callback carries the same object that its REST API gives:
 * https://developers.cloudonix.com/Documentation/dataModels/session
 *
 * Confirmed there: `token`, `status`, and the times of answer and end, in milliseconds since 1970 (`callAnswerTime`,
 * `callEndTime`) and as ISO 8601 (`answerTime`, `endTime`). No page that could be read lists all status words. Those
 * below are the ones seen in session updates (processing, ringing, connected, answer, noanswer, busy, cancel,
 * nocredit, error), the reasons of "Destroy session" (timeout, denied), the dispositions of call records (CONGESTION,
 * FAILED) and the words of a voice application's `CallStatus` (queued, in-progress, completed, canceled, no-answer).
 * So where a session says that it has ended, its times decide rather than its word.
 */
import type { RunStatus } from '@dograh-trigger/shared';
import { textAt } from '../../kit/dial';
import { seconds } from '../../kit/form';
import type { StatusReport } from '../../port/report';

const words = new Map<string, RunStatus>([
  ['new', 'initiated'],
  ['queued', 'initiated'],
  ['initiated', 'initiated'],
  ['processing', 'initiated'],
  ['ringing', 'ringing'],
  ['connected', 'answered'],
  ['answer', 'answered'],
  ['answered', 'answered'],
  ['in-progress', 'answered'],
  ['completed', 'completed'],
  ['busy', 'busy'],
  ['noanswer', 'no-answer'],
  ['no-answer', 'no-answer'],
  ['timeout', 'no-answer'],
  ['cancel', 'canceled'],
  ['canceled', 'canceled'],
  ['cancelled', 'canceled'],
  ['failed', 'failed'],
  ['congestion', 'failed'],
  ['denied', 'failed'],
  ['nocredit', 'failed'],
  ['error', 'error'],
]);

/** Null for an update that says nothing about how the call stands. */
export function readSession(session: unknown): StatusReport | null {
  const word = textAt(session, 'status') ?? '';
  const answered = answeredAt(session);
  const endedAt = milliseconds(session, 'callEndTime', 'endTime');
  if (word === '' && endedAt === undefined) return null;
  const callId = textAt(session, 'token');
  const talked = answered === undefined || endedAt === undefined ? undefined : endedAt - answered;
  return {
    status: statusOf(words.get(word.toLowerCase()), answered !== undefined, endedAt !== undefined),
    rawStatus: word === '' ? 'ended' : word,
    ...(callId === undefined ? {} : { callId }),
    ...(talked === undefined || talked < 0 ? {} : { durationSeconds: talked / 1000 }),
  };
}

/** @param said what its word means; undefined for one that is not known. */
function statusOf(
  said: RunStatus | undefined,
  wasAnswered: boolean,
  hasEnded: boolean,
): StatusReport['status'] {
  if (!hasEnded) return said ?? 'unknown';
  if (wasAnswered || said === 'answered') return said === 'error' ? 'error' : 'completed';
  if (said === 'ringing') return 'no-answer';
  return said === undefined || said === 'initiated' ? 'failed' : said;
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
