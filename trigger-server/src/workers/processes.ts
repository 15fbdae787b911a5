/** The server processes of one database. Each writes a heartbeat, so that others can take over the work of a dead one. */
import { every } from '../every';
import type { Services } from '../services';
import type { Session } from '../storage/port';
import { deleteGoneQuery, endQuery, heartbeatQuery, livingQuery } from './process-store';
import type { Worker } from './worker';

type Needs = Pick<Services, 'storage' | 'clock' | 'log' | 'thisProcess'>;

const beatMilliseconds = 5000;
/**
 * Without a heartbeat for this long, a process counts as gone. Long enough that a busy database is not mistaken for a
 * dead process.
 */
const goneMilliseconds = 30_000;

/** Later than any heartbeat. */
const never = '9999-12-31T23:59:59.999Z';

/** Writes this process's heartbeat every 5 seconds, and deletes its row at an orderly stop. */
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

/** The ids in the list whose processes are gone. */
export async function listGone(
  services: Pick<Services, 'clock' | 'thisProcess'>,
  session: Session,
  ids: readonly string[],
): Promise<string[]> {
  const living = new Set([services.thisProcess.id]);
  for (const { id } of await livingQuery.all(session, { since: aliveSince(services) })) living.add(id);
  return ids.filter((id) => !living.has(id));
}

/** Whether another process of the database is alive. */
export async function isAnotherAlive(
  services: Pick<Services, 'clock' | 'thisProcess'>,
  session: Session,
): Promise<boolean> {
  const living = await livingQuery.all(session, { since: aliveSince(services) });
  return living.some(({ id }) => id !== services.thisProcess.id);
}

/** Deletes the rows of gone processes. Call it after their work was taken over. @returns how many. */
export function forgetGone(
  services: Pick<Services, 'clock' | 'thisProcess'>,
  session: Session,
): Promise<number> {
  return deleteGoneQuery.changes(session, { since: aliveSince(services), self: services.thisProcess.id });
}

/** Another process is alive if its last heartbeat is not before this time. */
function aliveSince({ clock, thisProcess }: Pick<Services, 'clock' | 'thisProcess'>): string {
  return thisProcess.isAlone ? never : new Date(clock.steady().getTime() - goneMilliseconds).toISOString();
}
