/** How many calls a list has: in total, by outcome and by day; and how many text chats. */
import { summaryDays, type UsageSummary } from '@dograh-trigger/shared';
import type { Services } from '../services';
import { countAll } from './lists';
import { usageCriteria, type UsageQuery } from './usage';

const dayMilliseconds = 24 * 60 * 60 * 1000;

/**
 * Counts the calls that the organization's list with the same filters has.
 * @param timeZone an IANA name. The days are those of this time zone.
 * @throws Problem for filters that cannot be read or applied.
 */
export async function summarizeUsage(
  services: Pick<Services, 'config' | 'storage' | 'clock'>,
  organizationId: number,
  query: UsageQuery & { timeZone: string },
): Promise<UsageSummary> {
  const criteria = usageCriteria(services, query);
  const dateOf = datesIn(query.timeZone);
  const lastDate = dateOf(lastInstant(query.endDate, services.clock.now().toISOString()));
  const firstDate = earlier(lastDate, summaryDays - 1);
  // In UTC a day begins up to 14 hours earlier or later than in a time zone, so older minutes need no conversion.
  const firstDateInUtc = earlier(firstDate, 1);

  let total = 0;
  let textChats = 0;
  const byStatus = new Map<string, number>();
  const byDisposition = new Map<string, number>();
  const byDay = new Map<string, Map<string, number>>();
  for await (const { minute, isChat, status, disposition, count } of countAll(services, {
    organizationId,
    agentId: null,
    criteria,
  })) {
    total += count;
    if (isChat) {
      textChats += count;
      continue;
    }
    add(byStatus, status, count);
    if (disposition !== null) add(byDisposition, disposition, count);
    if (minute < firstDateInUtc) continue;
    const date = dateOf(`${minute}:00.000Z`);
    if (date < firstDate || date > lastDate) continue;
    const day = byDay.get(date) ?? new Map<string, number>();
    byDay.set(date, day);
    add(day, status, count);
  }
  return {
    total,
    text_chats: textChats,
    by_status: Object.fromEntries(byStatus),
    by_disposition: Object.fromEntries(byDisposition),
    days: [...byDay.keys()].sort().map((date) => ({
      date,
      counts: Object.fromEntries(byDay.get(date) ?? []),
    })),
  };
}

/** There are no calls after now, nor before computers kept time as a number. Years have four digits in between. */
function lastInstant(endDate: string | undefined, now: string): string {
  if (endDate === undefined || endDate > now) return now;
  return endDate < '1971' ? '1971-01-01T00:00:00.000Z' : endDate;
}

function add(counts: Map<string, number>, word: string, count: number): void {
  counts.set(word, (counts.get(word) ?? 0) + count);
}

/** @param date `2026-11-23`. */
function earlier(date: string, days: number): string {
  return new Date(Date.parse(date) - days * dayMilliseconds).toISOString().slice(0, 10);
}

/** @returns a function from an instant of the database to its date in the time zone, which it keeps per quarter of an hour. */
function datesIn(timeZone: string): (instant: string) => string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const known = new Map<number, string>();
  return (instant) => {
    // All offsets in use are whole quarters of an hour.
    const quarter = Math.floor(Date.parse(instant) / (15 * 60_000));
    let date = known.get(quarter);
    if (date === undefined) {
      const parts = format.formatToParts(quarter * 15 * 60_000);
      const valueOf = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
      date = `${valueOf('year')}-${valueOf('month')}-${valueOf('day')}`;
      known.set(quarter, date);
    }
    return date;
  };
}
