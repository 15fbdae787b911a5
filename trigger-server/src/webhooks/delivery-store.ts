/** The queries of deliveries: writing them, claiming those that are due, recording attempts. */
import { sql, type Insertable, type Selectable } from 'kysely';
import { query, type ParameterMaker } from '../storage/query';
import type { WebhookAttemptTable, WebhookDeliveryTable } from '../storage/schema';
import type { Session } from '../storage/storage';

export type DeliveryRow = Selectable<WebhookDeliveryTable>;
export type AttemptRow = Selectable<WebhookAttemptTable>;

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

/** Written into the text of a query, so that SQLite uses the partial index. */
const pending = sql<'pending'>`${sql.lit('pending')}`;

const bringForwardQuery = query((db, param: ParameterMaker<{ runId: number; at: string }>) =>
  db
    .updateTable('webhook_deliveries')
    .set({ next_attempt_at: param('at') })
    .where('run_id', '=', param('runId'))
    .where('status', '=', pending)
    .where('attempt_count', '=', 0)
    .where('next_attempt_at', '>', param('at')),
);

/** Makes the run's deliveries due at once that have not been tried yet. */
export async function bringForward(session: Session, runId: number, at: string): Promise<void> {
  await bringForwardQuery.changes(session, { runId, at });
}

// A loose scan: it steps from one receiver to the next through the index, however many deliveries each has.
const receiversQuery = query((db, param: ParameterMaker<{ after: string; now: string; limit: number }>) =>
  db
    .withRecursive('receivers(name)', (cte) =>
      cte
        .selectFrom('webhook_deliveries')
        .select((eb) => eb.fn.min<string | null>('receiver').as('name'))
        .where('status', '=', pending)
        .where('receiver', '>', param('after'))
        .unionAll((union) =>
          union
            .selectFrom('receivers')
            .select((eb) =>
              eb
                .selectFrom('webhook_deliveries')
                .select((next) => next.fn.min<string | null>('receiver').as('name'))
                .where('status', '=', pending)
                .whereRef('receiver', '>', 'receivers.name')
                .as('name'),
            )
            .where('receivers.name', 'is not', null),
        ),
    )
    .selectFrom('receivers')
    .select('name')
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('webhook_deliveries')
          .select('id')
          .whereRef('receiver', '=', 'receivers.name')
          .where('status', '=', pending)
          .where('next_attempt_at', '<=', param('now')),
      ),
    )
    .limit(param('limit')),
);

/** Receivers that something is due for, in the order of their names, from the first one after `after` on. */
export async function listDueReceivers(
  session: Session,
  values: Parameters<typeof receiversQuery.all>[1],
): Promise<string[]> {
  return (await receiversQuery.all(session, values)).flatMap(({ name }) => name ?? []);
}

const dueQuery = query((db, param: ParameterMaker<{ receiver: string; now: string }>) =>
  db
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('receiver', '=', param('receiver'))
    .where('status', '=', pending)
    .where('next_attempt_at', '<=', param('now'))
    .orderBy('next_attempt_at')
    .orderBy('id')
    .limit(1),
);

/** What has been due for this receiver the longest. */
export async function findDue(
  session: Session,
  values: Parameters<typeof dueQuery.first>[1],
): Promise<number | undefined> {
  return (await dueQuery.first(session, values))?.id;
}

const claimQuery = query((db, param: ParameterMaker<{ id: number; now: string; leaseEnd: string }>) =>
  db
    .updateTable('webhook_deliveries')
    .set((eb) => ({ attempt_count: eb('attempt_count', '+', 1), next_attempt_at: param('leaseEnd') }))
    .where('id', '=', param('id'))
    .where('status', '=', pending)
    .where('next_attempt_at', '<=', param('now'))
    .returningAll(),
);

/**
 * Takes a due delivery for one attempt, which counts as lost at `leaseEnd`.
 * @returns undefined when another has taken it.
 */
export function claimDelivery(
  session: Session,
  values: Parameters<typeof claimQuery.first>[1],
): Promise<DeliveryRow | undefined> {
  return claimQuery.first(session, values);
}

const freezeQuery = query((db, param: ParameterMaker<{ id: number; body: string }>) =>
  db
    .updateTable('webhook_deliveries')
    .set({ body: param('body') })
    .where('id', '=', param('id'))
    .where('body', 'is', null),
);

export async function freezeBody(session: Session, id: number, body: string): Promise<void> {
  await freezeQuery.changes(session, { id, body });
}

const insertAttemptQuery = query(
  (
    db,
    param: ParameterMaker<{
      deliveryId: number;
      number: number;
      startedAt: string;
      durationMilliseconds: number;
      statusCode: number | null;
      error: string | null;
      response: string | null;
    }>,
  ) =>
    db.insertInto('webhook_attempts').values({
      delivery_id: param('deliveryId'),
      number: param('number'),
      started_at: param('startedAt'),
      duration_milliseconds: param('durationMilliseconds'),
      status_code: param('statusCode'),
      error: param('error'),
      response: param('response'),
    }),
);

export async function insertAttempt(
  session: Session,
  values: Parameters<typeof insertAttemptQuery.changes>[1],
): Promise<void> {
  await insertAttemptQuery.changes(session, values);
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

/** Notes what an attempt came to, unless the delivery was canceled, asked for again, or a later attempt has begun. */
export async function settleDelivery(
  session: Session,
  values: Parameters<typeof settleQuery.changes>[1],
): Promise<void> {
  await settleQuery.changes(session, values);
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

const cancelCallbacksQuery = query((db, param: ParameterMaker<{ runId: number; at: string }>) =>
  db
    .updateTable('webhook_deliveries')
    .set({ status: 'canceled', next_attempt_at: null, completed_at: param('at') })
    .where('run_id', '=', param('runId'))
    .where('source', '=', 'callback_url')
    .where('status', '=', pending),
);

export async function cancelCallbacksOfRun(session: Session, runId: number, at: string): Promise<void> {
  await cancelCallbacksQuery.changes(session, { runId, at });
}
