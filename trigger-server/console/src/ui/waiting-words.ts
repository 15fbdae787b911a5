/** What a call that has not been placed yet waits for, and until when. */
import type { Run, WaitingReason } from '@dograh-trigger/shared';

export type WaitingCall = Pick<Run, 'status' | 'waiting_for' | 'due_at' | 'attempt'>;

export const waitingWords: Record<WaitingReason, string> = {
  time: 'its time',
  hours: 'the calling hours',
  number_limit: 'the limit of calls to its number',
  slot: 'a free line',
  pace: 'its turn at the carrier account',
  carrier: 'the carrier, which could not be reached',
  campaign: 'its turn in its campaign',
};

/**
 * @param now milliseconds since 1970.
 * @param timeZone whose clock is read, and named in the sentence. Without it the reader's, not named.
 * @returns `Waits for the calling hours, until 9:00 AM in Europe/Berlin.` After the first attempt `Attempt 2 waits …`. Empty for a
 * call that does not wait.
 */
export function waitingInWords(run: WaitingCall, now: number, timeZone?: string): string {
  const { status, waiting_for: reason, due_at: due, attempt = 1 } = run;
  if (status !== 'queued') return '';
  const waits = attempt === 1 ? 'Waits' : `Attempt ${String(attempt)} waits`;
  const isDue = due == null || Date.parse(due) <= now;
  // As the server says it, which is not asked again when the time has come.
  if (isDue)
    return `${waits} for ${waitingWords[reason === 'pace' || reason === 'campaign' ? reason : 'slot']}.`;
  const until = `until ${momentInWords(due, now, timeZone)}${timeZone === undefined ? '' : ` in ${timeZone}`}`;
  return reason == null || reason === 'time'
    ? `${waits} ${until}.`
    : `${waits} for ${waitingWords[reason]}, ${until}.`;
}

/** `9:00 AM` today, `Dec 24, 9:00 AM` on another day, and with the year in another one. */
function momentInWords(at: string, now: number, timeZone: string | undefined): string {
  const moment = new Date(at);
  const inZone = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en', { ...options, timeZone });
  const isSame = (options: Intl.DateTimeFormatOptions) =>
    inZone(options).format(moment) === inZone(options).format(now);
  if (isSame({ dateStyle: 'short' })) return inZone({ timeStyle: 'short' }).format(moment);
  const year: Intl.DateTimeFormatOptions = isSame({ year: 'numeric' }) ? {} : { year: 'numeric' };
  return inZone({ ...year, month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' }).format(
    moment,
  );
}
