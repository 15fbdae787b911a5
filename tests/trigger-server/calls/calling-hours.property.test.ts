/** Calling hours, compared with the offsets of the time zone database, across midnight and clock changes. */
import { destinationPolicy, weekdays, type CallingHours } from '@dograh-trigger/shared';
import fc from 'fast-check';
import { getCountries } from 'libphonenumber-js/max';
import { openingOf, type Opening } from '../../../trigger-server/src/calls/policy/calling-hours';
import { timeZonesOf } from '../../../trigger-server/src/calls/policy/country-time-zones';
import { parseDestination } from '../../../trigger-server/src/calls/policy/destination';

const everyDay = [...weekdays];
const minutesPerDay = 24 * 60;
const minutesPerWeek = 7 * minutesPerDay;
const anyNumber = parseDestination('+14155550100');

/** What the hours say of a call at this instant; to another number than this, or with a time zone, if one is named. */
function openingAt(
  hours: Partial<CallingHours>,
  at: Date,
  { number = anyNumber, timeZone = null as string | null } = {},
) {
  const policy = destinationPolicy.parse({ calling_hours: hours });
  return openingOf(policy, number, { at, timeZone });
}

function opensAt(opening: Opening): string | null {
  if (opening.open) throw new Error('It is open');
  return opening.opensAt?.toISOString() ?? null;
}

function timeOf(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** The wall clock as if it were UTC, by the clock of Node. */
function wallClock(timeZone: string, at: Date): Date {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    hourCycle: 'h23',
  }).formatToParts(at);
  const valueOf = (name: string) => Number(parts.find(({ type }) => type === name)!.value);
  return new Date(
    Date.UTC(valueOf('year'), valueOf('month') - 1, valueOf('day'), valueOf('hour'), valueOf('minute')),
  );
}

/** Whether the hours are open, one window and one day after another. */
function isOpen(hours: CallingHours, timeZone: string, at: Date): boolean {
  const local = wallClock(timeZone, at);
  if (hours.holidays.includes(local.toISOString().slice(0, 10))) return false;
  // Sunday is 0 there.
  const minute =
    ((local.getUTCDay() + 6) % 7) * minutesPerDay + local.getUTCHours() * 60 + local.getUTCMinutes();
  const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  return hours.windows.some(({ from, to, days }) => {
    const length = (minutes(to) - minutes(from) + minutesPerDay) % minutesPerDay || minutesPerDay;
    return days.some((day) => {
      const begin = weekdays.indexOf(day) * minutesPerDay + minutes(from);
      return (minute - begin + minutesPerWeek) % minutesPerWeek < length;
    });
  });
}

const zones = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
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

const someWindow = fc
  .record({
    begin: fc.integer({ min: 0, max: 1439 }),
    end: fc.integer({ min: 0, max: 1440 }),
    days: fc.subarray(everyDay, { minLength: 1 }),
  })
  .filter(({ begin, end }) => begin !== end)
  .map(({ begin, end, days }) => ({ from: timeOf(begin), to: timeOf(end), days }));

const someHours = fc.record({
  windows: fc.array(someWindow, { minLength: 1, maxLength: 4 }),
  holidays: fc.subarray(['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-25', '2026-10-26']),
  time_zone: zones,
});

test('hours are open exactly in the minutes that a window covers and no holiday', () => {
  fc.assert(
    fc.property(someHours, instants, (hours, at) => {
      expect(openingAt(hours, at).open).toBe(isOpen(hours, hours.time_zone, at));
    }),
    { numRuns: 2000 },
  );
});

test('they open at the first minute that is open in every possible time zone, and not a minute earlier', () => {
  const russia = parseDestination('+79161234567');
  const america = parseDestination('+18005550100');
  fc.assert(
    fc.property(someHours, instants, fc.constantFrom(russia, america, anyNumber), (given, at, number) => {
      const hours = { ...given, time_zone: null };
      const opening = openingAt(hours, at, { number });
      fc.pre(!opening.open);
      const isOpenInAll = (minute: number) =>
        opening.zones.every((zone) => isOpen(hours, zone, new Date(minute * 60_000)));
      const begin = Math.floor(at.getTime() / 60_000);
      const found = opening.opensAt === null ? Infinity : opening.opensAt.getTime() / 60_000;
      if (opening.opensAt !== null) {
        expect(isOpenInAll(found)).toBe(true);
        expect(isOpenInAll(found - 1)).toBe(false);
      }
      // Every minute would take too long: each quarter of an hour of two days before it.
      for (let minute = begin; minute < Math.min(found, begin + 2 * minutesPerDay); minute += 15) {
        expect(isOpenInAll(minute)).toBe(false);
      }
    }),
    { numRuns: 60 },
  );
});

test('every country with phone numbers has time zones whose clock Node knows', () => {
  for (const country of getCountries()) {
    const zonesOfCountry = timeZonesOf(country);
    expect({ country, zones: zonesOfCountry.length }).not.toEqual({ country, zones: 0 });
    for (const timeZone of zonesOfCountry) expect(() => wallClock(timeZone, new Date())).not.toThrow();
  }
});

