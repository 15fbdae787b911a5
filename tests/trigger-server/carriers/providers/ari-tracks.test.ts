/** The effect of each event of Asterisk on a call, without a server. */
import { ended, type StatusReport } from '../../../../trigger-server/src/carriers/port/report';
import type { CallEvent } from '../../../../trigger-server/src/carriers/providers/ari/events/events';
import {
  answered,
  endedByUs,
  follow,
  spoken,
  startTrack,
  type Track,
} from '../../../../trigger-server/src/carriers/providers/ari/tracks';

const channelId = 'dograh-1';
const maxCallDurationSeconds = 60;
const fresh = startTrack(channelId, { attempt: 1, ringTimeoutSeconds: 30, maxCallDurationSeconds });
const talking = answered(fresh, at(0)).track;

/** A moment, in seconds after the call was answered. */
function at(seconds: number): string {
  return new Date(Date.UTC(2026, 10, 29) + seconds * 1000).toISOString();
}

function destroyed(
  seconds: number,
  facts: { cause: number; state?: string; tech_cause?: number },
): CallEvent {
  const { state = 'Up', ...causes } = facts;
  const channel = { id: channelId, state };
  return { type: 'ChannelDestroyed', timestamp: at(seconds), channel, cause_txt: 'words', ...causes };
}

function reportOf(track: Track, event: CallEvent): Partial<StatusReport> | undefined {
  return follow(track, event).report;
}

test('the announcement starts at the answer, and a repeated answer does not start it again', () => {
  const event: CallEvent = { type: 'StasisStart', timestamp: at(0), channel: { id: channelId, state: 'Up' } };
  const first = follow(fresh, event);
  expect(first).toMatchObject({ report: { status: 'answered' }, next: 'announce' });
  expect(follow(first.track, event)).toEqual({ track: first.track, report: first.report });
});

test('an announcement that was heard ends the call, unless it is already ending', () => {
  expect(spoken(talking)).toMatchObject({
    report: { status: 'answered', greetingSpoken: true },
    next: 'hang_up',
    track: { isHangingUp: true, outcome: 'agent_hung_up' },
  });
  expect(spoken(endedByUs(talking)).next).toBeUndefined();
});

test.each([
  ['that was played', 'done', talking, undefined],
  ['that could not be played', 'failed', talking, 'fail_announcement'],
  ['during which the callee hung up', 'failed', endedByUs(talking), undefined],
])('an announcement %s', (_name, state, track, failed) => {
  const playback = { id: 'p', state, target_uri: `channel:${channelId}` };
  const { next } = follow(track, { type: 'PlaybackFinished', timestamp: at(3), playback });
  expect(next === 'fail_announcement' ? next : undefined).toBe(failed);
});

test.each([
  ['59 seconds into it', 59, 'talk_ended'],
  ['half a second before its limit', 59.5, 'limit_reached'],
  ['at its limit', 60, 'limit_reached'],
])('a call that ends %s without a reason from Asterisk', (_name, seconds, outcome) => {
  expect(reportOf(talking, destroyed(seconds, { cause: 16 }))).toMatchObject({ status: 'ended', outcome });
});

test('a call that we ended before its limit keeps its own reason', () => {
  const report = reportOf(endedByUs(talking, 'agent_hung_up'), destroyed(61, { cause: 16 }));
  expect(report).toMatchObject(ended('agent_hung_up'));
});

test('a call whose announcement could not be played fails with the reason', () => {
  const track: Track = { ...endedByUs(talking, 'announcement_failed'), error: 'unplayable' };
  expect(reportOf(track, destroyed(1, { cause: 16 }))).toMatchObject({
    ...ended('announcement_failed'),
    error: 'unplayable',
  });
});

test('the raw word has cause, text and SIP status, and a busy phone has no reason of ours', () => {
  const track = endedByUs(fresh, 'agent_hung_up');
  expect(follow(track, destroyed(5, { cause: 17, state: 'Ringing', tech_cause: 486 }))).toMatchObject({
    next: 'forget',
    report: {
      ...ended('busy'),
      rawStatus: 'hangup:17 words (SIP 486)',
      carrierReason: '17 words',
      sipCode: 486,
    },
  });
});
