/** How many stop signals have which effect. tests/hostile/signals.test.ts tests a real process. */
import pino from 'pino';
import { signalHandler } from '../../trigger-server/src/stop-signals';

const log = pino({ level: 'silent' });

test('the first signal stops the server, a repeat within a second does not count, a second one changes nothing, a third ends the process', () => {
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
