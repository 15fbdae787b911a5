/** Queued runs: calls that wait for their dial. A queued run has a due time and takes no slot. */
import type { RunReason, WaitingReason } from '@dograh-trigger/shared';
import type { Session } from '../../storage/port';
import type { RunRow } from '../store';
import {
  changeQueuedQuery,
  dueNowQuery,
  endQueuedQuery,
  expiredQuery,
  hasDueQuery,
  headsQuery,
  labelQuery,
  lanesQuery,
  planQuery,
  postponeQueuedQuery,
  queuedInLaneQuery,
  queuedToNumberQuery,
  queueQuery,
  returnQuery,
  takeLaneTurnQuery,
  takeQuery,
} from './store';

/** When a call is due, by the wall clock, and what it waits for until then. */
export interface Wait {
  dueAt: Date;
  waitingFor: WaitingReason;
}

/** Queues a run that was just inserted. @param place `lane`: see `RunTable.lane`. */
export async function queueRun(
  session: Session,
  id: number,
  { dueAt, waitingFor }: Wait,
  place: { lane: string; expiresAt: string | null },
): Promise<void> {
  await queueQuery.changes(session, { id, dueAt: dueAt.toISOString(), waitingFor, ...place });
}

/** Notes that a run that is dialled at once may be queued after it. @param place as of `queueRun`. */
export async function planRun(
  session: Session,
  id: number,
  place: { lane: string; expiresAt: string | null },
): Promise<void> {
  await planQuery.changes(session, { id, ...place });
}

/** Writes what the caller calls the run. @param labels `metadata`: as JSON. */
export async function labelRun(
  session: Session,
  id: number,
  labels: { reference: string | null; metadata: string | null },
): Promise<void> {
  await labelQuery.changes(session, { id, ...labels });
}

/** A lane of the queue. @property dueAt when its first call is due. */
export interface Lane {
  lane: string;
  dueAt: string;
  /** When a call of it was taken last, by the steady clock; null: never. */
  takenAt: string | null;
}

export async function listLanes(session: Session): Promise<Lane[]> {
  const rows = await lanesQuery.all(session, {});
  return rows.flatMap(({ lane, due_at: dueAt, taken_at: takenAt }) =>
    lane === null || dueAt === null ? [] : [{ lane, dueAt, takenAt }],
  );
}

/** A due call at the head of its lane. */
export interface LaneHead {
  id: number;
  organizationId: number;
  lane: string;
  dueAt: string;
  waitingFor: WaitingReason | null;
  /** The account that its request chose. At the dial it may be another one. */
  configurationId: number;
}

/** The first calls of a lane that are due, in order. */
export async function listHeads(
  session: Session,
  lane: string,
  now: string,
  limit: number,
): Promise<LaneHead[]> {
  return (await headsQuery.all(session, { lane, now, limit })).map((row) => ({
    id: row.id,
    organizationId: row.organization_id,
    lane,
    dueAt: row.due_at ?? now,
    waitingFor: row.waiting_for,
    configurationId: row.telephony_configuration_id,
  }));
}

/** Whether a call of this lane is due, so that a new one must not be placed before it. */
export async function hasDue(session: Session, lane: string, now: string): Promise<boolean> {
  return (await hasDueQuery.first(session, { lane, now })) !== undefined;
}

/** Notes that a call of the lane was taken: the others have their turns first. @param at by the steady clock. */
export async function takeLaneTurn(session: Session, lane: string, at: string): Promise<void> {
  await takeLaneTurnQuery.changes(session, { lane, at });
}

/**
 * Moves a run out of the queue: this process dials it. @param values `dueAt` as it was read; `now` by the wall clock.
 * @returns false if it has changed meanwhile, or has expired.
 */
export async function takeRun(
  session: Session,
  values: Parameters<typeof takeQuery.changes>[1],
): Promise<boolean> {
  return (await takeQuery.changes(session, values)) > 0;
}

/** Makes every call due that waits for a slot, its turn or the carrier. @param now by the wall clock. */
export async function makeWaitingDueNow(session: Session, now: string): Promise<void> {
  await dueNowQuery.changes(session, { now });
}

/** Changes nothing unless the run is queued as it was read. */
export async function postponeQueued(
  session: Session,
  { id, dueAt: seenDueAt }: { id: number; dueAt: string },
  { dueAt, waitingFor }: Wait,
): Promise<void> {
  await postponeQueuedQuery.changes(session, { id, seenDueAt, dueAt: dueAt.toISOString(), waitingFor });
}

/** @returns false if the run is no longer queued. */
export async function changeQueued(
  session: Session,
  values: Parameters<typeof changeQueuedQuery.changes>[1],
): Promise<boolean> {
  return (await changeQueuedQuery.changes(session, values)) > 0;
}

/** Puts a run whose dial called nobody back into the queue. @param detail why, in words. @returns false if it has ended. */
export async function returnToQueue(
  session: Session,
  id: number,
  { dueAt, waitingFor }: Wait,
  detail: string,
): Promise<boolean> {
  return (await returnQuery.changes(session, { id, dueAt: dueAt.toISOString(), waitingFor, detail })) > 0;
}

/** How a queued run ends without a dial. */
export interface QueueEnd {
  status: 'canceled' | 'expired' | 'failed';
  reason: RunReason;
  /** In words; null: the reason says all. */
  detail: string | null;
}

/** Ends a queued run. @returns the run as it is then; undefined if it is no longer queued. */
export function endQueued(
  session: Session,
  id: number,
  { hasTranscript, ...end }: QueueEnd & { hasTranscript: boolean },
  at: string,
): Promise<RunRow | undefined> {
  return endQueuedQuery.first(session, { id, at, ...end, hasTranscript: hasTranscript ? 1 : 0 });
}

/** The queued runs that have expired, the longest ago first. @param now by the wall clock. */
export async function listExpired(session: Session, now: string, limit: number): Promise<number[]> {
  return (await expiredQuery.all(session, { now, limit })).map(({ id }) => id);
}

/** Where a queued run stands in its lane. */
export interface QueuedPlace {
  id: number;
  dueAt: string;
}

/** The queued runs of a lane after one of them, in order. @param after null: from the first one on. */
export async function listQueuedIn(
  session: Session,
  lane: { organizationId: number; lane: string },
  after: QueuedPlace | null,
  limit: number,
): Promise<(QueuedPlace & { agentId: number; reference: string | null })[]> {
  const { id: afterId, dueAt: afterDue } = after ?? { id: 0, dueAt: '' };
  const rows = await queuedInLaneQuery.all(session, { ...lane, afterDue, afterId, limit });
  return rows.map(({ id, due_at: dueAt, agent_id: agentId, reference }) => ({
    id,
    dueAt: dueAt ?? '',
    agentId,
    reference,
  }));
}

/** Later than any call is due. */
const endOfTime = '9999-12-31T23:59:59.999Z';

/** The queued runs to a number (E.164) that are due before an instant; null: all. */
export async function listQueuedTo(
  session: Session,
  organizationId: number,
  { number: calledNumber, until }: { number: string; until: string | null },
  limit: number,
): Promise<number[]> {
  const before = until ?? endOfTime;
  const rows = await queuedToNumberQuery.all(session, { organizationId, calledNumber, before, limit });
  return rows.map(({ id }) => id);
}
