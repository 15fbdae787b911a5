/** Reading the number of a request. */
import fc from 'fast-check';
import { getCountries, getCountryCallingCode, getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/examples.mobile.json';
import { parseDestination } from '../../../trigger-server/src/calls/destination';
import { caught } from '../../support/caught';

const mobileNumbers = getCountries().map((country) => getExampleNumber(country, examples)!);

test.each(mobileNumbers.map(({ number, country }) => [country, number]))(
  'a mobile number of %s stays as it is',
  (country, number) => {
    const destination = parseDestination(number);
    expect(destination.e164).toBe(number);
    expect(destination.countries()).toEqual([country]);
    expect(destination.callingCode).toBe(getCountryCallingCode(country!));
  },
);

test.each([
  ['+4407911123456', '+447911123456'],
  ['+119005550100', '+19005550100'],
  ['+789265550100', '+79265550100'],
])('a prefix that is dialled only inside the country is dropped: %s', (given, e164) => {
  expect(parseDestination(given).e164).toBe(e164);
});

test('what is read from a number is the same when that is read again', () => {
  const digits = fc.stringMatching(/^[1-9][0-9]{6,14}$/);
  const example = fc.constantFrom(...mobileNumbers);
  const near = fc
    .tuple(example, fc.constantFrom('', '0', '1', '8', '15', '00'))
    .map(([number, prefix]) => `${number.countryCallingCode}${prefix}${number.nationalNumber}`);
  fc.assert(
    fc.property(fc.oneof(digits, near), (text) => {
      let once;
      try {
        once = parseDestination(`+${text}`);
      } catch {
        return;
      }
      const twice = parseDestination(once.e164);
      expect(twice.e164).toBe(once.e164);
      expect(twice.type()).toBe(once.type());
      expect(twice.countries()).toEqual(once.countries());
    }),
    { numRuns: 3000 },
  );
});

test('a number that no plan could hold is refused without repeating it', async () => {
  const problem = await caught(async () => parseDestination('+999123456789'));
  expect(JSON.stringify(problem)).not.toContain('123456789');
  expect(problem).toMatchObject({ kind: 'unprocessable', detail: [{ loc: ['body', 'phone_number'] }] });
});
