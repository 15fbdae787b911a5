/** The queries of attempts. Each is written when it begins, so that one that the server does not survive is seen, too. */
import { sql, type Selectable } from 'kysely';
import { query, type ParameterMaker } from '../../storage/query';
import type { WebhookAttemptTable } from '../../storage/schema';
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

/** Belongs into the transaction that claims the delivery: whoever counts attempts finds each of them. */
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
    }>,
  ) =>
    db
      .updateTable('webhook_attempts')
      .set({
        duration_milliseconds: param('durationMilliseconds'),
        status_code: param('statusCode'),
        error: param('error'),
        response: param('response'),
      })
      .where('delivery_id', '=', param('deliveryId'))
      .where('number', '=', param('number')),
);

/** Notes what came of an attempt: a status code, an error, or both. */
export async function endAttempt(
  session: Session,
  values: Parameters<typeof endQuery.changes>[1],
): Promise<void> {
  await endQuery.changes(session, values);
}

/** Whether nothing is known of its end. */
export function isOpen(attempt: Pick<AttemptRow, 'status_code' | 'error'>): boolean {
  return attempt.status_code === null && attempt.error === null;
}

const attemptsQuery = query((db, param: ParameterMaker<{ deliveryId: number }>) =>
  db.selectFrom('webhook_attempts').selectAll().where('delivery_id', '=', param('deliveryId')).orderBy('id'),
);

/** In the order in which they began. */
export function listAttempts(session: Session, deliveryId: number): Promise<AttemptRow[]> {
  return attemptsQuery.all(session, { deliveryId });
}
