/** The queries of attempts. An attempt is recorded when it begins, so that a crash during it leaves a trace. */
import { sql, type Selectable } from 'kysely';
import { query, type ParameterMaker } from '../../storage/query';
import type { WebhookAttemptTable } from '../../storage/tables/events';
import type { Session } from '../../storage/port';

export type AttemptRow = Selectable<WebhookAttemptTable>;

const beginQuery = query(
  (db, param: ParameterMaker<{ deliveryId: number; number: number; startedAt: string }>) =>
    db.insertInto('webhook_attempts').values({
      delivery_id: param('deliveryId'),
      number: param('number'),
      started_at: param('startedAt'),
      duration_milliseconds: sql.lit(0),
    }),
);

/** Must run in the transaction that claims the delivery, so that every counted attempt has a row. */
export async function beginAttempt(
  session: Session,
  values: Parameters<typeof beginQuery.changes>[1],
): Promise<void> {
  await beginQuery.changes(session, values);
}

const endQuery = query(
  (
    db,
    param: ParameterMaker<{
      deliveryId: number;
      number: number;
      durationMilliseconds: number;
      statusCode: number | null;
      error: string | null;
      response: string | null;
      sentHeaders: string | null;
    }>,
  ) =>
    db
      .updateTable('webhook_attempts')
      .set((eb) => ({
        duration_milliseconds: param('durationMilliseconds'),
        status_code: param('statusCode'),
        error: param('error'),
        // Null if the body was removed during the attempt, as by an erasure: the reply may quote it.
        response: eb
          .selectFrom('webhook_deliveries')
          .select(sql<string | null>`cast(${param('response')} as text)`.as('response'))
          .where('id', '=', param('deliveryId'))
          .where('body', 'is not', null),
        sent_headers: param('sentHeaders'),
      }))
      .where('delivery_id', '=', param('deliveryId'))
      .where('number', '=', param('number')),
);

/**
 * Records the result of an attempt: a status code, an error, or both. Call it after the delivery was settled, which waits
 * for an erasure under way.
 */
export async function endAttempt(
  session: Session,
  values: Parameters<typeof endQuery.changes>[1],
): Promise<void> {
  await endQuery.changes(session, values);
}

/** Whether the attempt has no recorded end. */
export function isOpen(attempt: Pick<AttemptRow, 'status_code' | 'error'>): boolean {
  return attempt.status_code === null && attempt.error === null;
}

const attemptsQuery = query((db, param: ParameterMaker<{ deliveryId: number }>) =>
  db.selectFrom('webhook_attempts').selectAll().where('delivery_id', '=', param('deliveryId')).orderBy('id'),
);

/** The attempts of a delivery, oldest first. */
export function listAttempts(session: Session, deliveryId: number): Promise<AttemptRow[]> {
  return attemptsQuery.all(session, { deliveryId });
}
