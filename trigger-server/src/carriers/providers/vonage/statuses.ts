/** Vonage's words for a call. Source: https://developer.vonage.com/en/voice/voice-api/webhook-reference */
import type { RunStatus } from '@dograh-trigger/shared';
import { textAt } from '../../kit/dial';
import { seconds } from '../../kit/form';
import type { StatusReport } from '../../port/report';

const statuses = new Map<string, RunStatus>([
  ['started', 'initiated'],
  ['ringing', 'ringing'],
  ['answered', 'answered'],
  ['human', 'answered'],
  ['machine', 'answered'],
  ['completed', 'completed'],
  ['busy', 'busy'],
  ['rejected', 'busy'],
  ['cancelled', 'canceled'],
  ['timeout', 'no-answer'],
  ['unanswered', 'no-answer'],
  ['failed', 'failed'],
]);

/** Who ended an answered call, in `disconnected_by`. */
const dispositions = new Map([
  ['user', 'user_hangup'],
  ['platform', 'end_call_tool'],
]);

const longestWord = 100;

/** @param body of an event, or of `GET /v1/calls/{uuid}`. */
export function statusReport(body: unknown): StatusReport {
  const word = textAt(body, 'status') ?? 'none';
  // The leg to the media socket is a call of its own at Vonage, and reports here as well: its end is not the run's.
  if (isSocketLeg(body)) return { status: 'unknown', rawStatus: clip(`websocket:${word}`) };

  const detail = textAt(body, 'detail') ?? textAt(body, 'sub_state') ?? textAt(body, 'reason');
  const callId = textAt(body, 'uuid') ?? textAt(body, 'call_uuid');
  const status = statuses.get(word) ?? 'unknown';
  const durationSeconds = seconds(textAt(body, 'duration'));
  const disposition = dispositions.get(textAt(body, 'disconnected_by') ?? '');
  return {
    status,
    rawStatus: clip(detail === undefined ? word : `${word}:${detail}`),
    ...(callId === undefined ? {} : { callId }),
    ...(status !== 'completed' || durationSeconds === undefined ? {} : { durationSeconds }),
    ...(status !== 'completed' || disposition === undefined ? {} : { disposition }),
    ...(word === 'human' || word === 'machine' ? { gathered: { answered_by: word } } : {}),
  };
}

/** Only a leg to a socket is ever `disconnected`, and only its `to` is no phone number. */
function isSocketLeg(body: unknown): boolean {
  return textAt(body, 'status') === 'disconnected' || /^wss?:/i.test(textAt(body, 'to') ?? '');
}

function clip(words: string): string {
  return words.slice(0, longestWord);
}