describe('on the days when clocks change', () => {
  const night = { windows: [{ from: '01:30', to: '02:30', days: everyDay }], time_zone: 'Europe/Berlin' };
  test('in spring, hours that begin before the missing hour end with it', () => {
    // 29 March 2026, 01:00 UTC: Berlin goes from 02:00 to 03:00.
    expect(openingAt(night, new Date('2026-03-29T00:59:00Z')).open).toBe(true);
    expect(opensAt(openingAt(night, new Date('2026-03-29T01:00:00Z')))).toBe('2026-03-29T23:30:00.000Z');
  });

  test('in spring, hours within the missing hour do not take place', () => {
    const missing = { ...night, windows: [{ from: '02:00', to: '03:00', days: everyDay }] };
    expect(opensAt(openingAt(missing, new Date('2026-03-29T00:00:00Z')))).toBe('2026-03-30T00:00:00.000Z');
  });

  test('in autumn, hours within the repeated hour take place twice', () => {
    // 25 October 2026, 01:00 UTC: Berlin goes from 03:00 to 02:00.
    expect(opensAt(openingAt(night, new Date('2026-10-25T00:30:00Z')))).toBe('2026-10-25T01:00:00.000Z');
    expect(openingAt(night, new Date('2026-10-25T01:29:00Z')).open).toBe(true);
    expect(opensAt(openingAt(night, new Date('2026-10-25T01:30:00Z')))).toBe('2026-10-26T00:30:00.000Z');
  });
});

test('a holiday closes its date from midnight to midnight on the callee’s clock', () => {
  const hours = { windows: [{ from: '00:00', to: '24:00', days: everyDay }], holidays: ['2026-12-25'] };
  const berlin = parseDestination('+493012345678');
  const at = (text: string) => openingAt(hours, new Date(text), { number: berlin });
  expect(at('2026-12-24T22:59:00Z').open).toBe(true);
  expect(opensAt(at('2026-12-24T23:00:00Z'))).toBe('2026-12-25T23:00:00.000Z');
  expect(at('2026-12-25T23:00:00Z').open).toBe(true);
});

test('hours that holidays close for a year never open', () => {
  const holidays = Array.from({ length: 400 }, (_, day) =>
    new Date(Date.UTC(2026, 0, 1) + day * 86_400_000).toISOString().slice(0, 10),
  );
  const windows = [{ from: '09:00', to: '17:00', days: everyDay }];
  expect(opensAt(openingAt({ windows, holidays }, new Date('2026-01-02T12:00:00Z')))).toBeNull();
});

describe('the time zones of the callee', () => {
  const windows = [{ from: '09:00', to: '17:00', days: everyDay }];
  const zonesOf = (phoneNumber: string, timeZone: string | null, ofPolicy: string | null = null) => {
    const number = parseDestination(phoneNumber);
    const hours = { windows: [{ from: '03:00', to: '03:01', days: everyDay }], time_zone: ofPolicy };
    const opening = openingAt(hours, new Date('2026-06-15T12:30:30Z'), { number, timeZone });
    return opening.open ? null : { zones: opening.zones, source: opening.source };
  };

  test('are the policy’s, else the request’s, else those of the area code, else those of the country', () => {
    const number = '+14155550100';
    expect(zonesOf(number, 'Asia/Tokyo', 'Europe/Berlin')).toEqual({
      zones: ['Europe/Berlin'],
      source: 'policy',
    });
    expect(zonesOf(number, 'Asia/Tokyo')).toEqual({ zones: ['Asia/Tokyo'], source: 'request' });
    expect(zonesOf(number, null)).toEqual({ zones: ['America/Los_Angeles'], source: 'prefix' });
    expect(zonesOf('+34612345678', null)).toEqual({ zones: timeZonesOf('ES'), source: 'country' });
    expect(zonesOf('+80012345678', null)).toEqual({ zones: [], source: null });
  });

  // Minutes of the day by the quarter: every time zone and every hour of the policy has whole quarters.
  test.each([
    ['San Francisco', '+14155550100', 8],
    ['Idaho', '+12085550100', 7],
    ['United States, toll-free', '+18005550100', 3],
    ['Toronto', '+14165550100', 8],
    ['Moscow', '+74951234567', 8],
    ['Vladivostok', '+74232123456', 8],
    ['Russia, mobile', '+79161234567', 0],
    ['Kazakhstan, mobile', '+77012345678', 8],
    ['Sydney', '+61282000000', 8],
    ['Australia, mobile', '+61412345678', 5],
    ['São Paulo, mobile', '+5511912345678', 8],
    ['Mexico City', '+525512345678', 8],
    ['China, mobile', '+8613812345678', 8],
    ['Indonesia, mobile', '+62811234567', 7],
    ['Madrid', '+34911234567', 8],
    ['Spain, mobile', '+34612345678', 7],
    ['United Kingdom, mobile', '+447400123456', 8],
    ['Germany, mobile', '+4915112345678', 8],
  ])('%s (%s) has %d callable hours a day with 09:00 to 17:00', (_place, phoneNumber, hours) => {
    const number = parseDestination(phoneNumber);
    let quarters = 0;
    for (let quarter = 0; quarter < 96; quarter += 1) {
      const at = new Date(Date.UTC(2026, 10, 23) + quarter * 15 * 60_000);
      if (openingAt({ windows }, at, { number }).open) quarters += 1;
    }
    expect(quarters / 4).toBe(hours);
  });
});
