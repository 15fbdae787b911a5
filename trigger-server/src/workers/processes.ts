/** The server processes of one database: each says that it lives, so that the others know whose work was left behind. */
import { every } from '../every';
import type { Services } from '../services';
import type { Session } from '../storage/port';
import { deleteGoneQuery, endQuery, heartbeatQuery, livingQuery } from './process-store';
import type { Worker } from './worker';

type Needs = Pick<Services, 'storage' | 'clock' | 'log' | 'thisProcess'>;

const beatMilliseconds = 5000;
/** Without a heartbeat for so long, a process counts as gone: a database that is busy for a while ends nobody. */
const goneMilliseconds = 30_000;

/** Later than any heartbeat. */
const never = '9999-12-31T23:59:59.999Z';

/** Says every 5 seconds that this process lives, and at its orderly stop that it does not any more. */
export function heartbeat(services: Needs): Worker {
  const { storage, clock, thisProcess } = services;
  const beat = async () => {
    const at = clock.steady().toISOString();
    await storage.write((session) => heartbeatQuery.changes(session, { id: thisProcess.id, at }));
  };
  return {
    name: 'heartbeat',
    role: 'any',
    async start() {
      await beat();
      const failure = 'the heartbeat of this process could not be written; it is tried again';
      const loop = every(services, beatMilliseconds, failure, beat);
      return {
        health: () => loop.health(),
        async stop() {
          await loop.stop();
          await storage.write((session) => endQuery.changes(session, { id: thisProcess.id }));
        },
      };
    },
  };
}

/** Those of these processes that will not finish what they began. */
export async function listGone(
  services: Pick<Services, 'clock' | 'thisProcess'>,
  session: Session,
  ids: readonly string[],
): Promise<string[]> {
  const living = new Set([services.thisProcess.id]);
  for (const { id } of await livingQuery.all(session, { since: aliveSince(services) })) living.add(id);
  return ids.filter((id) => !living.has(id));
}

/** Once nothing is left that a gone process owned, its row may go. */
export async function forgetGone(
  services: Pick<Services, 'clock' | 'thisProcess'>,
  session: Session,
): Promise<void> {
  await deleteGoneQuery.changes(session, { since: aliveSince(services), self: services.thisProcess.id });
}

/** Another process lives if it has said so since. */
function aliveSince({ clock, thisProcess }: Pick<Services, 'clock' | 'thisProcess'>): string {
  return thisProcess.isAlone ? never : new Date(clock.steady().getTime() - goneMilliseconds).toISOString();
}
