/** Whether a call may be placed at an instant by the calling hours of a policy, and from when on. */
import { weekdays, type CallingHours, type DestinationPolicy } from '@dograh-trigger/shared';
import { calleeTimeZones, type CalleeTimeZones } from './callee-time-zones';
import type { Destination } from './destination';
import { spanAt } from './zone-offsets';

/** `opensAt`: the next full minute in which a call may be placed. Null: none within a year, or no zone is known. */
export type ClosedHours = { open: false; opensAt: Date | null } & CalleeTimeZones;

export type Opening = { open: true } | ClosedHours;

/** When a call is placed. */
export interface CallTime {
  at: Date;
  /** The callee's by the request, an IANA name; null: it names none. */
  timeZone: string | null;
}

const minutesPerDay = 24 * 60;
const minutesPerWeek = 7 * minutesPerDay;
const searchedMinutes = 366 * minutesPerDay;

/**
 * Reads the hours on the clock of each time zone that the callee may be in: they are open when they are open in all.
 * They are those of the wall clock: on a day when clocks change they may be an hour shorter or longer.
 */
export function openingOf(
  { calling_hours: hours }: DestinationPolicy,
  destination: Destination,
  { at, timeZone }: CallTime,
): Opening {
  if (hours === null) return { open: true };
  const callee = calleeTimeZones(hours, destination, timeZone);
  if (callee.zones.length === 0) return { open: false, opensAt: null, ...callee };
  const now = Math.floor(at.getTime() / 60_000);
  const minute = firstOpenMinute(hours, callee.zones, now);
  if (minute === now) return { open: true };
  return { open: false, opensAt: minute === null ? null : new Date(minute * 60_000), ...callee };
}

// Many numbers of a list have the same time zones, and a search through a year takes milliseconds.
const found = new WeakMap<CallingHours, Map<string, number | null>>();

/** The first minute (since 1970, UTC) from this one on that is open in all zones; null: none within a year. */
function firstOpenMinute(hours: CallingHours, zones: readonly string[], from: number): number | null {
  const known = found.get(hours) ?? new Map<string, number | null>();
  found.set(hours, known);
  const key = `${String(from)} ${zones.join()}`;
  let minute = known.get(key);
  if (minute === undefined) {
    minute = searchOpenMinute(hours, zones, from);
    known.set(key, minute);
  }
  return minute;
}

function searchOpenMinute(hours: CallingHours, zones: readonly string[], from: number): number | null {
  const calendar = { week: openWeek(hours), holidays: new Set(hours.holidays) };
  let minute = from;
  let openZones = 0;
  // Round the zones, until all of them in a row were open at the same minute.
  for (let index = 0; minute <= from + searchedMinutes; index += 1) {
    const opens = nextOpen(calendar, zones[index % zones.length] ?? '', minute);
    if (opens === minute) openZones += 1;
    else [openZones, minute] = [0, opens];
    if (openZones === zones.length) return minute;
  }
  return null;
}

interface Calendar {
  week: readonly Interval[];
  /** Local dates, as `2026-12-25`. */
  holidays: ReadonlySet<string>;
}

/** Minutes since Monday 00:00, `end` not included. */
interface Interval {
  begin: number;
  end: number;
}

/** When a zone may be open next: this minute exactly if it is open, else a later one up to which it is closed. */
function nextOpen({ week, holidays }: Calendar, timeZone: string, minute: number): number {
  const { offset, until } = spanAt(timeZone, minute);
  const local = minute + offset;
  const minuteOfDay = modulo(local, minutesPerDay);
  const later = (minutes: number) => Math.min(minute + minutes, until);
  if (holidays.size > 0 && holidays.has(dateOf(local))) return later(minutesPerDay - minuteOfDay);
  // 1 January 1970 was a Thursday.
  const minuteOfWeek = modulo(local + 3 * minutesPerDay, minutesPerWeek);
  const next = week.find(({ end }) => minuteOfWeek < end);
  if (next === undefined) return later(minutesPerWeek - minuteOfWeek);
  return next.begin <= minuteOfWeek ? minute : later(next.begin - minuteOfWeek);
}

/** The hours of a week as intervals, earliest begin first. Hours over midnight belong to the day on which they begin. */
function openWeek({ windows }: CallingHours): Interval[] {
  return windows
    .flatMap(({ from, to, days }) =>
      days.flatMap((day) => {
        const begin = weekdays.indexOf(day) * minutesPerDay + minutesOf(from);
        const length = modulo(minutesOf(to) - minutesOf(from), minutesPerDay) || minutesPerDay;
        const end = begin + length;
        if (end <= minutesPerWeek) return [{ begin, end }];
        return [
          { begin, end: minutesPerWeek },
          { begin: 0, end: end - minutesPerWeek },
        ];
      }),
    )
    .sort((one, other) => one.begin - other.begin);
}

function dateOf(localMinute: number): string {
  return new Date(localMinute * 60_000).toISOString().slice(0, 10);
}

/** @param time `20:30`. */
function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
