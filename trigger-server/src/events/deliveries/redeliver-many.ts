/** Sends all deliveries again that failed in a period, for example because a receiver was down for a day. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RedeliverManyReply } from '@dograh-trigger/shared';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import { findHook } from '../subscription-store';
import { canBeSent, resend } from './deliveries';
import { findDeliveryById } from './delivery-store';
import { findPlace, listIds, type SettledFilter } from './settled-store';

/** One request changes at most this many, so that it ends in seconds. The next request changes the next ones. */
const mostAtOnce = 10_000;
/** Between two slices, and between two writes, other requests are served. */
const idsPerSlice = 2_000;
const changesPerWrite = 100;

/**
 * Oldest first, each with its own id and body and with all its retries.
 * @param isDryRun whether they are only counted.
 * @throws Problem not_found for a subscription that the organization does not have.
 */
export async function redeliverMany(
  services: Pick<Services, 'storage' | 'clock'>,
  filter: SettledFilter,
  isDryRun: boolean,
): Promise<RedeliverManyReply> {
  const { organizationId, hookId } = filter;
  if (hookId !== null && (await findHook(services.storage.read, organizationId, hookId)) === undefined) {
    throw new Problem('not_found', 'Hook not found');
  }
  let matching = 0;
  let queued = 0;
  for await (const ids of slicesOf(services, filter)) {
    matching += ids.length;
    if (isDryRun) continue;
    const chosen = ids.slice(0, mostAtOnce - queued);
    for (let start = 0; start < chosen.length; start += changesPerWrite) {
      queued += await resendSome(services, filter, chosen.slice(start, start + changesPerWrite));
    }
  }
  return { matching, queued };
}

async function* slicesOf(
  { storage }: Pick<Services, 'storage'>,
  filter: SettledFilter,
): AsyncGenerator<number[]> {
  let after = 0;
  for (;;) {
    const place = await findPlace(storage.read, filter, after, idsPerSlice);
    yield await listIds(storage.read, filter, { after, upTo: place ?? Number.MAX_SAFE_INTEGER });
    if (place === undefined) return;
    after = place;
    await nextTurn();
  }
}

/** @returns how many were still in the status. */
function resendSome(
  { storage, clock }: Pick<Services, 'storage' | 'clock'>,
  { status }: SettledFilter,
  ids: readonly number[],
): Promise<number> {
  return storage.write(async (session) => {
    let changed = 0;
    for (const id of ids) {
      const row = await findDeliveryById(session, id);
      if (row?.status !== status || !(await canBeSent(session, row))) continue;
      await resend(session, row, clock.now());
      changed += 1;
    }
    return changed;
  });
}
