/**
 * Takes over the calls of processes that are gone. No call is dialled again: a dial that was under way has an unknown
 * outcome, and the provider follows the call up. Runs that this process recorded without learning of it are ended.
 */
import { callName } from '../carriers/port/call-name';
import { findProvider } from '../carriers/registry';
import { every } from '../every';
import { planAllFollowUps } from '../runs/due/follow-ups';
import { findRun } from '../runs/runs';
import { abandonDials, listDialOwners, listUndialled, listUnfinishedRuns } from '../runs/unfinished-runs';
import type { Services } from '../services';
import { forgetGone, isAnotherAlive, listGone } from '../workers/processes';
import type { Worker } from '../workers/worker';
import { recordNotDialled } from './dial';
import { endAsRefused } from './run-course';

type Needs = Pick<
  Services,
  'config' | 'storage' | 'clock' | 'chance' | 'log' | 'thisProcess' | 'ownDials' | 'followUpAlarm'
>;

const roundMilliseconds = 10_000;

/** Runs at start, before the server answers requests, and then every 10 seconds. */
export function recovery(services: Needs): Worker {
  return {
    name: 'recovery',
    role: 'any',
    async start() {
      // While another process runs, it has the calls, and carriers' reports reach it.
      const isFirst = !(await isAnotherAlive(services, services.storage.read));
      if (isFirst) await endUnserved(services);
      await resumeCalls(services);
      if (isFirst) await followUpAll(services);
      const failure = 'calls of a process that is gone could not be taken over; it is tried again';
      return every(services, roundMilliseconds, failure, async () => {
        await resumeCalls(services);
        await endUndialled(services);
      });
    },
  };
}

/**
 * One round: takes over the calls of processes that are gone. Reports that were under way to such a process are lost, so
 * every open call is followed up.
 */
export async function resumeCalls(services: Needs): Promise<void> {
  const { storage, clock, log } = services;
  const { calls, processes } = await storage.write(async (session) => {
    const at = clock.steady().toISOString();
    let abandoned = 0;
    for (const owner of await listGone(services, session, await listDialOwners(session))) {
      abandoned += await abandonDials(session, owner, at);
    }
    const forgotten = await forgetGone(services, session);
    if (forgotten > 0) await planAllFollowUps(session, at);
    return { calls: abandoned, processes: forgotten };
  });
  if (processes > 0)
    log.warn({ processes }, 'a process has ended without a stop: open calls are followed up');
  if (calls > 0) log.info({ calls }, 'a process ended while it dialled: the outcome of its dials is unknown');
  if (processes + calls > 0) services.followUpAlarm.ringIn(0);
}

/**
 * One round: ends the runs that this process recorded and will never dial, because the connection to the database broke
 * while they were committed and the commit became known too late. Their callers were told that nobody was called.
 */
export async function endUndialled(services: Needs): Promise<void> {
  const { storage, ownDials, log, thisProcess } = services;
  const found = await listUndialled(storage.read, thisProcess.id);
  // Among those found may be runs whose commit this process is about to learn of; they are dialled.
  await ownDials.recorded();
  const ended = await Promise.all(
    found.map((call) =>
      storage.write(async (session) => {
        if (ownDials.has(callName(call))) return false;
        await session.lock('run', call.runId);
        const run = await findRun(session, call.runId);
        // One that is no longer under way has its outcome already.
        if (run?.attempt !== call.attempt || run.due_at !== null || run.dial_outcome !== null) return false;
        await recordNotDialled(services, session, run);
        return true;
      }),
    ),
  );
  const calls = ended.filter((isEnded) => isEnded).length;
  if (calls > 0) log.warn({ calls }, 'calls were recorded too late to be dialled: they are ended');
}

/**
 * Makes the follow-up of every open call due. Carriers' reports were lost while no process ran, and a process that was
 * killed may have left a follow-up to be repeated later.
 */
async function followUpAll({ storage, clock, followUpAlarm }: Needs): Promise<void> {
  await storage.write((session) => planAllFollowUps(session, clock.steady().toISOString()));
  followUpAlarm.ringIn(0);
}

/** Ends the calls of providers that this build lacks. Nobody reports on them, so they would keep their slots for ever. */
async function endUnserved(services: Needs): Promise<void> {
  const unfinished = await listUnfinishedRuns(services.storage.read);
  const unserved = unfinished.filter(({ mode }) => findProvider(mode) === undefined);
  if (unserved.length === 0) return;
  const modes = [...new Set(unserved.map(({ mode }) => mode))];
  services.log.warn(
    { modes, calls: unserved.length },
    'this build lacks their provider: the calls are ended',
  );
  await services.storage.write(async (session) => {
    for (const { id, mode } of unserved) {
      await endAsRefused(services, session, id, `Provider '${mode}' is unavailable.`);
    }
  });
}
