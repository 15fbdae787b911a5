/** Ends calls that leave the queue without a dial: canceled, expired, or no longer possible. */
import { endQueued, listExpired, listQueuedTo, type QueueEnd } from '../../runs/queued/queued-runs';
import { findRun } from '../../runs/runs';
import type { Services } from '../../services';
import type { WriteSession } from '../../storage/port';
import { enqueueRunEvents } from '../../events/outbox';
import { rememberDisposition } from '../../usage/dispositions';
import { countCampaignEnd } from '../campaign-state/ends';
import { deletePlan } from './plan';

type Needs = Pick<Services, 'config' | 'clock' | 'chance'>;

/**
 * Ends a queued run, with its event. It has no slot to free.
 * @returns false if it is no longer queued.
 */
export async function leaveQueue(
  services: Needs,
  session: WriteSession,
  runId: number,
  end: QueueEnd,
): Promise<boolean> {
  await session.lock('run', runId);
  const at = services.clock.now();
  if (!(await endQueued(session, runId, end, at.toISOString()))) return false;
  await deletePlan(session, runId);
  await rememberDisposition(session, runId, end.status);
  const run = await findRun(session, runId);
  if (run === undefined) return true;
  await countCampaignEnd(session, run);
  await enqueueRunEvents(services, session, run, at, null);
  return true;
}

const expiredAtATime = 50;

/** Ends some of the calls that have expired. @returns how many. */
export async function expireSome(
  services: Needs & Pick<Services, 'storage' | 'deliveryAlarm'>,
): Promise<number> {
  const { storage, clock, deliveryAlarm } = services;
  const expired = await listExpired(storage.read, clock.now().toISOString(), expiredAtATime);
  const end = { status: 'expired', reason: 'expired', detail: null } as const;
  for (const id of expired) await storage.write((session) => leaveQueue(services, session, id, end));
  if (expired.length > 0) deliveryAlarm.ringIn(0);
  return expired.length;
}

const mostToOneNumber = 1000;

/**
 * Ends the queued calls to numbers that must not be called any more, in the transaction that says so. Those beyond a
 * thousand to one number end when they are due.
 */
export async function cancelCallsTo(
  services: Needs,
  session: WriteSession,
  organizationId: number,
  calledNumbers: readonly string[],
): Promise<void> {
  const end = { status: 'canceled', reason: 'do_not_call', detail: null } as const;
  const queued = await Promise.all(
    calledNumbers.map((number) => listQueuedTo(session, organizationId, number, mostToOneNumber)),
  );
  for (const id of queued.flat()) await leaveQueue(services, session, id, end);
}
