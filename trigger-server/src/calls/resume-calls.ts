/**
 * Takes over the calls of processes that are gone. No call is dialled again: a dial that was under way has an unknown
 * outcome, and the provider follows the call up.
 */
import { findProvider } from '../carriers/registry';
import { every } from '../every';
import { planAllFollowUps } from '../runs/follow-ups';
import { abandonDials, listDialOwners, listUnfinishedRuns } from '../runs/unfinished-runs';
import type { Services } from '../services';
import { forgetGone, listGone } from '../workers/processes';
import type { Worker } from '../workers/worker';
import { endAsRefused } from './run-course';

type Needs = Pick<
  Services,
  'config' | 'storage' | 'clock' | 'chance' | 'log' | 'thisProcess' | 'followUpAlarm'
>;

const roundMilliseconds = 10_000;

/** Runs at start, before the server answers requests, and then every 10 seconds. */
export function recovery(services: Needs): Worker {
  return {
    name: 'recovery',
    role: 'any',
    async start() {
      await endUnserved(services);
      await resumeCalls(services);
      await followUpAll(services);
      const failure = 'calls of a process that is gone could not be taken over; it is tried again';
      return every(services, roundMilliseconds, failure, () => resumeCalls(services));
    },
  };
}

/** One round: takes over the calls of processes that are gone. */
export async function resumeCalls(services: Needs): Promise<void> {
  const { storage, clock, log } = services;
  const calls = await storage.write(async (session) => {
    const at = clock.steady().toISOString();
    let abandoned = 0;
    for (const owner of await listGone(services, session, await listDialOwners(session))) {
      abandoned += await abandonDials(session, owner, at);
    }
    await forgetGone(services, session);
    return abandoned;
  });
  if (calls === 0) return;
  log.info({ calls }, 'a process ended while it dialled: the outcome of its dials is unknown');
  services.followUpAlarm.ringIn(0);
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
