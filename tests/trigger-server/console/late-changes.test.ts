/** Which changes may still appear below those that were read. */
import { LateChanges } from '../../../trigger-server/src/console/late-changes';

const start = 1_000_000;

test('without a missing id everything is complete', () => {
  expect(new LateChanges().complete(4, [5, 6, 7], start)).toBe(7);
});

test('a missing id is waited for, and found when it appears', () => {
  const late = new LateChanges();
  expect(late.complete(4, [5, 7, 8], start)).toBe(5);
  expect(late.complete(5, [7, 8, 9], start + 9999)).toBe(5);
  expect(late.complete(5, [6, 7, 8, 9], start + 9999)).toBe(9);
});

test('after ten seconds its write has ended without it: the id was never stored', () => {
  const late = new LateChanges();
  expect(late.complete(4, [7, 8], start)).toBe(4);
  expect(late.complete(4, [7, 8], start + 10_000)).toBe(8);
});
