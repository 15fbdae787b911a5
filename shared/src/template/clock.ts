/** The built-in template values: `current_time` and `current_weekday`, each also as `_<IANA zone>`. */
import { isZone, zoneName } from './zone-name';

interface ClockName {
  kind: 'current_time' | 'current_weekday';
  /** `null` for the bare name. */
  zone: string | null;
}

/** Whether a name is built in. With an unknown zone it is an ordinary name of the context. */
export function isClockName(name: string): boolean {
  return parseClockName(name) !== null;
}

/**
 * The built-in values for one template string.
 *
 * @param names Every name in that string. A bare name uses the first zone among them, or UTC.
 * @returns A function from a name to its value, for example `2026-08-22 09:04:05 UTC` or the day's English name. It
 *   returns `undefined` for a name that is not built in.
 */
export function templateClock(names: readonly string[], now: Date): (name: string) => string | undefined {
  // Computed once: a template may contain thousands of names.
  let defaultZone: string | undefined;
  return (name) => {
    const clock = parseClockName(name);
    if (!clock) return undefined;
    const zone = clock.zone ?? (defaultZone ??= firstZone(names) ?? 'UTC');
    return clock.kind === 'current_weekday' ? weekday(zone, now) : time(zone, now);
  };
}

function firstZone(names: readonly string[]): string | undefined {
  for (const name of names) {
    const zone = parseClockName(name)?.zone;
    if (zone) return zone;
  }
  return undefined;
}

function parseClockName(name: string): ClockName | null {
  if (!name.startsWith('current_')) return null;
  const [, kind, zone] = /^(current_time|current_weekday)(?:_(.+))?$/s.exec(name) ?? [];
  if (kind !== 'current_time' && kind !== 'current_weekday') return null;
  if (zone === undefined) return { kind, zone: null };
  return formatOf(zone) === null ? null : { kind, zone };
}

/**
 * By zone, in lower case. Creating a format takes twenty times as long as using it, and 7 kB. The number of zones
 * bounds the cache.
 */
const formats = new Map<string, Intl.DateTimeFormat | null>();

/** Null for an unknown zone. As in Python, an offset is not a zone. */
function formatOf(zone: string): Intl.DateTimeFormat | null {
  if (!isZone(zone)) return null;
  const key = zone.toLowerCase();
  let format = formats.get(key);
  if (format === undefined) {
    format = makeFormat(zone);
    formats.set(key, format);
  }
  return format;
}

function makeFormat(zone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      weekday: 'long',
    });
  } catch {
    // The zone is newer than this runtime: Intl throws a RangeError.
    return null;
  }
}

function wallClock(zone: string, now: Date): Partial<Record<Intl.DateTimeFormatPartTypes, string>> {
  const parts = formatOf(zone)?.formatToParts(now) ?? [];
  return Object.fromEntries(parts.map(({ type, value }) => [type, value]));
}

function weekday(zone: string, now: Date): string {
  return wallClock(zone, now).weekday ?? '';
}

/** Python's `%Y-%m-%d %H:%M:%S %Z`. */
function time(zone: string, now: Date): string {
  const { year = '', month = '', day = '', hour = '', minute = '', second = '' } = wallClock(zone, now);
  const shown = Date.UTC(+year, +month - 1, +day, +hour, +minute, +second);
  const minutesEast = Math.round((shown - now.getTime()) / 60_000);
  return `${year}-${month}-${day} ${hour}:${minute}:${second} ${zoneName(zone, minutesEast)}`;
}
