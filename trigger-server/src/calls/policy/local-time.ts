/** The callee's local time, from the time zone database that Node carries in ICU and renews with each release. */
import { weekdays, type Weekday } from '@dograh-trigger/shared';

export interface LocalTime {
  day: Weekday;
  /** Minutes since local midnight. */
  minute: number;
}

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

// Kept for one minute, within which a zone's local time stays the same: a policy may ask for dozens of zones.
const localTimes = new Map<string, LocalTime>();
let heldMinute = 0;

/** The wall clock of an IANA time zone at an instant. @throws RangeError for a time zone that does not exist. */
export function localTime(timeZone: string, at: Date): LocalTime {
  const minute = Math.floor(at.getTime() / 60_000);
  if (minute !== heldMinute) {
    localTimes.clear();
    heldMinute = minute;
  }
  let found = localTimes.get(timeZone);
  if (found === undefined) {
    found = readWallClock(timeZone, at);
    localTimes.set(timeZone, found);
  }
  return found;
}

function readWallClock(timeZone: string, at: Date): LocalTime {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'long',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const textOf = (type: 'weekday' | 'hour' | 'minute') => parts.find((part) => part.type === type)?.value;
  const day = weekdays.find((weekday) => weekday === textOf('weekday')?.toLowerCase());
  if (day === undefined) throw new Error(`This build of Node cannot tell the day in ${timeZone}`);
  return { day, minute: Number(textOf('hour')) * 60 + Number(textOf('minute')) };
}
