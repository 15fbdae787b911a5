/** The queries of sign-in links. */
import { sql } from 'kysely';
import { query, type ParameterMaker } from '../storage/query';
import type { Session } from '../storage/port';

const insertQuery = query((db, param: ParameterMaker<{ hash: string; userId: number; expiresAt: string }>) =>
  db
    .insertInto('sign_in_links')
    .values({ hash: param('hash'), user_id: param('userId'), expires_at: param('expiresAt') }),
);

export async function insertLink(
  session: Session,
  values: Parameters<typeof insertQuery.changes>[1],
): Promise<void> {
  await insertQuery.changes(session, values);
}

const userQuery = query((db, param: ParameterMaker<{ hash: string; now: string }>) =>
  db
    .selectFrom('sign_in_links')
    .select('user_id')
    .where('hash', '=', param('hash'))
    .where('expires_at', '>', param('now')),
);

/** The user of a link that has not expired, or null. */
export async function findLinkedUser(session: Session, hash: string, now: string): Promise<number | null> {
  return (await userQuery.first(session, { hash, now }))?.user_id ?? null;
}

const deleteQuery = query((db, param: ParameterMaker<{ hash: string; now: string }>) =>
  db.deleteFrom('sign_in_links').where('hash', '=', param('hash')).where('expires_at', '>', param('now')),
);

/** @returns whether there was such a link that had not expired. */
export async function deleteLink(session: Session, hash: string, now: string): Promise<boolean> {
  return (await deleteQuery.changes(session, { hash, now })) > 0;
}

const deleteExpiredQuery = query((db, param: ParameterMaker<{ now: string }>) =>
  db.deleteFrom('sign_in_links').where('expires_at', '<=', param('now')),
);

export async function deleteExpiredLinks(session: Session, now: string): Promise<void> {
  await deleteExpiredQuery.changes(session, { now });
}

const firstPasswordQuery = query(
  (db, param: ParameterMaker<{ id: number; email: string; passwordHash: string; name: string | null }>) =>
    db
      .updateTable('users')
      .set({
        email: param('email'),
        password_hash: param('passwordHash'),
        name: sql<string | null>`coalesce(${param('name')}, name)`,
      })
      .where('id', '=', param('id'))
      .where('password_hash', 'is', null),
);

/** @returns whether the user had no password. @throws UniqueViolation when the e-mail is taken. */
export async function setFirstPassword(
  session: Session,
  values: Parameters<typeof firstPasswordQuery.changes>[1],
): Promise<boolean> {
  return (await firstPasswordQuery.changes(session, values)) > 0;
}
