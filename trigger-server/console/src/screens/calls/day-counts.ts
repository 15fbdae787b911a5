/** Calls a day by outcome, as the chart and its table show them. */
import type { RunStatus, UsageSummary } from '@dograh-trigger/shared';

export const outcomeGroups = ['waiting', 'under way', 'failed', 'not reached', 'completed'] as const;
export type OutcomeGroup = (typeof outcomeGroups)[number];

const groupOf: Record<RunStatus, OutcomeGroup> = {
  queued: 'waiting',
  initiated: 'under way',
  ringing: 'under way',
  answered: 'under way',
  completed: 'completed',
  busy: 'not reached',
  'no-answer': 'not reached',
  canceled: 'not reached',
  failed: 'failed',
  error: 'failed',
  expired: 'not reached',
};

/** The statuses of a group, for a filter by it. */
export function statusesOf(group: OutcomeGroup): RunStatus[] {
  return (Object.keys(groupOf) as RunStatus[]).filter((status) => groupOf[status] === group);
}

export type GroupCounts = Record<OutcomeGroup, number>;

export interface DayCounts {
  /** `2026-11-23`. */
  date: string;
  total: number;
  counts: GroupCounts;
}

/** @param counts by status. */
export function countGroups(counts: Record<string, number>): GroupCounts {
  const groups: GroupCounts = { waiting: 0, 'under way': 0, failed: 0, 'not reached': 0, completed: 0 };
  for (const [status, count] of Object.entries(counts)) {
    if (Object.hasOwn(groupOf, status)) groups[groupOf[status as RunStatus]] += count;
  }
  return groups;
}

/** The chart has at least this many days, so that a single day is no wall. */
const fewestDays = 14;
const dayMilliseconds = 86_400_000;

/**
 * Every day of the summary from the first with calls to the last, with the days without calls between them.
 * @param today `2026-11-23`: the last day of the chart, unless `to` is earlier.
 */
export function fillDays(
  days: UsageSummary['days'],
  { to, today }: { to: string; today: string },
): DayCounts[] {
  const byDate = new Map(days.map(({ date, counts }) => [date, counts]));
  const last = to !== '' && to < today ? to : today;
  const newest = days.at(-1)?.date ?? last;
  const end = Date.parse(newest > last ? newest : last);
  const first = days[0] === undefined ? end : Date.parse(days[0].date);
  const start = Math.min(first, end - (fewestDays - 1) * dayMilliseconds);
  const filled: DayCounts[] = [];
  for (let at = start; at <= end; at += dayMilliseconds) {
    const date = new Date(at).toISOString().slice(0, 10);
    const counts = countGroups(byDate.get(date) ?? {});
    filled.push({ date, counts, total: Object.values(counts).reduce((sum, count) => sum + count, 0) });
  }
  return filled;
}

/** One sentence that says what the chart shows. */
export function describeDays(days: readonly DayCounts[]): string {
  const total = days.reduce((sum, day) => sum + day.total, 0);
  const [first] = days;
  const last = days.at(-1);
  if (first === undefined || last === undefined || total === 0) return 'No calls on these days.';
  const busiest = days.reduce((most, day) => (day.total > most.total ? day : most));
  return `${calls(total)} from ${first.date} to ${last.date}, most of them on ${busiest.date}: ${calls(busiest.total)}.`;
}

function calls(count: number): string {
  return count === 1 ? '1 call' : `${String(count)} calls`;
}
