/** Parsing the phone number of a request. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  getCountries,
  getExampleNumber,
  parsePhoneNumberFromString,
  type Examples,
} from 'libphonenumber-js/max';
import { parseDestination, type Destination } from '../../../trigger-server/src/calls/policy/destination';
import { Problem } from '../../../trigger-server/src/problem';

const examples = JSON.parse(
  readFileSync(require.resolve('libphonenumber-js/examples.mobile.json'), 'utf8'),
) as Examples;
const mobileNumbers = getCountries().map((country) => getExampleNumber(country, examples)!);

function read(phoneNumber: string): Destination | Problem {
  try {
    return parseDestination(phoneNumber);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

test('a mobile number of every country is parsed unchanged', () => {
  const given = mobileNumbers.map(({ number }) => number);
  expect(given.map((number) => parseDestination(number).e164)).toEqual(given);
});

test.each([
  ['+44 07911 123456', 'prefix that is dialled only inside its country'],
  ['+1 1 900 555 0100', 'prefix that is dialled only inside its country'],
  ['+7 8 926 555 0100', 'prefix that is dialled only inside its country'],
  ['+55 0 15 21 3555 0100', 'prefix that is dialled only inside its country'],
  ['+370 8 612 34567', 'prefix that is dialled only inside its country'],
  ['+52 1 55 5555 0100', 'no longer have a 1 after the country code, nor 01, 044 or 045'],
  ['+52 01 55 5555 0100', 'Write +52 and the ten digits'],
  ['+52 044 55 5555 0100', 'Write +52 and the ten digits'],
  ['+52 045 55 5555 0100', 'Write +52 and the ten digits'],
  ['+54 11 15 2345 6789', 'Leave it out, and write a 9 after +54'],
  ['+54 0 11 15 2345 6789', 'Leave it out, and write a 9 after +54'],
  ['+54 0 11 4345 6789', 'prefix that is dialled only inside its country'],
  ['+261 2222 222', 'with its area code'],
  ['+378 886 377', 'with its area code'],
  ['+672 22 222', 'with its area code'],
  ['+52 1 55 5555 010 55', 'Check the country code and the number of digits'],
  ['+225 01 23 45 67', 'Check the country code and the number of digits'],
  ['+999123456789', 'Check the country code'],
  ['4155550100', 'must begin with +'],
])('%s is refused with its path and advice, and without the number', (phoneNumber, advice) => {
  const problem = read(phoneNumber);
  expect(problem).toMatchObject({
    kind: 'unprocessable',
    detail: [{ loc: ['body', 'phone_number'], msg: expect.stringContaining(advice), input: null }],
  });
  expect(JSON.stringify(problem)).not.toMatch(/\d{4}/);
});

test.each(['+52 55 5555 0100', '+54 9 11 2345 6789', '+54 11 4345 6789', '+225 07 01 23 45 67'])(
  '%s, in its current form, is parsed unchanged',
  (phoneNumber) => {
    expect(parseDestination(phoneNumber).e164).toBe(phoneNumber.replaceAll(' ', ''));
  },
);

test('if the advice is to leave a prefix out, a number without it is accepted', () => {
  const withPrefix = fc
    .tuple(
      fc.constantFrom(...mobileNumbers),
      fc.constantFrom('0', '1', '8', '80', '01', '044', '15', '015', '06'),
    )
    .map(([number, prefix]) => [number.countryCallingCode, `${prefix}${number.nationalNumber}`] as const);
  fc.assert(
    fc.property(withPrefix, ([code, national]) => {
      const problem = read(`+${code}${national}`);
      if (!(problem instanceof Problem) || !JSON.stringify(problem.detail).includes('Leave it out.')) return;
      const shorter = Array.from(national, (_, count) => read(`+${code}${national.slice(count + 1)}`));
      expect(shorter.some((rest) => !(rest instanceof Problem))).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('an accepted number is dialled unchanged, and no numbering plan reads it as another number', () => {
  const anything = fc.stringMatching(/^[1-9][0-9]{6,14}$/);
  const nearlyReal = fc
    .tuple(fc.constantFrom(...mobileNumbers), fc.constantFrom('', '0', '1', '8', '15', '00'))
    .map(([number, prefix]) => `${number.countryCallingCode}${prefix}${number.nationalNumber}`);
  fc.assert(
    fc.property(fc.oneof(anything, nearlyReal), (digits) => {
      const destination = read(`+${digits}`);
      if (destination instanceof Problem) return;
      expect(destination.e164).toBe(`+${digits}`);
      expect(parsePhoneNumberFromString(`+${digits}`)?.number).toBe(`+${digits}`);
    }),
    { numRuns: 2000 },
  );
});
