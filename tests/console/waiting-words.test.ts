import type { WaitingReason } from '@dograh-trigger/shared';
import { waitingInWords } from '../../trigger-server/console/src/ui/waiting-words';

const now = Date.parse('2026-12-24T07:00:00.000Z');

/** As the console shows it, with plain spaces in place of narrow ones. */
function words(waitingFor: WaitingReason, dueAt: string): string {
  const run = { status: 'queued', waiting_for: waitingFor, due_at: dueAt } as const;
  return waitingInWords(run, now, 'Europe/Berlin').replaceAll('\u202F', ' ');
}

it('says until when a call waits, by the clock of the zone that it names', () => {
  expect(words('time', '2026-12-24T08:00:00.000Z')).toBe('Waits until 9:00 AM in Europe/Berlin.');
  expect(words('time', '2026-12-24T23:30:00.000Z')).toBe('Waits until Dec 25, 12:30 AM in Europe/Berlin.');
  expect(words('time', '2026-12-31T23:30:00.000Z')).toBe(
    'Waits until Jan 1, 2027, 12:30 AM in Europe/Berlin.',
  );
});

it('says what else a call waits for', () => {
  const dueAt = '2026-12-24T08:00:00.000Z';
  expect(words('hours', dueAt)).toBe('Waits for the calling hours, until 9:00 AM in Europe/Berlin.');
  expect(words('pace', dueAt)).toBe(
    'Waits for its turn at the carrier account, until 9:00 AM in Europe/Berlin.',
  );
  expect(words('carrier', dueAt)).toBe(
    'Waits for the carrier, which could not be reached, until 9:00 AM in Europe/Berlin.',
  );
});

it('says that a call which is due waits for a free line, or for its turn, although the server said something else before', () => {
  const dueAt = '2026-12-24T06:59:59.000Z';
  expect(words('slot', dueAt)).toBe('Waits for a free line.');
  expect(words('time', dueAt)).toBe('Waits for a free line.');
  expect(words('pace', dueAt)).toBe('Waits for its turn at the carrier account.');
  expect(words('campaign', dueAt)).toBe('Waits for its turn in its campaign.');
});

it('says which attempt waits, after the first', () => {
  const run = {
    status: 'queued',
    waiting_for: 'slot',
    due_at: '2026-12-24T06:00:00.000Z',
    attempt: 2,
  } as const;
  expect(waitingInWords(run, now)).toBe('Attempt 2 waits for a free line.');
});

it('says nothing of a call that does not wait', () => {
  expect(waitingInWords({ status: 'ringing' }, now)).toBe('');
});
