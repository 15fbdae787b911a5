/** Removes now what organizations keep no longer, and makes the SQLite file smaller. */
import { setTimeout as wait } from 'node:timers/promises';
import { commandActor } from '../audit/audit';
import { countRemovable, listVisits, nothingRemoved, visit, type Removed } from '../retention/visit';
import { addOrganizations } from '../retention/worker';
import type { Services } from '../services';
import { vacuum } from '../storage/sqlite/free-space';
import { holdDatabaseNow } from '../storage/sqlite/sole-process';
import type { Command } from './command';
import { withDatabase } from './operator';

/** Between two parts, so that a running server is not held up. */
const pauseMilliseconds = 50;
const megabyte = 1024 * 1024;

export const prune: Command = {
  summary: 'removes now what is older than the retention settings allow; a server may be running',
  flags: {
    '--dry-run': 'only counts it',
    '--vacuum': 'then gives the free space of the SQLite file back; the server must be stopped',
  },
  async run(config, flags, print) {
    const isDryRun = flags.has('--dry-run');
    if (isDryRun && flags.has('--vacuum'))
      throw new Error('--vacuum changes the file, so it does not go with --dry-run.');
    const { database } = config;
    const file = flags.has('--vacuum') && database.kind === 'sqlite' ? database.file : null;
    if (flags.has('--vacuum') && file === null) {
      throw new Error('--vacuum is for SQLite. PostgreSQL gives space back by itself (autovacuum).');
    }
    const release = file === null ? null : holdDatabaseNow(file);
    if (file !== null && release === null) {
      throw new Error(
        `A server uses the database ${file}. Stop it first: --vacuum writes the whole file anew.`,
      );
    }
    try {
      const removed = await withDatabase(config, (services) => pruneAll(services, isDryRun));
      const { runs, contacts, artifacts, events, event_bodies: bodies } = removed;
      print(
        `${isDryRun ? 'To be removed' : 'Removed'}: ${String(runs)} calls, ${String(contacts)} contacts of campaigns, the files of ${String(artifacts)} calls, ${String(events)} events, the bodies of ${String(bodies)} events.`,
      );
      if (!isDryRun && runs + artifacts > 0)
        print('A running server deletes their recordings within seconds, or the next one that starts.');
      if (file !== null) {
        const { before, after } = vacuum(file);
        print(`The file had ${inMegabytes(before)} and has ${inMegabytes(after)}.`);
      }
      return 0;
    } finally {
      release?.();
    }
  },
};

function inMegabytes(bytes: number): string {
  return `${(bytes / megabyte).toFixed(1)} MiB`;
}

async function pruneAll(services: Pick<Services, 'storage' | 'clock'>, isDryRun: boolean): Promise<Removed> {
  const total = nothingRemoved();
  const pause = async () => {
    await wait(pauseMilliseconds);
    return true;
  };
  if (!isDryRun) await addOrganizations(services, 0);
  for (const row of await listVisits(services)) {
    const removed = isDryRun
      ? await countRemovable(services, row)
      : await visit(services, row, commandActor('prune', row.organization_id), pause);
    if (removed === null) continue;
    for (const name of Object.keys(total) as (keyof Removed)[]) total[name] += removed[name];
  }
  return total;
}
