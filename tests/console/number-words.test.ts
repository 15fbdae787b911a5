/** A checked phone number in words. */
import { describeNumber } from '../../trigger-server/console/src/screens/guard/number-words';

test('a number is described by its country and its kind, as far as they are known', () => {
  const number = { phone_number: '+14155550100', countries: ['US'], number_type: 'fixed_line_or_mobile' };
  expect(describeNumber(number)).toBe('+14155550100: United States, fixed line or mobile.');
  expect(describeNumber({ ...number, countries: ['US', 'CA'], number_type: null })).toBe(
    '+14155550100: United States or Canada.',
  );
  expect(describeNumber({ ...number, countries: [], number_type: null })).toBe('+14155550100.');
});

test('a number that cannot be dialled has no description', () => {
  expect(describeNumber({ phone_number: null, countries: [], number_type: null })).toBeNull();
});
