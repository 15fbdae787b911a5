/** The worker of retention. It visits each organization once an hour, in one process at a time. */
import { serverActor } from '../audit/audit';
import { listOrganizationIds } from '../accounts/organizations';
import { forgetExpiredLinks } from '../accounts/sign-in-links';
import { forgetIdleSessions } from '../accounts/sign-in/sessions';
import { forgetExpiredKeys } from '../calls/idempotency';
import { forgetExpiredSecrets } from '../events/signing';
import { every } from '../every';
import type { Services } from '../services';
import type { Worker } from '../workers/worker';
import { betweenQuery, insertQuery, nextQuery } from './store';
import { visit } from './visit';

type Needs = Pick<Services, 'storage' | 'clock' | 'log'>;

const roundMilliseconds = 60_000;
/** Between two parts. A part takes a few milliseconds, so calls have most of the time. */
const pauseMilliseconds = 50;
const keysAtOnce = 100;
const organizationsAtOnce = 500;

export function retention(services: Needs): Worker {
  return {
    name: 'retention',
    role: 'worker',
    start() {
      const stopping = { isStopped: false };
      const pause = async () => {
        await new Promise<void>((resolve) => services.clock.after(pauseMilliseconds, resolve));
        return !stopping.isStopped;
      };
      const failure = 'retention failed; it is tried again';
      let known = 0;
      const loop = every(services, roundMilliseconds, failure, async () => {
        known = await addOrganizations(services, known);
        await runRound(services, pause);
      });
      return {
        health: () => loop.health(),
        async stop() {
          stopping.isStopped = true;
          await loop.stop();
        },
      };
    },
  };
}

/** What has expired, then the organizations that are due. @param pause as in {@link visit}. */
export async function runRound(services: Needs, pause: () => Promise<boolean>): Promise<void> {
  await forgetExpired(services, pause);
  for (;;) {
    const now = services.clock.steady().toISOString();
    const row = await nextQuery.first(services.storage.read, { now });
    if (row === undefined) break;
    if (!(await pause())) return;
    const removed = await visit(services, row, serverActor(row.organization_id), pause);
    if (removed !== null && Object.values(removed).some((count) => count > 0)) {
      services.log.info({ ...removed }, 'retention has removed what an organization keeps no longer');
    }
  }
  while ((await services.storage.tidyUp()) && (await pause()));
}

/** Rows that nobody can use any more. */
async function forgetExpired(services: Needs, pause: () => Promise<boolean>): Promise<void> {
  const { storage } = services;
  await storage.write((session) => forgetIdleSessions(services, session));
  await storage.write((session) => forgetExpiredLinks(services, session));
  await storage.write((session) => forgetExpiredSecrets(services, session));
  for (let deleted = keysAtOnce; deleted === keysAtOnce;) {
    if (!(await pause())) return;
    deleted = await storage.write((session) => forgetExpiredKeys(services, session, keysAtOnce));
  }
}

/**
 * Adds the organizations that are new, so that they are visited.
 * @param known all up to about this id are there. @returns the last id.
 */
export async function addOrganizations(
  { storage, clock }: Pick<Services, 'storage' | 'clock'>,
  known: number,
): Promise<number> {
  const dueAt = clock.steady().toISOString();
  // On PostgreSQL a lower id may be committed after a higher one.
  let last = Math.max(0, known - organizationsAtOnce);
  for (;;) {
    const ids = await listOrganizationIds(storage.read, last, organizationsAtOnce);
    const newest = ids.at(-1);
    if (newest === undefined) return known;
    const there = await betweenQuery.all(storage.read, { after: last, upTo: newest });
    const visited = new Set(there.map(({ organization_id: id }) => id));
    const added = ids.filter((id) => !visited.has(id));
    if (added.length > 0) {
      await storage.write(async (session) => {
        for (const organizationId of added) await insertQuery.changes(session, { organizationId, dueAt });
      });
    }
    last = newest;
    known = Math.max(known, newest);
  }
}
