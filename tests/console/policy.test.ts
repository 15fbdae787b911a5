/** The destination policy in sentences, and its form. */
import { destinationPolicy, type DestinationPolicy } from '@dograh-trigger/shared';
import { getCountries, getCountryCallingCode } from 'libphonenumber-js/max';
import { countriesByCode, describeCode } from '../../trigger-server/console/src/screens/guard/calling-codes';
import { draftOf, errorAt, policyToSend } from '../../trigger-server/console/src/screens/guard/policy-draft';
import { describePolicy } from '../../trigger-server/console/src/screens/guard/policy-sentences';

function policy(changes: Partial<DestinationPolicy> = {}): DestinationPolicy {
  return { ...destinationPolicy.parse({}), ...changes };
}

describe('calling codes', () => {
  test('each has exactly the countries of the numbering plans', () => {
    const known = new Map<string, string[]>();
    for (const country of getCountries()) {
      const code = getCountryCallingCode(country);
      known.set(code, [...(known.get(code) ?? []), country].sort());
    }
    const named = new Map([...countriesByCode].map(([code, countries]) => [code, [...countries].sort()]));
    expect(Object.fromEntries(named)).toEqual(Object.fromEntries(known));
  });

  test('are named by their main countries; a code of no country stands alone', () => {
    expect(describeCode('49')).toBe('+49 (Germany)');
    expect(describeCode('7')).toBe('+7 (Russia and Kazakhstan)');
    expect(describeCode('1')).toBe('+1 (United States, Canada and 23 others)');
    expect(describeCode('870')).toBe('+870');
  });
});

describe('the sentences', () => {
  test('of the default policy say that only expensive numbers are refused', () => {
    expect(describePolicy(policy())).toEqual([
      'Calls may go to every country.',
      'They may not go to premium-rate numbers, shared-cost numbers, or satellite and other international networks.',
      'Calls may be placed at any time.',
      'An API key may place any number of calls.',
    ]);
  });

  test('name the countries, the blocked prefixes, the hours and the limit', () => {
    const strict = policy({
      allowed_calling_codes: ['49', '43'],
      allowed_number_types: ['shared_cost'],
      blocked_prefixes: ['+4970', '+4930555'],
      calling_hours: {
        windows: [
          { from: '09:00', to: '12:30', days: ['monday', 'tuesday', 'wednesday', 'friday', 'sunday'] },
          { from: '14:00', to: '20:00', days: ['monday'] },
        ],
        holidays: ['2026-12-25', '2027-01-01'],
        time_zone: 'Europe/Berlin',
      },
      daily_calls_per_key: 1000,
      max_calls_per_number: { calls: 3, window: 'P1D' },
    });
    expect(describePolicy(strict)).toEqual([
      'Calls may go to +49 (Germany) and +43 (Austria) only.',
      'They may not go to premium-rate numbers or satellite and other international networks.',
      'They may also go to shared-cost numbers, which cost more.',
      'Never called: numbers that begin with +4970 or +4930555.',
      'Calls may be placed from 09:00 to 12:30, Monday to Wednesday, Friday, and Sunday and from 14:00 to 20:00, Monday, by the clock of Europe/Berlin.',
      'No calls on 2026-12-25 and 2027-01-01.',
      'An API key may place 1,000 calls a day (UTC).',
      'A number may be called 3 times within 24 hours.',
    ]);
  });

  test('say that an empty list of calling codes allows no call', () => {
    expect(describePolicy(policy({ allowed_calling_codes: [] }))[0]).toBe(
      'Calls may go to no country, so no call is placed.',
    );
  });

  test('count the blocked prefixes that are too many to name', () => {
    const blocked = Array.from({ length: 8 }, (_, digit) => `+4930555${digit}`);
    expect(describePolicy(policy({ blocked_prefixes: blocked }))[2]).toContain('or one of 3 more');
  });

  test.each([
    ['PT1H', '1 hour'],
    ['P7D', '7 days'],
    ['P1DT12H30M', '1 day, 12 hours, and 30 minutes'],
    ['P2W', '2 weeks'],
  ])('say how long %s is', (window, words) => {
    const sentences = describePolicy(policy({ max_calls_per_number: { calls: 1, window } }));
    expect(sentences).toContain(`A number may be called once within ${words}.`);
  });

  test('say that hours over midnight end on the next day', () => {
    const days = ['saturday'] as const;
    const windows = [{ from: '22:00', to: '02:00', days: [...days] }];
    const hours = { windows, holidays: [], time_zone: null };
    expect(describePolicy(policy({ calling_hours: hours }))[2]).toContain(
      'from 22:00 to 02:00 on the next day, Saturday, by the callee’s clock',
    );
  });
});

describe('the form', () => {
  test.each([
    policy(),
    policy({
      allowed_calling_codes: ['1', '44'],
      allowed_number_types: ['satellite'],
      blocked_prefixes: ['+1415555', '+4470'],
      calling_hours: {
        windows: [
          { from: '09:00', to: '12:00', days: ['monday'] },
          { from: '13:00', to: '24:00', days: ['monday', 'sunday'] },
        ],
        holidays: ['2026-12-25'],
        time_zone: 'Asia/Tokyo',
      },
      daily_calls_per_key: 5,
      max_calls_per_number: { calls: 1, window: 'PT36H' },
    }),
  ])('saves an untouched policy as it was', (before) => {
    expect(destinationPolicy.parse(policyToSend(draftOf(before)))).toEqual(before);
  });

  test('takes numbers as people write them', () => {
    const draft = {
      ...draftOf(policy()),
      onlyTheseCodes: true,
      codes: '+1, 44;49',
      blocked: '+1 (415) 555\n\n+44 70',
    };
    expect(destinationPolicy.parse(policyToSend(draft))).toMatchObject({
      allowed_calling_codes: ['1', '44', '49'],
      blocked_prefixes: ['+1415555', '+4470'],
    });
  });

  test('leaves what is not a number to the server, which refuses it', () => {
    const sent = policyToSend({ ...draftOf(policy()), dailyCalls: 'ten' });
    expect(destinationPolicy.safeParse(sent).success).toBe(false);
  });

  test('shows at a list which entry is wrong', () => {
    const errors = new Map([
      ['blocked_prefixes.2', 'Write digits'],
      ['calling_hours.windows.1.to', 'Write a time'],
    ]);
    expect(errorAt(errors, 'blocked_prefixes')).toBe('Entry 3: Write digits');
    expect(errorAt(errors, 'calling_hours.windows.1.to')).toBe('Write a time');
    expect(errorAt(errors, 'calling_hours.windows.0.to')).toBeUndefined();
  });
});
