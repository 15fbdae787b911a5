/**
 * Takes up the calls of processes that are gone. None of them is dialled again: a dial that was under way has an unknown
 * outcome, and its provider follows the call up.
 */
import { findProvider, providerNames } from '../carriers/registry';
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

/** At start, before anybody asks what became of a call, and every 10 seconds. */
export function recovery(services: Needs): Worker {
  return {
    name: 'recovery',
    role: 'any',
    async start() {
      await endUnserved(services);
      await resumeCalls(services);
      await askAboutAll(services);
      const failure = 'calls of a process that is gone could not be taken up; it is tried again';
      return every(services, roundMilliseconds, failure, () => resumeCalls(services));
    },
  };
}

/** Takes up what processes left behind that are gone by now. */
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

/** What carriers reported while no process ran is lost: they are asked about every open call. */
async function askAboutAll({ storage, clock, followUpAlarm }: Needs): Promise<void> {
  const asked = providerNames.filter((name) => findProvider(name)?.questionsPerSecond !== undefined);
  await storage.write(async (session) => {
    for (const name of asked) await planAllFollowUps(session, name, clock.steady().toISOString());
  });
  followUpAlarm.ringIn(0);
}

/** Nobody will ever report on calls of a provider that this build lacks: without an end they would keep their slots. */
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
