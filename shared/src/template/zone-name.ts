/** What a time zone is called for short, as Python's `%Z` and so Dograh has it: `IST`, `CEST`, `-03`. */
import { zonesByNames } from './zone-name-table';

/** Zone, then minutes east of Greenwich. */
let namesByZone: Map<string, ReadonlyMap<number, string>> | undefined;

/**
 * @param zone its name in the time zone database, such as `Asia/Kolkata`.
 * @param minutesEast how far its clocks are ahead of Greenwich at that moment.
 * @returns its letters; where the database has none for that offset, the offset, as the database writes it: `+0545`.
 */
export function zoneName(zone: string, minutesEast: number): string {
  namesByZone ??= readNames();
  return namesByZone.get(zone.toLowerCase())?.get(minutesEast) ?? offsetName(minutesEast);
}

/** Whether there is such a zone, in any case. To ask `Intl` is to catch an exception, which costs 70 µs. */
export function isZone(name: string): boolean {
  namesByZone ??= readNames();
  return namesByZone.has(name.toLowerCase());
}

/** The zones of the table, and those that have come since. */
function readNames(): Map<string, ReadonlyMap<number, string>> {
  const newer = Intl.supportedValuesOf('timeZone').map((zone) => [zone.toLowerCase(), new Map()] as const);
  const known = Object.entries(zonesByNames).flatMap(([text, zones]) => {
    const names = new Map(
      [...text.matchAll(/(\S+) (-?\d+)/g)].map(([, name = '', minutes]) => [Number(minutes), name]),
    );
    return zones.split(' ').map((zone) => [zone.toLowerCase(), names] as const);
  });
  return new Map([...newer, ...known]);
}

function offsetName(minutesEast: number): string {
  const minutes = Math.abs(minutesEast);
  const twoDigits = (count: number) => String(count).padStart(2, '0');
  const rest = minutes % 60 === 0 ? '' : twoDigits(minutes % 60);
  return `${minutesEast < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}${rest}`;
}
