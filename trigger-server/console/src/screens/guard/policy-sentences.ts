/** A destination policy in sentences. */
import type {
  CallingHours,
  CallingWindow,
  DestinationPolicy,
  GuardedNumberType,
  Weekday,
} from '@dograh-trigger/shared';
import { describeCode } from './calling-codes';

export const numberTypeWords: Record<GuardedNumberType, string> = {
  premium_rate: 'premium-rate numbers',
  shared_cost: 'shared-cost numbers',
  satellite: 'satellite and other international networks',
};

export const guardedTypes = Object.keys(numberTypeWords) as GuardedNumberType[];

export const dayWords: Record<Weekday, string> = {
  monday: 'Monday',
  tuesday: 'Tuesday',
  wednesday: 'Wednesday',
  thursday: 'Thursday',
  friday: 'Friday',
  saturday: 'Saturday',
  sunday: 'Sunday',
};

export const days = Object.keys(dayWords) as Weekday[];

/** Of numbers and of dates. */
const shownEntries = 5;

/** @returns what the policy says about where, when and how often, one sentence each. */
export function describePolicy(policy: DestinationPolicy): string[] {
  return [
    describeCodes(policy.allowed_calling_codes),
    ...describeTypes(policy.allowed_number_types),
    ...describeBlocked(policy.blocked_prefixes),
    ...describeHours(policy.calling_hours),
    describeLimit(policy.daily_calls_per_key),
    ...describeNumberLimit(policy.max_calls_per_number),
  ];
}

function describeCodes(codes: DestinationPolicy['allowed_calling_codes']): string {
  if (codes === null) return 'Calls may go to every country.';
  if (codes.length === 0) return 'Calls may go to no country, so no call is placed.';
  return `Calls may go to ${list(codes.map(describeCode), 'and')} only.`;
}

function describeTypes(allowed: readonly GuardedNumberType[]): string[] {
  const refused = guardedTypes.filter((type) => !allowed.includes(type));
  const words = (types: readonly GuardedNumberType[], last: 'and' | 'or') =>
    list(
      types.map((type) => numberTypeWords[type]),
      last,
    );
  return [
    ...(refused.length === 0 ? [] : [`They may not go to ${words(refused, 'or')}.`]),
    ...(allowed.length === 0 ? [] : [`They may also go to ${words(allowed, 'and')}, which cost more.`]),
  ];
}

function describeBlocked(prefixes: readonly string[]): string[] {
  if (prefixes.length === 0) return [];
  const shown = prefixes.slice(0, shownEntries);
  const others = prefixes.length - shown.length;
  return [
    `Never called: numbers that begin with ${list(others === 0 ? shown : [...shown, `one of ${others} more`], 'or')}.`,
  ];
}

function describeHours(hours: CallingHours | null): string[] {
  if (hours === null) return ['Calls may be placed at any time.'];
  const zone =
    hours.time_zone === null
      ? 'by the callee’s clock; if several time zones are possible, in all of them'
      : `by the clock of ${hours.time_zone}`;
  return [
    `Calls may be placed ${list(hours.windows.map(describeWindow), 'and')}, ${zone}.`,
    ...describeHolidays(hours.holidays),
  ];
}

function describeWindow({ from, to, days: chosen }: CallingWindow): string {
  return `from ${from} to ${to < from ? `${to} on the next day` : to}, ${describeDays(chosen)}`;
}

function describeHolidays(dates: readonly string[]): string[] {
  if (dates.length === 0) return [];
  const shown = dates.slice(0, shownEntries);
  const others = dates.length - shown.length;
  return [
    `No calls on ${list(others === 0 ? shown : [...shown, others === 1 ? 'one more date' : `${others} more dates`], 'and')}.`,
  ];
}

/** Neighbouring days are one range: `Monday to Friday and Sunday`. */
function describeDays(chosen: readonly Weekday[]): string {
  if (days.every((day) => chosen.includes(day))) return 'every day';
  const ranges: Weekday[][] = [];
  for (const day of days.filter((one) => chosen.includes(one))) {
    const range = ranges.at(-1);
    const before = days[days.indexOf(day) - 1];
    if (range !== undefined && range.at(-1) === before) range.push(day);
    else ranges.push([day]);
  }
  return list(ranges.flatMap(describeRange), 'and');
}

function describeRange(range: readonly Weekday[]): string[] {
  const [first] = range;
  const last = range.at(-1);
  if (first === undefined || last === undefined) return [];
  if (range.length < 3) return range.map((day) => dayWords[day]);
  return [`${dayWords[first]} to ${dayWords[last]}`];
}

function describeLimit(limit: number | null): string {
  if (limit === null) return 'An API key may place any number of calls.';
  return `An API key may place ${limit === 1 ? 'one call' : `${limit.toLocaleString('en')} calls`} a day (UTC).`;
}

function describeNumberLimit(limit: DestinationPolicy['max_calls_per_number']): string[] {
  if (limit === null) return [];
  const often = limit.calls === 1 ? 'once' : `${limit.calls.toLocaleString('en')} times`;
  return [`A number may be called ${often} within ${windowWords(limit.window)}.`];
}

const unitWords: Record<string, string> = { W: 'week', D: 'day', H: 'hour', M: 'minute', S: 'second' };

/** `P1D` -> `24 hours`; `P1DT12H` -> `1 day and 12 hours`. One day alone could be taken for a day of the calendar. */
export function windowWords(window: string): string {
  if (window === 'P1D') return '24 hours';
  const parts = [...window.matchAll(/(\d+)([WDHMS])/g)].map(
    ([, count = '', unit = '']) => `${count} ${unitWords[unit] ?? unit}${count === '1' ? '' : 's'}`,
  );
  return list(parts, 'and');
}

function list(parts: readonly string[], last: 'and' | 'or'): string {
  return new Intl.ListFormat('en', { type: last === 'and' ? 'conjunction' : 'disjunction' }).format(parts);
}
