import type { RunStatus, UsageRun } from '@dograh-trigger/shared';
import { callsUnderWay, newsOf } from '../../trigger-server/console/src/screens/calls/news';

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
  const before = callsUnderWay(runs('ringing', 'answered', 'initiated'));
  expect(newsOf(before, runs('answered', 'completed', 'ringing'))).toBe(
    'Call 1 was answered. Call 2 has ended: completed.',
  );
  expect(newsOf(before, runs('ringing', 'answered', 'ringing'))).toBeNull();
});

it('does not announce calls that had ended before, or that are new', () => {
  expect(newsOf(callsUnderWay(runs('busy')), runs('busy', 'completed'))).toBeNull();
});

it('says one sentence about many calls', () => {
  const before = callsUnderWay(runs('ringing', 'ringing', 'ringing'));
  expect(newsOf(before, runs('busy', 'busy', 'answered'))).toBe('3 calls were answered or have ended.');
});
