/** How many signals it takes. What a real process does with them: tests/hostile/signals.test.ts. */
import pino from 'pino';
import { signalHandler } from '../../trigger-server/src/stop-signals';

const log = pino({ level: 'silent' });

test('one signal stops, also when it comes twice within a second; a second one changes nothing, a third ends', () => {
  const done: string[] = [];
  let now = 5000;
  const heard = signalHandler(
    log,
    () => done.push('stop'),
    () => done.push('end'),
    () => now,
  );
  heard('SIGINT');
  expect(done).toEqual(['stop']);
  now += 999;
  heard('SIGTERM');
  now += 1000;
  heard('SIGTERM');
  expect(done).toEqual(['stop']);
  now += 400;
  heard('SIGTERM');
  expect(done).toEqual(['stop']);
  now += 1000;
  heard('SIGHUP');
  expect(done).toEqual(['stop', 'end']);
});
