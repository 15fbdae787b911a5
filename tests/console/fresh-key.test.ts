import { freshIdempotencyKey } from '../../trigger-server/console/src/api/fresh-key';

test('no key is made twice', () => {
  expect(freshIdempotencyKey()).not.toBe(freshIdempotencyKey());
});
