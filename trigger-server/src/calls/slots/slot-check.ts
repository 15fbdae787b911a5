/**
 * Compares the counters of open runs with the runs themselves. Each run changes its counter in its own transactions, so
 * they differ only after a fault of this server or a change by hand; then calls would be refused, or the limit passed.
 */
import { correctOpenRuns } from '../../accounts/organizations';
import { every } from '../../every';
import { listMiscounts } from './miscounts';
import type { Services } from '../../services';
import type { Worker } from '../../workers/worker';

type Needs = Pick<Services, 'storage' | 'clock' | 'log'>;

const roundMilliseconds = 5 * 60_000;

/** Runs at start, and then every five minutes. */
export function slotCheck(services: Needs): Worker {
  return {
    name: 'slots',
    role: 'worker',
    async start() {
      await correctSlots(services);
      const failure = 'the open calls could not be counted; it is tried again';
      return every(services, roundMilliseconds, failure, () => correctSlots(services));
    },
  };
}

/** One round: corrects the counters that are wrong. */
export async function correctSlots({ storage, log }: Needs): Promise<void> {
  for (const { organizationId } of await listMiscounts(storage.read)) {
    const wrong = await storage.write(async (session) => {
      // Another process may correct it, too.
      await session.lock('organization', organizationId);
      const still = (await listMiscounts(session)).find((own) => own.organizationId === organizationId);
      if (still !== undefined) await correctOpenRuns(session, organizationId, still.open - still.counter);
      return still;
    });
    if (wrong !== undefined) {
      log.warn({ ...wrong }, 'the number of open calls of an organization was wrong and was corrected');
    }
  }
}
