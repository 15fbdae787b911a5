import { Alarm } from '../../trigger-server/src/alarm';
import type { Job, Wake } from '../../trigger-server/src/storage/port';
import { ManualClock } from '../support/manual-clock';

let signals: Job[];
let clock: ManualClock;
let alarm: Alarm;

beforeEach(() => {
  signals = [];
  clock = new ManualClock();
  const wake: Wake = {
    signal: (job) => signals.push(job),
    listen: () => () => undefined,
  };
  alarm = new Alarm(clock, 'follow-ups', wake);
});

test('a process without the worker signals what is due before the next round, and nothing later', () => {
  alarm.ringIn(1000);
  expect(signals).toEqual([]);
  alarm.ringIn(999);
  expect(signals).toEqual(['follow-ups']);
});

test('a process with the worker rings itself, and signals nothing until the worker has stopped', async () => {
  let rung = 0;
  const stop = alarm.onRing(() => {
    rung += 1;
  });
  alarm.ringIn(0);
  await clock.advance(20, () => Promise.resolve());
  expect({ rung, signals }).toEqual({ rung: 1, signals: [] });
  stop();
  alarm.ringIn(0);
  expect(signals).toEqual(['follow-ups']);
});
