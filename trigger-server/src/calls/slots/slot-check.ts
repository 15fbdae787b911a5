/**
 * Compares the counters of open runs with the runs themselves. Each run changes its counter in its own transactions, so
 * they differ only after a fault of this server or a change by hand; then calls would be refused, or the limit passed.
 */
import { correctOpenRuns } from '../../accounts/organizations';
import { every } from '../../every';
import type { Settled, WriteSession } from '../../storage/port';
import { listMiscounts, type Miscount } from './miscounts';
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
    const wrong = await storage.writeTogether(correctCounters, organizationId);
    if (wrong !== undefined) {
      log.warn({ ...wrong }, 'the number of open calls of an organization was wrong and was corrected');
    }
  }
}

/**
 * For `Storage.writeTogether`: a write that it shared with the end of a call would see that call as ended before its
 * counter has gone down, and correct what is right. @returns what was wrong, as `listMiscounts`.
 */
async function correctCounters(
  session: WriteSession,
  organizationIds: readonly number[],
): Promise<Settled<Miscount | undefined>[]> {
  // Another process may correct them, too.
  for (const id of organizationIds) await session.lock('organization', id);
  const wrong = await listMiscounts(session);
  const corrected: Settled<Miscount | undefined>[] = [];
  for (const id of organizationIds) {
    const result = wrong.find(({ organizationId }) => organizationId === id);
    if (result !== undefined) await correctOpenRuns(session, id, result.open - result.counter);
    corrected.push({ ok: true, result });
  }
  return corrected;
}
