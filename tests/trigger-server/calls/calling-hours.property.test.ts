/** Calling hours, compared with the offsets of the time zone database, across midnight and clock changes. */
import { weekdays, type CallingHours } from '@dograh-trigger/shared';
import fc from 'fast-check';
import { getCountries } from 'libphonenumber-js/max';
import { checkCallingHours } from '../../../trigger-server/src/calls/policy/calling-hours';
import { localTime, timeZonesOf } from '../../../trigger-server/src/calls/policy/local-time';

const everyDay = [...weekdays];
const minutesPerWeek = 7 * 24 * 60;

function timeOf(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** Minutes since Monday 00:00 on the wall clock, by adding the zone's offset to UTC. */
function minuteOfWeek(timeZone: string, at: Date): number {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(at);
  const offset = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(
    parts.find(({ type }) => type === 'timeZoneName')!.value,
  )!;
  const minutes = Number(offset[2] ?? 0) * 60 + Number(offset[3] ?? 0);
  const local = at.getTime() / 60_000 + (offset[1] === '-' ? -minutes : minutes);
  // 1 January 1970 was a Thursday.
  return (((Math.floor(local) + 3 * 24 * 60) % minutesPerWeek) + minutesPerWeek) % minutesPerWeek;
}

/** Whether the minute of the week is within the hours of any day. */
function isInWeek(hours: CallingHours, minute: number): boolean {
  const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  const length = (minutes(hours.to) - minutes(hours.from) + 24 * 60) % (24 * 60) || 24 * 60;
  return hours.days.some((day) => {
    const begin = weekdays.indexOf(day) * 24 * 60 + minutes(hours.from);
    return (minute - begin + minutesPerWeek) % minutesPerWeek < length;
  });
}

const zones = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Pacific/Honolulu',
);

// Instants near a clock change in one of these zones, and at any time.
const changes = ['2026-03-08T07:00Z', '2026-03-29T01:00Z', '2026-04-04T15:00Z', '2026-10-25T01:00Z'];
const instants = fc.oneof(
  fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true }),
  fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -180, max: 180 }))
    .map(([change, minutes]) => new Date(Date.parse(change) + minutes * 60_000)),
);

const someHours = fc
  .record({
    begin: fc.integer({ min: 0, max: 1439 }),
    end: fc.integer({ min: 0, max: 1440 }),
    days: fc.subarray(everyDay, { minLength: 1 }),
    time_zone: zones,
  })
  .filter(({ begin, end }) => begin !== end)
  .map(({ begin, end, ...rest }) => ({ from: timeOf(begin), to: timeOf(end), ...rest }));

test('hours are open exactly in the minutes of the week that they describe', () => {
  fc.assert(
    fc.property(someHours, instants, (hours, at) => {
      const expected = isInWeek(hours, minuteOfWeek(hours.time_zone, at)) ? 'open' : 'closed';
      expect(checkCallingHours(hours, [], at)).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});

test('hours and their complement are never both open or both closed', () => {
  fc.assert(
    fc.property(someHours, instants, (given, at) => {
      fc.pre(given.to !== '24:00');
      const hours = { ...given, days: everyDay };
      const others = { ...hours, from: hours.to, to: hours.from };
      expect(checkCallingHours(others, [], at)).not.toBe(checkCallingHours(hours, [], at));
    }),
  );
});

test('for several time zones, in one country or in several, hours are open only if they are open in every zone', () => {
  const countries = fc.subarray(['US', 'CA', 'RU', 'BR', 'AU', 'DE', 'IN', 'XK'], { minLength: 1 });
  fc.assert(
    fc.property(someHours, countries, instants, (given, codes, at) => {
      const hours = { ...given, time_zone: null };
      const answers = codes
        .flatMap((code) => timeZonesOf(code))
        .map((time_zone) => checkCallingHours({ ...given, time_zone }, [], at));
      const expected = answers.includes('closed') ? 'closed' : 'open';
      expect(checkCallingHours(hours, codes, at)).toBe(expected);
    }),
  );
});

test('every country with phone numbers has time zones with a known local time', () => {
  const at = new Date('2026-11-23T12:00:00Z');
  for (const country of getCountries()) {
    const zonesOfCountry = timeZonesOf(country);
    expect({ country, zones: zonesOfCountry.length }).not.toEqual({ country, zones: 0 });
    for (const zone of zonesOfCountry) {
      const { day, minute } = localTime(zone, at);
      expect(weekdays.indexOf(day) * 24 * 60 + minute).toBe(minuteOfWeek(zone, at));
    }
  }
});

test('a number without a country has calling hours only if the policy names a time zone', () => {
  const hours = { from: '00:00', to: '24:00', days: everyDay, time_zone: null };
  const at = new Date('2026-11-23T12:00:00Z');
  expect(checkCallingHours(hours, [], at)).toBe('unknown');
  expect(checkCallingHours({ ...hours, time_zone: 'UTC' }, [], at)).toBe('open');
});
