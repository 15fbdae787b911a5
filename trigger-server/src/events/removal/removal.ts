/** Deliveries that are deleted, or whose contents are. */
import type { DeliverySource } from '@dograh-trigger/shared';
import { idList } from '../../storage/id-list';
import type { Session } from '../../storage/port';
import { readRequest, type DeliveryRequest } from '../outbox';
import {
  agedQuery,
  bodiesQuery,
  cancelOfRunQuery,
  deleteAttemptsOfRunsQuery,
  deleteAttemptsQuery,
  deleteCallbacksQuery,
  deleteOfRunsQuery,
  deleteQuery,
  emptyBodiesQuery,
  emptyDeliveryQuery,
  emptyResponsesOfDeliveryQuery,
  emptyResponsesQuery,
  ofRunQuery,
  owedQuery,
} from './store';

/** A place in a list of deliveries, oldest first. */
export interface DeliveryPlace {
  /** When it was delivered. */
  time: string;
  id: number;
}

/** The runs among these that have an event to deliver. */
export async function listRunsOwingEvents(session: Session, runIds: readonly number[]): Promise<Set<number>> {
  return new Set((await owedQuery.all(session, idList(runIds))).map(({ run_id: id }) => id));
}

/** Deletes the deliveries, attempts and callback URLs of these runs. */
export async function deleteEventsOfRuns(session: Session, runIds: readonly number[]): Promise<void> {
  const ids = idList(runIds);
  await deleteAttemptsOfRunsQuery.changes(session, ids);
  await deleteOfRunsQuery.changes(session, ids);
  await deleteCallbacksQuery.changes(session, ids);
}

/** The deliveries with a body that were delivered before an instant, oldest first. */
export async function listDeliveredBodies(
  session: Session,
  organizationId: number,
  { after, before, limit }: { after: DeliveryPlace; before: string; limit: number },
): Promise<DeliveryPlace[]> {
  const rows = await bodiesQuery.all(session, {
    organizationId,
    afterTime: after.time,
    afterId: after.id,
    before,
    limit,
  });
  return rows.map(({ id, completed_at: time }) => ({ id, time: time ?? '' }));
}

/** Removes the bodies of delivered events, and the replies of their receivers, which may quote them. */
export async function removeBodies(session: Session, ids: readonly number[]): Promise<void> {
  await emptyBodiesQuery.changes(session, idList(ids));
  await emptyResponsesQuery.changes(session, idList(ids));
}

/** The deliveries after this one, in the order of their creation. */
export function listDeliveriesAfter(
  session: Session,
  organizationId: number,
  { after, limit }: { after: number; limit: number },
) {
  return agedQuery.all(session, { organizationId, after, limit });
}

export async function deleteDeliveries(session: Session, ids: readonly number[]): Promise<void> {
  await deleteAttemptsQuery.changes(session, idList(ids));
  await deleteQuery.changes(session, idList(ids));
}

/** Cancels what an erased run has still to deliver, and removes what its events and their addresses contain. */
export async function eraseEventsOfRun(session: Session, runId: number, at: string): Promise<void> {
  await cancelOfRunQuery.changes(session, { runId, at });
  for (const { id, source, request } of await ofRunQuery.all(session, { runId })) {
    const kept = withoutPerson(source, readRequest(request));
    await emptyDeliveryQuery.changes(session, { id, request: JSON.stringify(kept) });
    await emptyResponsesOfDeliveryQuery.changes(session, { id });
  }
  await deleteCallbacksQuery.changes(session, idList([runId]));
}

/** Callback URL and trace are of one call, and may contain its data. Of the URL only the receiver's host is kept. */
function withoutPerson(source: DeliverySource, stored: DeliveryRequest | null): DeliveryRequest | null {
  if (stored === null) return null;
  const { trace: _trace, ...request } = stored;
  if (source !== 'callback_url') return request;
  return { ...request, url: URL.canParse(request.url) ? `${new URL(request.url).origin}/` : '' };
}
