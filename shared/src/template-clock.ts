/** The built-in template values: `current_time` and `current_weekday`, each also as `_<IANA zone>`. */

interface ClockName {
  kind: 'current_time' | 'current_weekday';
  /** `null` for the bare name. */
  zone: string | null;
}

/** Whether a name is built in. An unknown zone makes it an ordinary name, which the context may hold. */
export function isClockName(name: string): boolean {
  return parseClockName(name) !== null;
}

/**
 * The built-in values of one template string.
 *
 * @param names Every name in that string: a bare name takes the first zone among them, else UTC.
 * @returns A function from a name to its value, for example `2026-08-22 09:04:05 UTC` or the day's English name.
 *   It gives `undefined` for a name that is not built in.
 */
export function templateClock(names: readonly string[], now: Date): (name: string) => string | undefined {
  // Looked for once: a template may hold thousands of names.
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
  const [, kind, zone] = /^(current_time|current_weekday)(?:_(.+))?$/s.exec(name) ?? [];
  if (kind !== 'current_time' && kind !== 'current_weekday') return null;
  if (zone === undefined) return { kind, zone: null };
  return isZone(zone) ? { kind, zone } : null;
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return true;
  } catch {
    // Intl has no other way to ask; it throws a RangeError for a name it does not know.
    return false;
  }
}

function weekday(zone: string, now: Date): string {
  return new Intl.DateTimeFormat('en-US', { timeZone: zone, weekday: 'long' }).format(now);
}

/** Python's `%Y-%m-%d %H:%M:%S %Z`. */
function time(zone: string, now: Date): string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
  const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
  const { year = '', month = '', day = '', hour = '', minute = '', second = '', timeZoneName = '' } = parts;
  return `${year}-${month}-${day} ${hour}:${minute}:${second} ${timeZoneName}`;
}
