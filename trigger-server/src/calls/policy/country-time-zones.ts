/** The time zones of a country, from the time zone database that Node carries in ICU and renews with each release. */

/** An accessor in Node 20, a method in the later standard: https://github.com/tc39/proposal-intl-locale-info */
interface LocaleWithTimeZones extends Intl.Locale {
  readonly timeZones?: string[];
  getTimeZones?(): string[] | undefined;
}

/**
 * Regions that have calling codes but no entry in the database's `zone.tab`: Ascension and Tristan da Cunha, which
 * keep the time of Saint Helena, and Kosovo, which keeps Central European Time.
 */
const zonesBeyondTheTable: Record<string, string[]> = {
  AC: ['Atlantic/St_Helena'],
  TA: ['Atlantic/St_Helena'],
  XK: ['Europe/Belgrade'],
};

const zonesByCountry = new Map<string, readonly string[]>();

/**
 * The IANA time zones of a country, after `zone.tab` of the time zone database.
 * @param country an ISO 3166 code, as libphonenumber gives it.
 * @returns an empty list where they are not known.
 */
export function timeZonesOf(country: string): readonly string[] {
  const known = zonesByCountry.get(country);
  if (known !== undefined) return known;
  const locale: LocaleWithTimeZones = new Intl.Locale(`und-${country}`);
  const zones = zonesBeyondTheTable[country] ?? locale.getTimeZones?.() ?? locale.timeZones ?? [];
  zonesByCountry.set(country, zones);
  return zones;
}
