/** How long a call has lasted, by the carrier's clock alone, because ours may have been set meanwhile. */
import type { StatusReport } from '../port/report';

/**
 * Adds to the report how long the call has lasted. A report of an end, and a report without a start, stay unchanged.
 * @param startedAt the start of the call by the carrier's clock: a date (UTC if it has no zone), or milliseconds since
 * 1970.
 * @param repliedAt the `Date` header of the same reply.
 */
export function withRunningTime(
  report: StatusReport,
  startedAt: string | number | undefined,
  repliedAt: string | undefined,
): StatusReport {
  if (report.status === 'ended') return report;
  const started = typeof startedAt === 'string' ? instantOf(startedAt) : (startedAt ?? NaN);
  const seconds = (Date.parse(repliedAt ?? '') - started) / 1000;
  return Number.isNaN(seconds) ? report : { ...report, runningSeconds: Math.max(0, seconds) };
}

/**
 * How long after its run a dial may reach the carrier, in milliseconds: 5 s for a connection, 15 s for the request, and as
 * much again for clocks that differ. A call that began later is another call.
 */
export const longestDialMilliseconds = 30_000;

/** How far a carrier's clock may be behind ours, in milliseconds. A call of the dial then seems to begin before it. */
const clockToleranceMilliseconds = 5000;

/** The earliest start, by the carrier's clock, of a call that came from a dial. Carriers leave out parts of a second. */
export function earliestStart(sentAt: Date): Date {
  return new Date(Math.floor((sentAt.getTime() - clockToleranceMilliseconds) / 1000) * 1000);
}

/** Whether the call can have come from the dial that was sent then. */
export function canBeOfDial(startedAt: string | undefined, sentAt: Date): boolean {
  const started = instantOf(startedAt ?? '');
  return started >= earliestStart(sentAt).getTime() && started <= sentAt.getTime() + longestDialMilliseconds;
}

/**
 * In milliseconds since 1970. A date without a zone, e.g. `2026-11-23 12:00:00`, is read as UTC, not in the server's
 * time zone.
 */
function instantOf(date: string): number {
  return Date.parse(inUtc(date));
}

function inUtc(date: string): string {
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?$/.test(date) ? `${date.replace(' ', 'T')}Z` : date;
}
