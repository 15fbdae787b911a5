/** Abbreviations of time zones as in Python's `%Z`, which Dograh uses: `IST`, `CEST`, `-03`. */
import { zonesByNames } from './zone-name-table';

/** By zone, then by minutes east of Greenwich. */
let namesByZone: Map<string, ReadonlyMap<number, string>> | undefined;

/**
 * @param zone its name in the time zone database, such as `Asia/Kolkata`.
 * @param minutesEast the offset of the zone from UTC at that moment.
 * @returns the letters of the abbreviation. If the database has none for the offset, the offset in its notation:
 *   `+0545`.
 */
export function zoneName(zone: string, minutesEast: number): string {
  namesByZone ??= readNames();
  return namesByZone.get(zone.toLowerCase())?.get(minutesEast) ?? offsetName(minutesEast);
}

/** Whether a zone exists, in any case. `Intl` would throw an exception for an unknown one, which costs 70 µs. */
export function isZone(name: string): boolean {
  namesByZone ??= readNames();
  return namesByZone.has(name.toLowerCase());
}

/** The zones of the table, and the newer ones of this runtime. */
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
