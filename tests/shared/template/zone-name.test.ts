/**
 * Zones have the same abbreviations as in Python, and so as in Dograh. `zone-names.json` was written by Python
 * (zoneinfo, tzdata 2025b):
 *
 * at = [datetime(2026, month, 15, 12, 30, 45, tzinfo=timezone.utc) for month in (1, 7)] {zone:
 * [t.astimezone(ZoneInfo(zone)).strftime('%Y-%m-%d %H:%M:%S %Z') for t in at] for zone in available_timezones()}
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listTextVariables, renderText } from '@dograh-trigger/shared';
import { zoneName } from '../../../shared/src/template/zone-name';

const vectors = JSON.parse(readFileSync(join(__dirname, 'zone-names.json'), 'utf8')) as Record<
  string,
  [string, string]
>;
const winter = new Date('2026-01-15T12:30:45.678Z');
const summer = new Date('2026-07-15T12:30:45.678Z');
const timeIn = (zone: string, now: Date) => renderText(`{{current_time_${zone}}}`, {}, { now });

test('every time zone of Python is shown as Python shows it, in winter and in summer', () => {
  const zones = Object.keys(vectors);
  expect(zones.length).toBeGreaterThan(590);
  const shown = zones.map((zone) => [zone, [timeIn(zone, winter), timeIn(zone, summer)]] as const);
  expect(Object.fromEntries(shown)).toEqual(vectors);
});

test('Python has every time zone of this Node', () => {
  const unknown = Intl.supportedValuesOf('timeZone').filter((zone) => vectors[zone] === undefined);
  expect(unknown).toEqual([]);
});

test('a zone written in another case is the same zone', () => {
  expect(timeIn('asia/kolkata', winter)).toBe('2026-01-15 18:00:45 IST');
});

test.each([
  ['Europe/Berlin', 180, '+03'],
  ['Nowhere/New', 345, '+0545'],
  ['Nowhere/New', -570, '-0930'],
  ['Nowhere/New', 0, '+00'],
])('an offset of %s that is not in the table is a number: %i minutes are %s', (zone, minutes, name) => {
  expect(zoneName(zone, minutes)).toBe(name);
});

test('an offset is not a zone, as in Python', () => {
  expect(timeIn('+05:30', winter)).toBe('');
});

describe('a format is created once for each zone', () => {
  function formatsFor(make: () => unknown): number {
    const format = jest.spyOn(Intl, 'DateTimeFormat');
    try {
      make();
      return format.mock.calls.length;
    } finally {
      format.mockRestore();
    }
  }

  test('however often a text contains it', () => {
    const text = '{{current_time_Asia/Tokyo}} {{current_weekday_Indian/Maldives}}'.repeat(500);
    expect(formatsFor(() => renderText(text, {}, { now: winter }))).toBeLessThanOrEqual(2);
  });

  test('in whatever case it is written', () => {
    const spellings = ['Asia/Tashkent', 'asia/tashkent', 'ASIA/TASHKENT', 'aSIA/tASHKENT'];
    expect(formatsFor(() => spellings.map((zone) => timeIn(zone, winter)))).toBeLessThanOrEqual(1);
  });

  test('and none for an unknown zone', () => {
    expect(formatsFor(() => listTextVariables('{{current_time_a}} {{current_time_Europe/Nowhere}}'))).toBe(0);
  });
});
