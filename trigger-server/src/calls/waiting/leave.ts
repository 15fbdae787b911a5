/** Ends calls that leave the queue without a dial: canceled, expired, or no longer possible. */
import { countUndialledRun } from '../../accounts/organizations';
import { hasSpeech } from '../../artifacts/heard';
import { endQueued, listExpired, listQueuedTo, type QueueEnd } from '../../runs/queued/queued-runs';
import { findRun } from '../../runs/runs';
import type { Services } from '../../services';
import type { WriteSession } from '../../storage/port';
import { enqueueRunEvents, receiversOf } from '../../events/outbox';
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
  const waiting = await findRun(session, runId);
  if (waiting === undefined) return false;
  // What was said in former attempts is the transcript.
  const hasTranscript = waiting.attempt > 1 && (await hasSpeech(session, runId));
  const run = await endQueued(session, runId, { ...end, hasTranscript }, at.toISOString());
  if (run === undefined) return false;
  await deletePlan(session, runId);
  await rememberDisposition(session, runId, end.status);
  await countUndialledRun(session, run);
  await countCampaignEnd(session, run);
  const receivers = await receiversOf(services, session, run, { hasEnded: true });
  await enqueueRunEvents(services, session, { run, receivers }, at, null);
  return true;
}

/** The end of a call whose `not_after` has passed. */
export const expiry: QueueEnd = { status: 'expired', reason: 'expired', detail: null };

const expiredAtATime = 50;

/** Ends some of the calls that have expired. @returns how many. */
export async function expireSome(
  services: Needs & Pick<Services, 'storage' | 'deliveryAlarm'>,
): Promise<number> {
  const { storage, clock, deliveryAlarm } = services;
  const expired = await listExpired(storage.read, clock.now().toISOString(), expiredAtATime);
  for (const id of expired) await storage.write((session) => expireOne(services, session, id));
  if (expired.length > 0) deliveryAlarm.ringIn(0);
  return expired.length;
}

/** A change of the call under the same lock may have put its end off. */
async function expireOne(services: Needs, session: WriteSession, runId: number): Promise<void> {
  await session.lock('run', runId);
  const run = await findRun(session, runId);
  const expiresAt = run?.expires_at ?? null;
  if (expiresAt === null || expiresAt > services.clock.now().toISOString()) return;
  await leaveQueue(services, session, runId, expiry);
}

const mostToOneNumber = 1000;

/**
 * Ends the queued calls to numbers that must not be called any more, or not until an instant, in the transaction that says
 * so. Calls that are due later stay, and are checked when they are due. So are those beyond a thousand to one number.
 */
export async function cancelCallsTo(
  services: Needs,
  session: WriteSession,
  organizationId: number,
  blocked: readonly { number: string; until: string | null }[],
): Promise<void> {
  const end = { status: 'canceled', reason: 'do_not_call', detail: null } as const;
  const queued = await Promise.all(
    blocked.map((entry) => listQueuedTo(session, organizationId, entry, mostToOneNumber)),
  );
  for (const id of queued.flat()) await leaveQueue(services, session, id, end);
}
