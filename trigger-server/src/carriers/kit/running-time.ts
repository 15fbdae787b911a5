/** How long a call that goes on has lasted, by its carrier's own clock alone: ours may have been set. */
import { isFinalStatus } from '@dograh-trigger/shared';
import type { StatusReport } from '../port/report';

/**
 * The report, with how long the call has lasted; as it is where the call has ended, or the carrier does not say.
 * @param startedAt when the carrier says that the call began: any date that can be read (without a zone: UTC), or
 * milliseconds since 1970.
 * @param repliedAt the `Date` header of the reply that says so.
 */
export function withRunningTime(
  report: StatusReport,
  startedAt: string | number | undefined,
  repliedAt: string | undefined,
): StatusReport {
  if (report.status !== 'unknown' && isFinalStatus(report.status)) return report;
  const started = typeof startedAt === 'string' ? Date.parse(inUtc(startedAt)) : (startedAt ?? NaN);
  const seconds = (Date.parse(repliedAt ?? '') - started) / 1000;
  return Number.isNaN(seconds) ? report : { ...report, runningSeconds: Math.max(0, seconds) };
}

/** `2026-11-23 12:00:00`, which would else be read by the zone of this machine. */
function inUtc(date: string): string {
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?$/.test(date) ? `${date.replace(' ', 'T')}Z` : date;
}
