import fc from 'fast-check';
import {
  noFilter,
  queryOf,
  readFilter,
  writeFilter,
  type CallFilter,
} from '../../trigger-server/console/src/screens/calls/filter';

const filter: fc.Arbitrary<CallFilter> = fc.record({
  agentId: fc.option(fc.integer({ min: 1, max: 1e9 })),
  statuses: fc.uniqueArray(fc.constantFrom('busy', 'no-answer', 'ringing', 'completed')),
  disposition: fc.string().map((text) => text.trim()),
  source: fc.option(fc.constantFrom('n8n', 'zapier', 'session', 'api')),
  keyId: fc.option(fc.integer({ min: 1, max: 1e9 })),
  text: fc.string({ maxLength: 100 }).map((text) => text.trim()),
  from: fc.constantFrom('', '2026-11-01'),
  to: fc.constantFrom('', '2026-11-30'),
});

it('keeps every filter in the address', () => {
  fc.assert(
    fc.property(filter, (chosen) => {
      expect(readFilter(writeFilter(chosen))).toEqual(chosen);
    }),
  );
});

it('takes nothing from an address that it cannot read', () => {
  const search = 'agent=-1&status=gone,__proto__&source=toString&key=1.5&from=yesterday&to=2026-13-45';
  expect(readFilter(search)).toEqual(noFilter);
});

it('asks the API for whole days of the reader', () => {
  const { start_date: start, end_date: end } = queryOf({ ...noFilter, from: '2026-11-23', to: '2026-11-23' });
  expect(new Date(start!).toString()).toContain('Nov 23 2026 00:00:00');
  expect(Date.parse(end!) - Date.parse(start!)).toBe(24 * 60 * 60 * 1000 - 1);
});
