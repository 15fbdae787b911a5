/** The queries of sessions. */
import { query, type ParameterMaker } from '../../storage/query';
import type { Session } from '../../storage/port';

const insertQuery = query(
  (
    db,
    param: ParameterMaker<{ id: string; userId: number; at: string; passwordResetUntil: string | null }>,
  ) =>
    db.insertInto('sessions').values({
      id: param('id'),
      user_id: param('userId'),
      created_at: param('at'),
      last_seen_at: param('at'),
      password_reset_until: param('passwordResetUntil'),
    }),
);

export async function insertSession(
  session: Session,
  values: Parameters<typeof insertQuery.changes>[1],
): Promise<void> {
  await insertQuery.changes(session, values);
}

const sessionQuery = query((db, param: ParameterMaker<{ id: string; userId: number }>) =>
  db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(['sessions.last_seen_at', 'users.organization_id'])
    .where('sessions.id', '=', param('id'))
    .where('sessions.user_id', '=', param('userId')),
);

export function findSession(
  session: Session,
  id: string,
  userId: number,
): Promise<{ last_seen_at: string; organization_id: number } | undefined> {
  return sessionQuery.first(session, { id, userId });
}

const touchQuery = query((db, param: ParameterMaker<{ id: string; at: string }>) =>
  db
    .updateTable('sessions')
    .set({ last_seen_at: param('at') })
    .where('id', '=', param('id')),
);

export async function touchSession(session: Session, id: string, at: string): Promise<void> {
  await touchQuery.changes(session, { id, at });
}

const resetQuery = query((db, param: ParameterMaker<{ id: string }>) =>
  db.selectFrom('sessions').select('password_reset_until').where('id', '=', param('id')),
);

/** Until when the session may set a new password without the current one; null when it may not. */
export async function findPasswordReset(session: Session, id: string): Promise<string | null> {
  return (await resetQuery.first(session, { id }))?.password_reset_until ?? null;
}

const endResetQuery = query((db, param: ParameterMaker<{ id: string }>) =>
  db.updateTable('sessions').set({ password_reset_until: null }).where('id', '=', param('id')),
);

/** From now on the session needs the current password to set a new one. */
export async function endPasswordReset(session: Session, id: string): Promise<void> {
  await endResetQuery.changes(session, { id });
}

const deleteQuery = query((db, param: ParameterMaker<{ id: string }>) =>
  db.deleteFrom('sessions').where('id', '=', param('id')),
);

export async function deleteSession(session: Session, id: string): Promise<void> {
  await deleteQuery.changes(session, { id });
}

const deleteOthersQuery = query((db, param: ParameterMaker<{ userId: number; id: string }>) =>
  db.deleteFrom('sessions').where('user_id', '=', param('userId')).where('id', '!=', param('id')),
);

/** Deletes all sessions of the user but this one. */
export async function deleteOtherSessions(session: Session, userId: number, id: string): Promise<void> {
  await deleteOthersQuery.changes(session, { userId, id });
}

const deleteIdleQuery = query((db, param: ParameterMaker<{ userId: number; before: string }>) =>
  db
    .deleteFrom('sessions')
    .where('user_id', '=', param('userId'))
    .where('last_seen_at', '<=', param('before')),
);

/** Deletes the user's sessions that were last used at `before` or earlier. */
export async function deleteIdleSessions(session: Session, userId: number, before: string): Promise<void> {
  await deleteIdleQuery.changes(session, { userId, before });
}

const deleteAllIdleQuery = query((db, param: ParameterMaker<{ before: string }>) =>
  db.deleteFrom('sessions').where('last_seen_at', '<=', param('before')),
);

/** Deletes every session that was last used at `before` or earlier. */
export async function deleteAllIdleSessions(session: Session, before: string): Promise<void> {
  await deleteAllIdleQuery.changes(session, { before });
}
