import { instantOf, localOf } from '../../trigger-server/console/src/ui/local-time';

test('a local time is an instant, an empty one is none, and what is no time stays for the server to refuse', () => {
  expect(instantOf('2026-11-23T20:30')).toBe(new Date(2026, 10, 23, 20, 30).toISOString());
  expect(instantOf('')).toBeNull();
  expect(instantOf('soon')).toBe('soon');
});

test('an instant fills the field with the minute of the reader’s clock', () => {
  expect(localOf(new Date(2026, 0, 3, 4, 5, 59).toISOString())).toBe('2026-01-03T04:05');
  expect(localOf(null)).toBe('');
});
