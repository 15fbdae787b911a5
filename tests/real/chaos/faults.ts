/** What may happen to a cluster. Each fault strikes while a dial is under way. */
import { sleep } from '@dograh-trigger/shared/axios';
import { integerFrom, type Random } from '../../support/seeded-random';
import { until } from '../until';
import type { WantedCall } from './callers';
import type { Cluster } from './cluster';

/** Without a sign of life for 30 s a process counts as gone. The others look every 10 s. */
const shortestPauseMilliseconds = 30_000;
const longestPauseMilliseconds = 42_000;
/** By then PostgreSQL has taken back what the paused server had locked. */
const longestHoldMilliseconds = 15_000;
/** Longer than the pauses between two rounds of any worker. */
const wrongClockMilliseconds = 20_000;
const aheadSeconds = 600;
const troubleMilliseconds = 3000;
/** From the commit of a call to its dial, by a server that goes on. */
const longestDialMilliseconds = 4000;
const mostTries = 10;
/** After its request has been under way for 15 s, a server dials no more. It is not taken for gone yet. */
const shortestDelayMilliseconds = 16_000;
const longestDownMilliseconds = 2000;
const longestWaitSeconds = 60;
const longestRecoverySeconds = 90;

/** @returns when its effect ended, by `performance.now`. @param turn how often it struck before. */
type Fault = (cluster: Cluster, random: Random, turn: number) => Promise<number>;

/** Waits for the moment. The caller strikes in the same turn of the event loop. */
async function whenDialling(cluster: Cluster, random: Random, server?: number): Promise<void> {
  await sleep(integerFrom(random, 0, 500));
  const deadline = performance.now() + longestWaitSeconds * 1000;
  while (!cluster.isDialling(server)) {
    if (performance.now() > deadline) throw new Error('No dial was under way: the fault would not count');
    await sleep(1);
  }
}

function eitherServer(random: Random): number {
  return integerFrom(random, 0, 1);
}

const killed: Fault = async (cluster, random) => {
  const server = eitherServer(random);
  await whenDialling(cluster, random, server);
  const struckAt = performance.now();
  await cluster.stop(server, 'SIGKILL');
  await sleep(integerFrom(random, 0, longestDownMilliseconds));
  await cluster.start(server);
  return struckAt;
};

const postgresStopped: Fault = async (cluster, random) => {
  await whenDialling(cluster, random);
  const struckAt = performance.now();
  await cluster.postgres.restart(() => sleep(integerFrom(random, 0, longestDownMilliseconds)));
  return struckAt;
};

const connectionsCut: Fault = async (cluster, random) => {
  const server = eitherServer(random);
  const areBoth = random() < 0.5;
  await whenDialling(cluster, random, server);
  cluster.cut(server);
  if (areBoth) cluster.cut(1 - server);
  return performance.now();
};

/** Meanwhile the other server goes on. */
const paused: Fault = async (cluster, random) => {
  const server = eitherServer(random);
  await whenDialling(cluster, random, server);
  cluster.pause(server, true);
  await sleep(longestHoldMilliseconds);
  const before = cluster.callers.replied;
  await sleep(
    integerFrom(random, shortestPauseMilliseconds, longestPauseMilliseconds) - longestHoldMilliseconds,
  );
  if (cluster.callers.replied === before)
    cluster.standstills.push('one server placed no call while the other was paused');
  cluster.pause(server, false);
  return performance.now();
};

/**
 * The server has recorded a call, and is paused before it dials. By turns, it comes back before another one takes its
 * calls over, and after.
 */
const pausedBeforeDial: Fault = async (cluster, random, turn) => {
  const server = eitherServer(random);
  await whenDialling(cluster, random, server);
  const recorded = await aim(cluster, server);
  const isTakenOver = turn % 2 === 1;
  await sleep(
    isTakenOver
      ? integerFrom(random, longestPauseMilliseconds, longestPauseMilliseconds + 5000)
      : integerFrom(random, shortestDelayMilliseconds, shortestPauseMilliseconds - 6000),
  );
  for (const run of undialled(cluster, recorded)) cluster.heldUp.add(run);
  cluster.pause(server, false);
  return performance.now();
};

/** Tries until the call that was found is one of this server: a call of the other one is dialled at once. @returns it. */
async function aim(cluster: Cluster, server: number): Promise<number[]> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const recorded = await cluster.pauseBeforeDial(server);
    await sleep(longestDialMilliseconds);
    if (undialled(cluster, recorded).length > 0) return recorded;
    cluster.pause(server, false);
  }
  throw new Error('Every call had been dialled: the fault would not count');
}

function undialled({ phones }: Cluster, runs: readonly number[]): number[] {
  const dialled = new Set(phones.calls.map(({ run }) => run));
  return runs.filter((run) => !dialled.has(run));
}

/** The servers make their replies, and neither callers nor the carrier get them. */
const repliesLost: Fault = async (cluster, random) => {
  await whenDialling(cluster, random);
  const before = cluster.loseReplies(true);
  await sleep(troubleMilliseconds);
  if (cluster.loseReplies(false) === before) throw new Error('No reply was lost: the fault would not count');
  return performance.now();
};

const carrierLimited: Fault = async (cluster, random) => {
  const { phones } = cluster;
  await whenDialling(cluster, random);
  const before = phones.refusedDials();
  phones.limitDials(true);
  await sleep(troubleMilliseconds);
  phones.limitDials(false);
  if (phones.refusedDials() === before) throw new Error('No dial was refused: the fault would not count');
  return performance.now();
};

/** By turns, the clock of a running server is set, and a machine with a wrong clock takes the place of another. */
const clockAhead: Fault = async (cluster, random, turn) => {
  const server = eitherServer(random);
  await whenDialling(cluster, random, server);
  if (turn % 2 === 0) {
    cluster.setClock(server, aheadSeconds);
    await sleep(wrongClockMilliseconds);
    cluster.setClock(server, 0);
    return performance.now();
  }
  await replace(cluster, server, aheadSeconds, 'SIGKILL');
  await sleep(wrongClockMilliseconds);
  await replace(cluster, server, 0, 'SIGTERM');
  return performance.now();
};

async function replace(cluster: Cluster, server: number, seconds: number, signal: 'SIGTERM' | 'SIGKILL') {
  await cluster.stop(server, signal);
  cluster.changeMachine(server, seconds);
  await cluster.start(server);
}

export const faults: Record<string, Fault> = {
  'kill -9 of a server': killed,
  'immediate stop of PostgreSQL': postgresStopped,
  'connections cut': connectionsCut,
  'a clock 10 minutes ahead': clockAhead,
  'SIGSTOP for 30 s': paused,
  'SIGSTOP between commit and dial': pausedBeforeDial,
  'replies lost': repliesLost,
  '429 of the carrier': carrierLimited,
};

/** Waits until each server takes requests for calls again. @param from by `performance.now`. @returns milliseconds. */
export async function recovery(cluster: Cluster, from: number): Promise<number> {
  const { callers } = cluster;
  const calls = await Promise.all([0, 1].map((server) => callAgain(cluster, server)));
  const milliseconds = performance.now() - from;
  for (const call of calls) await callers.insist(call);
  return milliseconds;
}

async function callAgain(cluster: Cluster, server: number): Promise<WantedCall> {
  const { callers } = cluster;
  const call = callers.newCall();
  await until(
    `server ${String(server)} takes calls`,
    async () => {
      const reply = await callers.send(call, cluster.triggerUrl(server));
      // A server that says that all slots are taken has asked the database under the lock.
      return reply !== null && [200, 429].includes(reply.status);
    },
    longestRecoverySeconds,
  );
  return call;
}
