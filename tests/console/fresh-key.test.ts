import { freshIdempotencyKey, mayHaveRung } from '../../trigger-server/console/src/api/fresh-key';
import { ApiError } from '../../trigger-server/console/src/api/http';

test.each([
  ['no answer', 0],
  ['the first request is still being placed', 409],
  ['the carrier did not answer', 504],
])('%s: a phone may ring, so the same key is sent again', (_what, status) => {
  expect(mayHaveRung(new ApiError(status, 'Refused'))).toBe(true);
});

test.each([400, 401, 403, 404, 422, 429])(
  '%i: nobody was called, so the next try is another call',
  (status) => {
    expect(mayHaveRung(new ApiError(status, 'Refused'))).toBe(false);
  },
);

test('no key is made twice', () => {
  expect(freshIdempotencyKey()).not.toBe(freshIdempotencyKey());
});
