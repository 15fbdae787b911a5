/** What a call's state, ending and source are called on the screen. */
import {
  reasonTexts,
  type CallSource,
  type Run,
  type RunStatus,
  type TextChat,
} from '@dograh-trigger/shared';
import { formatSeconds } from './duration';

/** The part of a run, or of a row of the list of calls, that these words come from. */
export type RunInWords = Pick<Run, 'status' | 'reason' | 'created_at' | 'answered_at' | 'completed_at'> & {
  disposition?: string | null;
};

export const statusWords: Record<RunStatus, string> = {
  queued: 'waiting',
  initiated: 'calling',
  ringing: 'ringing',
  answered: 'answered',
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no answer',
  canceled: 'canceled',
  failed: 'failed',
  error: 'error',
  expired: 'expired',
};

const tones = {
  queued: 'plain',
  initiated: 'active',
  ringing: 'active',
  answered: 'active',
  completed: 'good',
  busy: 'warn',
  'no-answer': 'warn',
  canceled: 'plain',
  failed: 'bad',
  error: 'bad',
  expired: 'warn',
} as const satisfies Record<RunStatus, string>;

/** The tone of the badge. A call without a status is one of a server that reports none. */
export function statusTone(status: RunStatus | undefined): (typeof tones)[RunStatus] | 'plain' {
  return status === undefined ? 'plain' : tones[status];
}

const chatMode: TextChat['mode'] = 'textchat';

/** Whether it is a text chat: nobody was called. */
export function isChat({ mode }: { mode?: string | null | undefined }): boolean {
  return mode === chatMode;
}

/** Whether the call is being placed, rings or goes on. */
export function isUnderWay({ status }: Pick<Run, 'status'>): boolean {
  return status === 'initiated' || status === 'ringing' || status === 'answered';
}

/** Whether the call waits or is under way. */
export function isOpen({ status }: Pick<Run, 'status'>): boolean {
  return status === 'queued' || isUnderWay({ status });
}

/**
 * @param now milliseconds since 1970.
 * @returns for how many seconds the call has been ringing or answered; null when it has ended. Clocks differ, so it is at
 *   least 0.
 */
export function secondsUnderWay(run: RunInWords, now: number): number | null {
  if (!isUnderWay(run)) return null;
  const since = Date.parse(run.answered_at ?? run.created_at);
  return Math.max(0, Math.floor((now - since) / 1000));
}

/** `ringing 12 s`, `answered 1:07`, `busy`. */
export function stateInWords(run: RunInWords, now: number): string {
  const { status } = run;
  if (status === undefined) return run.disposition == null ? 'unknown' : 'ended';
  const seconds = secondsUnderWay(run, now);
  if (seconds === null) return statusWords[status];
  return `${statusWords[status]} ${seconds < 60 ? `${String(seconds)} s` : formatSeconds(seconds)}`;
}

/** How an ordinary conversation ended. Other dispositions are shown as they are. */
const dispositionWords: Record<string, string> = {
  user_qualified: 'The conversation came to its end.',
  user_hangup: 'The person hung up.',
  end_call_tool: 'The agent hung up.',
  call_duration_exceeded: 'The call reached its longest duration.',
  call_transferred: 'The call was transferred.',
  transfer_call: 'The call was transferred.',
  user_idle_max_duration_exceeded: 'The person said nothing for too long.',
};

/** How the call ended, as a sentence. Empty until it has ended. */
export function endingInWords({ reason, disposition }: Pick<RunInWords, 'reason' | 'disposition'>): string {
  if (reason != null) return reasonTexts[reason];
  if (disposition == null) return '';
  return dispositionWords[disposition] ?? disposition.replaceAll('_', ' ');
}

export const sourceWords: Record<CallSource, string> = {
  n8n: 'n8n',
  zapier: 'Zapier',
  session: 'Console',
  api: 'API',
};

/** What placed the call: `n8n`, `Zapier`, `Console`, or the name of the API key. */
export function sourceInWords(source: Run['source']): string {
  if (source == null) return '';
  return source.kind === 'api' ? (source.api_key_name ?? sourceWords.api) : sourceWords[source.kind];
}
