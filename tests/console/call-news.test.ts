import type { RunStatus, UsageRun } from '@dograh-trigger/shared';
import { newsOf, openCalls } from '../../trigger-server/console/src/screens/calls/news';

function runs(...statuses: RunStatus[]): UsageRun[] {
  return statuses.map((status, place) => ({
    id: place + 1,
    workflow_id: 1,
    workflow_name: 'Demo',
    name: 'WR-API-1',
    created_at: '2026-11-23T12:00:00.000Z',
    dograh_token_usage: 0,
    call_duration_seconds: 0,
    status,
  }));
}

it('announces an answer and an ending, and no ringing', () => {
  const before = openCalls(runs('ringing', 'answered', 'initiated'));
  expect(newsOf(before, runs('answered', 'completed', 'ringing'))).toBe(
    'Call 1 was answered. Call 2 has ended: completed.',
  );
  expect(newsOf(before, runs('ringing', 'answered', 'ringing'))).toBeNull();
});

it('announces that a call which waited was answered or has expired, and not that it is placed', () => {
  const before = openCalls(runs('queued', 'queued', 'queued'));
  expect(newsOf(before, runs('answered', 'expired', 'initiated'))).toBe(
    'Call 1 was answered. Call 2 has ended: expired.',
  );
});

it('does not announce calls that had ended before, or that are new', () => {
  expect(newsOf(openCalls(runs('busy')), runs('busy', 'completed'))).toBeNull();
});

it('says one sentence about many calls', () => {
  const before = openCalls(runs('ringing', 'ringing', 'ringing'));
  expect(newsOf(before, runs('busy', 'busy', 'answered'))).toBe('3 calls were answered or have ended.');
});
