/** Reading the number of a request. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  getCountries,
  getExampleNumber,
  parsePhoneNumberFromString,
  type Examples,
} from 'libphonenumber-js/max';
import { parseDestination, type Destination } from '../../../trigger-server/src/calls/destination';
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

test('a mobile number of every country is read as it stands', () => {
  const given = mobileNumbers.map(({ number }) => number);
  expect(given.map((number) => parseDestination(number).e164)).toEqual(given);
});

test.each([
  ['+44 07911 123456', 'prefix that is dialled only inside its country'],
  ['+1 1 900 555 0100', 'prefix that is dialled only inside its country'],
  ['+7 8 926 555 0100', 'prefix that is dialled only inside its country'],
  ['+999123456789', 'Check the country code'],
  ['4155550100', 'must begin with +'],
])('%s is refused at its place, with what to do and without the number', (phoneNumber, advice) => {
  const problem = read(phoneNumber);
  expect(problem).toMatchObject({
    kind: 'unprocessable',
    detail: [{ loc: ['body', 'phone_number'], msg: expect.stringContaining(advice), input: null }],
  });
  expect(JSON.stringify(problem)).not.toMatch(/\d{4}/);
});

test('whatever is accepted is dialled as it was given, and means nothing else to a numbering plan', () => {
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
