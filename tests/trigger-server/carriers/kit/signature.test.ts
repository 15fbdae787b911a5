import { isRecent } from '../../../../trigger-server/src/carriers/kit/signature';

describe('a timestamp that a carrier has signed', () => {
  const signedAt = Date.parse('2026-11-23T12:00:00.000Z');
  const after = (milliseconds: number) => new Date(signedAt + milliseconds);
  const hour = 3_600_000;

  test.each([
    ['neither clock was set', 60_000, 60_000, true],
    ['the wall clock was set 26 hours ahead, and was right before', 60_000 + 26 * hour, 60_000, true],
    ['the wall clock was put right, 8 hours back', 60_000, 60_000 + 8 * hour, true],
    ['it is old by both', 26 * hour, 301_000, false],
    ['it is in the future by both', -301_000, -8 * hour, false],
  ])('%s: %i ms by the wall clock, %i ms by the steady clock, recent: %s', (_title, wall, steady, recent) => {
    const request = { receivedAt: after(wall), receivedSteadyAt: after(steady) };
    expect(isRecent(request, signedAt / 1000, 300)).toBe(recent);
  });
});
