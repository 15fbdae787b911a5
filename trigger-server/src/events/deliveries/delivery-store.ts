/** The queries that insert, claim, settle and cancel deliveries. */
import { sql, type Insertable, type Selectable } from 'kysely';
import { locked, unclaimed } from '../../storage/claim';
import { query, type ParameterMaker } from '../../storage/query';
import type { WebhookDeliveryTable } from '../../storage/tables/events';
import type { Session } from '../../storage/port';

export type DeliveryRow = Selectable<WebhookDeliveryTable>;

type NewDelivery = Pick<
  Required<Insertable<WebhookDeliveryTable>>,
  | 'uuid'
  | 'organization_id'
  | 'run_id'
  | 'source'
  | 'hook_id'
  | 'receiver'
  | 'next_attempt_at'
  | 'created_at'
  | 'request'
>;

const insertQuery = query(
  (db, param: ParameterMaker<{ [Column in keyof NewDelivery]: NewDelivery[Column] }>) =>
    db.insertInto('webhook_deliveries').values({
      uuid: param('uuid'),
      organization_id: param('organization_id'),
      run_id: param('run_id'),
      source: param('source'),
      hook_id: param('hook_id'),
      receiver: param('receiver'),
      next_attempt_at: param('next_attempt_at'),
      created_at: param('created_at'),
      request: param('request'),
      status: 'pending',
      attempt_count: 0,
      attempts_before_retry: 0,
    }),
);

export function insertDelivery(session: Session, delivery: NewDelivery): Promise<number> {
  return insertQuery.changes(session, delivery);
}

/** A literal instead of a parameter, so that SQLite uses the partial index. */
const pending = sql<'pending'>`${sql.lit('pending')}`;

export const makeEventsDueNowQuery = query((db, param: ParameterMaker<{ runId: number; at: string }>) =>
  db
    .updateTable('webhook_deliveries')
    .set({ next_attempt_at: param('at') })
    .where('run_id', '=', param('runId'))
    .where('status', '=', pending)
    .where('attempt_count', '=', 0)
    .where('next_attempt_at', '>', param('at')),
);

/** A run has a few deliveries, a hook may have ten thousand. The plus sign makes SQLite use the index of runs. */
const ownHook = sql<number>`+hook_id`;

const owedQuery = query((db, param: ParameterMaker<{ runId: number; hookId: number }>) =>
  locked(
    db,
    db
      .selectFrom('webhook_deliveries')
      .select('id')
      .where('run_id', '=', param('runId'))
      .where(ownHook, '=', param('hookId'))
      .where('status', '=', pending),
  ),
);

/**
 * Whether a delivery of this run to this subscription is still pending. It stays so until this write ends, so that
 * whoever settles it finds the deliveries that wait for it.
 */
export async function isOwedToHook(session: Session, runId: number, hookId: number): Promise<boolean> {
  return (await owedQuery.first(session, { runId, hookId })) !== undefined;
}

const releaseQuery = query((db, param: ParameterMaker<{ runId: number; hookId: number; at: string }>) =>
  db
    .updateTable('webhook_deliveries')
    .set({ next_attempt_at: param('at') })
    .where('run_id', '=', param('runId'))
    .where(ownHook, '=', param('hookId'))
    .where('status', '=', pending)
    .where('next_attempt_at', 'is', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('webhook_deliveries as earlier')
            .select('earlier.id')
            .where('earlier.run_id', '=', param('runId'))
            .where(sql<number>`+earlier.hook_id`, '=', param('hookId'))
            .where('earlier.status', '=', pending)
            .where('earlier.next_attempt_at', 'is not', null),
        ),
      ),
    ),
);

/** Makes the deliveries due that waited for earlier events of this run, once all of those are settled. */
export async function releaseFollowing(
  session: Session,
  values: Parameters<typeof releaseQuery.changes>[1],
): Promise<void> {
  await releaseQuery.changes(session, values);
}

const byIdQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db.selectFrom('webhook_deliveries').selectAll().where('id', '=', param('id')),
);

export function findDeliveryById(session: Session, id: number): Promise<DeliveryRow | undefined> {
  return byIdQuery.first(session, { id });
}

const claimQuery = query((db, param: ParameterMaker<{ id: number; leaseEnd: string; body: string | null }>) =>
  db
    .updateTable('webhook_deliveries')
    .set((eb) => ({
      body: eb.fn.coalesce('body', param('body')),
      attempt_count: eb('attempt_count', '+', 1),
      next_attempt_at: param('leaseEnd'),
      is_due: sql.lit(0),
    }))
    .where('id', 'in', (eb) =>
      unclaimed(
        db,
        eb
          .selectFrom('webhook_deliveries')
          .select('id')
          .where('id', '=', param('id'))
          .where('status', '=', pending)
          .where('is_due', '=', sql<number>`${sql.lit(1)}`),
      ),
    )
    .returningAll(),
);

/**
 * Claims a delivery that is marked as due, for one attempt. The attempt counts as lost at `leaseEnd`. Stores `body` if the
 * delivery has none yet.
 * @returns undefined if it was claimed or canceled meanwhile.
 */
export function claimDelivery(
  session: Session,
  values: Parameters<typeof claimQuery.first>[1],
): Promise<DeliveryRow | undefined> {
  return claimQuery.first(session, values);
}

const settleQuery = query(
  (
    db,
    param: ParameterMaker<{
      id: number;
      attempt: number;
      attemptsBeforeRetry: number;
      status: DeliveryRow['status'];
      nextAttemptAt: string | null;
      completedAt: string | null;
    }>,
  ) =>
    db
      .updateTable('webhook_deliveries')
      .set({
        status: param('status'),
        next_attempt_at: param('nextAttemptAt'),
        completed_at: param('completedAt'),
      })
      .where('id', '=', param('id'))
      .where('status', '=', pending)
      .where('attempt_count', '=', param('attempt'))
      .where('attempts_before_retry', '=', param('attemptsBeforeRetry')),
);

const followQuery = query((db, param: ParameterMaker<{ id: number; attempt: number; at: string }>) =>
  db
    .updateTable('webhook_deliveries')
    .set({ next_attempt_at: param('at') })
    .where('id', '=', param('id'))
    .where('status', '=', pending)
    .where('attempt_count', '=', param('attempt'))
    .where('attempts_before_retry', '=', param('attempt')),
);

/**
 * Records the result of an attempt, unless the delivery was canceled or a later attempt has begun. If a redelivery was
 * requested during the attempt, the delivery is due at once instead, whatever the result.
 * @returns whether it was recorded.
 */
export async function settleDelivery(
  session: Session,
  { now, ...values }: Parameters<typeof settleQuery.changes>[1] & { now: string },
): Promise<boolean> {
  if ((await settleQuery.changes(session, values)) > 0) return true;
  await followQuery.changes(session, { id: values.id, attempt: values.attempt, at: now });
  return false;
}

const cancelOfHookQuery = query((db, param: ParameterMaker<{ hookId: number; at: string }>) =>
  db
    .updateTable('webhook_deliveries')
    .set({ status: 'canceled', next_attempt_at: null, completed_at: param('at') })
    .where('hook_id', '=', param('hookId'))
    .where('status', '=', pending),
);

export async function cancelDeliveriesOfHook(session: Session, hookId: number, at: string): Promise<void> {
  await cancelOfHookQuery.changes(session, { hookId, at });
}
