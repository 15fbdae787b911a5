/** How many calls the filter leaves, by outcome, and how many a day. */
import type { UsageSummary } from '@dograh-trigger/shared';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { api } from '../../api/http';
import { Notice } from '../../ui/notice';
import { countGroups, fillDays, outcomeGroups, statusesOf } from './day-counts';
import { DayChart } from './day-chart';
import { writeFilter, type CallFilter, type ListQuery } from './filter';
import styles from './summary.module.css';

/** The server counts every call of the list, so this is not asked for at every change of a call. */
const refreshMilliseconds = 10_000;

/** `2026-11-23` in the reader's time zone. */
function today(): string {
  const now = new Date();
  return new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())).toISOString().slice(0, 10);
}

export function Summary({ filter, query }: { filter: CallFilter; query: ListQuery }) {
  const summary = useQuery({
    queryKey: ['call-summary', query],
    queryFn: () =>
      api<UsageSummary>('GET', '/organizations/usage/summary', {
        query: { ...query, time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone },
      }),
    placeholderData: keepPreviousData,
    refetchInterval: refreshMilliseconds,
  });
  return (
    <section className={styles.summary} aria-label="Counts">
      {summary.error !== null && <Notice error={summary.error} />}
      <div className={styles.counts}>
        {summary.data !== undefined && <Counts summary={summary.data} filter={filter} />}
      </div>
      <DayChart days={fillDays(summary.data?.days ?? [], { to: filter.to, today: today() })} />
    </section>
  );
}

function Counts({ summary, filter }: { summary: UsageSummary; filter: CallFilter }) {
  const counts = countGroups(summary.by_status);
  return (
    <ul>
      <li>
        <strong>{summary.total.toLocaleString('en')}</strong> {summary.total === 1 ? 'call' : 'calls'}
      </li>
      {outcomeGroups.toReversed().map((group) => (
        <li key={group}>
          <Link href={`/calls?${writeFilter({ ...filter, statuses: statusesOf(group) })}`}>
            <strong>{counts[group].toLocaleString('en')}</strong> {group}
          </Link>
        </li>
      ))}
    </ul>
  );
}
