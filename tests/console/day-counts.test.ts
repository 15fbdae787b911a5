import {
  countGroups,
  describeDays,
  fillDays,
  outcomeGroups,
  statusesOf,
} from '../../trigger-server/console/src/screens/calls/day-counts';

const today = '2026-11-29';

it('shows the days without calls between days with calls', () => {
  const days = fillDays(
    [
      { date: '2026-11-01', counts: { completed: 2, busy: 1 } },
      { date: '2026-11-29', counts: { failed: 1 } },
    ],
    { to: '', today },
  );
  expect(days).toHaveLength(29);
  expect(days[0]).toEqual({
    date: '2026-11-01',
    total: 3,
    counts: { completed: 2, 'not reached': 1, failed: 0, 'under way': 0, waiting: 0 },
  });
  expect(days[1]?.total).toBe(0);
  expect(days.at(-1)?.counts.failed).toBe(1);
});

it('shows two weeks up to the last day of the filter when there are few days with calls', () => {
  const days = fillDays([], { to: '2026-03-02', today });
  expect([days[0]?.date, days.at(-1)?.date, days.length]).toEqual(['2026-02-17', '2026-03-02', 14]);
});

it('has each status in exactly one group', () => {
  const statuses = outcomeGroups.flatMap(statusesOf);
  expect(new Set(statuses).size).toBe(statuses.length);
  expect(countGroups(Object.fromEntries(statuses.map((status) => [status, 1])))).toEqual({
    completed: 1,
    'not reached': 4,
    failed: 2,
    'under way': 3,
    waiting: 1,
  });
});

it('says in a sentence what the bars show', () => {
  const days = fillDays(
    [
      { date: '2026-11-20', counts: { completed: 1 } },
      { date: '2026-11-28', counts: { busy: 4 } },
    ],
    { to: '', today },
  );
  expect(describeDays(days)).toBe(
    '5 calls from 2026-11-16 to 2026-11-29, most of them on 2026-11-28: 4 calls.',
  );
  expect(describeDays(fillDays([], { to: '', today }))).toBe('No calls on these days.');
});
