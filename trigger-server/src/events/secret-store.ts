/** The queries of signing secrets. */
import { query, type ParameterMaker } from '../storage/query';
import type { Session } from '../storage/port';

/**
 * The current secret and three earlier ones, so that repeated rotation cannot make the signature header too long. A
 * fourth rotation within 24 hours ends the oldest secret early.
 */
const mostSignatures = 4;

const validQuery = query((db, param: ParameterMaker<{ organizationId: number; now: string }>) =>
  db
    .selectFrom('webhook_secrets')
    .select(['secret', 'expires_at'])
    .where('organization_id', '=', param('organizationId'))
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', param('now'))]))
    .orderBy('id', 'desc')
    .limit(mostSignatures),
);

/** The secrets that have not expired, the current one first; at most the four newest. */
export function listValidSecrets(session: Session, organizationId: number, now: string) {
  return validQuery.all(session, { organizationId, now });
}

const insertQuery = query(
  (db, param: ParameterMaker<{ organizationId: number; secret: string; at: string }>) =>
    db.insertInto('webhook_secrets').values({
      organization_id: param('organizationId'),
      secret: param('secret'),
      created_at: param('at'),
    }),
);

/** @throws a unique violation when there is a current one. */
export async function insertSecret(
  session: Session,
  values: Parameters<typeof insertQuery.changes>[1],
): Promise<void> {
  await insertQuery.changes(session, values);
}

const expireQuery = query((db, param: ParameterMaker<{ organizationId: number; expiresAt: string }>) =>
  db
    .updateTable('webhook_secrets')
    .set({ expires_at: param('expiresAt') })
    .where('organization_id', '=', param('organizationId'))
    .where('expires_at', 'is', null),
);

/** Makes the current secret an earlier one: it still signs until it expires or there are four newer ones. */
export async function retireSecret(
  session: Session,
  organizationId: number,
  expiresAt: string,
): Promise<void> {
  await expireQuery.changes(session, { organizationId, expiresAt });
}

const deleteExpiredQuery = query((db, param: ParameterMaker<{ now: string }>) =>
  db.deleteFrom('webhook_secrets').where('expires_at', '<=', param('now')),
);

/** Deletes the secrets that sign no more. */
export async function deleteExpiredSecrets(session: Session, now: string): Promise<void> {
  await deleteExpiredQuery.changes(session, { now });
}
