/** The workers of a process: which of them run, in what order they stop, and what the operator sees. */
import { Writable } from 'node:stream';
import pino from 'pino';
import { readConfig } from '../../../trigger-server/src/config';
import { every } from '../../../trigger-server/src/every';
import { createMetrics } from '../../../trigger-server/src/metrics';
import { supervise } from '../../../trigger-server/src/workers/supervisor';
import type { Worker } from '../../../trigger-server/src/workers/worker';
import { ManualClock } from '../../support/manual-clock';

let happened: string[];
let logLines: string[];
let clock: ManualClock;
beforeEach(() => {
  happened = [];
  logLines = [];
  clock = new ManualClock();
});

function servicesOf(role: string) {
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logLines.push(chunk.toString());
      done();
    },
  });
  return { config: readConfig({ ROLE: role }), clock, log: pino(sink), metrics: createMetrics() };
}

function worker(
  name: string,
  role: Worker['role'],
  overrides: Partial<ReturnType<typeof running>> = {},
): Worker {
  return {
    name,
    role,
    start() {
      happened.push(`start ${name}`);
      return { ...running(name), ...overrides };
    },
  };
}

function running(name: string) {
  return {
    health: (): string | null => null,
    stop: () => {
      happened.push(`stop ${name}`);
      return Promise.resolve();
    },
  };
}

const two = () => [worker('presence', 'any'), worker('jobs', 'worker')];

test.each([
  ['all', ['presence', 'jobs'], []],
  ['api', ['presence'], ['jobs']],
  ['worker', ['presence', 'jobs'], []],
])('ROLE=%s starts %p and names the others in the log', async (role, names, elsewhere) => {
  await supervise(servicesOf(role), two());
  expect(happened).toEqual(names.map((name) => `start ${name}`));
  const named = logLines.map((line) => (JSON.parse(line) as { workers: string[] }).workers);
  expect(named).toEqual(elsewhere.length === 0 ? [] : [elsewhere]);
});

test('they stop in the reverse order, and each begins to start when the one before works', async () => {
  const slow: Worker = {
    ...worker('slow', 'any'),
    start: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      happened.push('start slow');
      return running('slow');
    },
  };
  const supervised = await supervise(servicesOf('all'), [slow, ...two()]);
  await supervised.stop(1000);
  expect(happened).toEqual([
    ...['slow', 'presence', 'jobs'].map((name) => `start ${name}`),
    ...['jobs', 'presence', 'slow'].map((name) => `stop ${name}`),
  ]);
});

test('one that fails to stop, or never does, keeps no other from stopping, and the log names it', async () => {
  const workers = [
    worker('first', 'any'),
    worker('failing', 'any', { stop: () => Promise.reject(new Error('stuck')) }),
    worker('hanging', 'any', { stop: () => new Promise(() => undefined) }),
  ];
  const supervised = await supervise(servicesOf('all'), workers);
  const stopped = supervised.stop(1000);
  await clock.advance(1000, () => Promise.resolve());
  await stopped;
  expect(happened).toContain('stop first');
  expect(logLines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { worker: 'hanging', msg: 'a worker did not stop in time' },
    { worker: 'failing', msg: 'a worker failed to stop' },
  ]);
});

test('the metrics show of each worker whether it does its work', async () => {
  const services = servicesOf('all');
  let fault: string | null = null;
  await supervise(services, [worker('well', 'any'), worker('ill', 'any', { health: () => fault })]);
  const shown = async () =>
    [...(await services.metrics.registry.metrics()).matchAll(/^dograh_trigger_worker_healthy.*$/gm)].map(
      String,
    );
  const both = (ill: number) => [
    'dograh_trigger_worker_healthy{worker="well"} 1',
    `dograh_trigger_worker_healthy{worker="ill"} ${String(ill)}`,
  ];
  expect(await shown()).toEqual(both(1));
  fault = 'it is ill';
  expect(await shown()).toEqual(both(0));
});

describe('a job that repeats itself', () => {
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  test('is ill from a round that failed until one succeeds, and goes on', async () => {
    const services = servicesOf('all');
    let isBroken = true;
    const loop = every(services, 1000, 'the round failed', () => {
      if (isBroken) throw new Error('broken');
    });
    expect(loop.health()).toBeNull();
    await clock.advance(1000, settle);
    await settle();
    expect(loop.health()).toBe('the round failed');
    expect(logLines.join()).toContain('the round failed');
    isBroken = false;
    await clock.advance(1000, settle);
    await settle();
    expect(loop.health()).toBeNull();
    await loop.stop();
  });

  test('is ill while one round hangs for more than five minutes', async () => {
    let end: () => void = () => undefined;
    const loop = every(
      servicesOf('all'),
      1000,
      'the round failed',
      () => new Promise<void>((r) => (end = r)),
    );
    await clock.advance(1000 + 5 * 60_000, settle);
    expect(loop.health()).toBeNull();
    await clock.advance(1, settle);
    expect(loop.health()).toBe('a round has not ended for five minutes');
    end();
    await loop.stop();
    expect(loop.health()).toBeNull();
  });

  test('stops when the round under way has ended, and begins no other', async () => {
    const ends: (() => void)[] = [];
    const loop = every(
      servicesOf('all'),
      1000,
      'the round failed',
      () => new Promise<void>((r) => ends.push(r)),
    );
    await clock.advance(1000, settle);
    let hasStopped = false;
    const stopped = loop.stop().then(() => (hasStopped = true));
    await settle();
    expect(hasStopped).toBe(false);
    ends[0]?.();
    await stopped;
    await clock.advance(60_000, settle);
    expect(ends).toHaveLength(1);
  });
});
