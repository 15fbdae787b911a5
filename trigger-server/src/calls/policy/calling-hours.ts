/** Whether a call may be placed at this time of day. */
import { weekdays, type CallingHours } from '@dograh-trigger/shared';
import { localTime, timeZonesOf, type LocalTime } from './local-time';

/** `unknown`: the hours name no time zone, and the number belongs to no country whose time is known. */
export type CallingHoursAnswer = 'open' | 'closed' | 'unknown';

/**
 * Reads the hours on the clock of the policy's time zone, or else on the callee's. A number tells its country and no
 * more (a mobile or ported number tells nothing about where its owner is), so in a country with several time zones the
 * hours must be open in each; likewise where the number could belong to several countries.
 * The hours are those of the wall clock: on a day when clocks change they are an hour shorter or longer.
 * @param countries ISO 3166 codes of the countries that the number could belong to.
 */
export function checkCallingHours(
  hours: CallingHours,
  countries: readonly string[],
  now: Date,
): CallingHoursAnswer {
  const zones = hours.time_zone === null ? countries.map(timeZonesOf) : [[hours.time_zone]];
  if (zones.length === 0 || zones.some((ofCountry) => ofCountry.length === 0)) return 'unknown';
  return zones.flat().every((zone) => isOpen(hours, localTime(zone, now))) ? 'open' : 'closed';
}

/** Hours over midnight belong to the day on which they begin. */
function isOpen({ from, to, days }: CallingHours, { day, minute }: LocalTime): boolean {
  const begin = minutesOf(from);
  const end = minutesOf(to);
  if (begin < end) return days.includes(day) && begin <= minute && minute < end;
  return (days.includes(day) && begin <= minute) || (days.includes(dayBefore(day)) && minute < end);
}

function dayBefore(day: LocalTime['day']): LocalTime['day'] {
  return weekdays.at(weekdays.indexOf(day) - 1) ?? day;
}

/** @param time `20:30`. */
function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
