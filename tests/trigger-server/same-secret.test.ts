import { sameSecret } from '../../trigger-server/src/same-secret';

test('only the secret itself matches: no part of it, nothing longer, and no missing one', () => {
  expect(sameSecret('Bearer s3cret', 'Bearer s3cret')).toBe(true);
  expect(sameSecret('Bearer s3cret', 'Bearer s3cre')).toBe(false);
  expect(sameSecret('Bearer s3cret', 'Bearer s3cret ')).toBe(false);
  expect(sameSecret('Bearer s3cret', 'Bearer s3creT')).toBe(false);
  expect(sameSecret('', undefined)).toBe(false);
});
