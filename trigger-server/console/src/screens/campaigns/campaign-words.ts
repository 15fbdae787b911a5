/** A campaign in words: its state, how far it is, and how it calls. */
import type {
  Campaign,
  CampaignRetry,
  CampaignSchedule,
  CampaignState,
  SkippedRow,
} from '@dograh-trigger/shared';

export const stateWords: Record<CampaignState, string> = {
  created: 'not started',
  syncing: 'reading its file',
  running: 'running',
  paused: 'paused',
  completed: 'completed',
  failed: 'failed',
};

export const stateTones = {
  created: 'plain',
  syncing: 'active',
  running: 'active',
  paused: 'warn',
  completed: 'good',
  failed: 'bad',
} as const satisfies Record<CampaignState, string>;

type Progress = Pick<Campaign, 'total_rows' | 'processed_rows' | 'failed_rows'>;

/** `40 of 100 contacts done, 5 of them not reached`. */
export function progressInWords({
  total_rows: total,
  processed_rows: done,
  failed_rows: failed,
}: Progress): string {
  const all = total ?? 0;
  const words = `${count(done)} of ${count(all)} ${all === 1 ? 'contact' : 'contacts'} done`;
  return failed === 0 ? words : `${words}, ${count(failed)} of them not reached`;
}

/** `2 rows of the file are not called`. */
export function skippedInWords({ skipped_rows: skipped }: { skipped_rows: number }): string {
  return skipped === 1
    ? '1 row of the file is not called'
    : `${count(skipped)} rows of the file are not called`;
}

export const skipWords: Record<SkippedRow['code'], string> = {
  no_number: 'no number',
  invalid_number: 'wrong number',
  repeated_number: 'repeated number',
  unnamed_cell: 'cell without a column',
  greeting: 'greeting',
};

type Settings = Pick<Campaign, 'retry_config' | 'max_concurrency' | 'schedule_config' | 'circuit_breaker'>;

/** @returns how the campaign calls, one sentence each. */
export function settingsInWords(settings: Settings): string[] {
  const { max_concurrency: most, circuit_breaker: breaker } = settings;
  return [
    most === null
      ? 'As many calls at once as your organization may have.'
      : `At most ${most === 1 ? 'one call' : `${count(most)} calls`} at once.`,
    scheduleInWords(settings.schedule_config),
    retryInWords(settings.retry_config),
    breaker.enabled
      ? `It pauses by itself when ${percent(breaker.failure_threshold)} of its calls fail within ${minutes(breaker.window_seconds)}.`
      : 'It does not pause by itself when calls fail.',
  ];
}

function scheduleInWords(schedule: CampaignSchedule | null): string {
  if (schedule?.enabled !== true) return 'It calls at any time that the policy allows.';
  const slots = schedule.slots.map(
    ({ day_of_week: day, start_time: from, end_time: to }) => `${dayWords[day] ?? ''} from ${from} to ${to}`,
  );
  return `It calls ${list(slots)}, by the clock of ${schedule.timezone}.`;
}

/** Dograh counts from Monday. */
export const dayWords = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

function retryInWords(retry: CampaignRetry): string {
  const after = [
    ...(retry.retry_on_busy ? ['the line was busy'] : []),
    ...(retry.retry_on_no_answer ? ['nobody answered'] : []),
    ...(retry.retry_on_voicemail ? ['a machine answered'] : []),
  ];
  if (!retry.enabled || retry.max_retries === 0 || after.length === 0) return 'Each contact is called once.';
  const times = retry.max_retries === 1 ? 'once more' : `up to ${String(retry.max_retries)} times more`;
  const words = new Intl.ListFormat('en', { type: 'disjunction' }).format(after);
  return `If ${words}, it calls ${times}, ${minutes(retry.retry_delay_seconds)} later.`;
}

function list(parts: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(parts);
}

function percent(part: number): string {
  return `${String(Math.round(part * 100))} %`;
}

function minutes(seconds: number): string {
  if (seconds % 60 !== 0) return `${String(seconds)} seconds`;
  return seconds === 60 ? 'a minute' : `${String(seconds / 60)} minutes`;
}

function count(number: number): string {
  return number.toLocaleString('en');
}
