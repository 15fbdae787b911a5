/** The queries of idempotency keys. */
import { idList, idsOf, type IdList } from '../storage/id-list';
import { query, type ParameterMaker } from '../storage/query';
import type { Session } from '../storage/port';

const keyQuery = query((db, param: ParameterMaker<{ organizationId: number; key: string }>) =>
  db
    .selectFrom('idempotency_keys')
    .select(['request_hash', 'run_id', 'expires_at'])
    .where('organization_id', '=', param('organizationId'))
    .where('key', '=', param('key')),
);

/** Also finds one that has expired and is not yet deleted. */
export function findIdempotencyKey(session: Session, organizationId: number, key: string) {
  return keyQuery.first(session, { organizationId, key });
}

const insertKeyQuery = query(
  (
    db,
    param: ParameterMaker<{
      organizationId: number;
      key: string;
      requestHash: string;
      runId: number;
      expiresAt: string;
    }>,
  ) =>
    db.insertInto('idempotency_keys').values({
      organization_id: param('organizationId'),
      key: param('key'),
      request_hash: param('requestHash'),
      run_id: param('runId'),
      expires_at: param('expiresAt'),
    }),
);

export function insertIdempotencyKey(session: Session, values: Parameters<typeof insertKeyQuery.changes>[1]) {
  return insertKeyQuery.changes(session, values);
}

const extendKeyQuery = query((db, param: ParameterMaker<{ runId: number; expiresAt: string }>) =>
  db
    .updateTable('idempotency_keys')
    .set({ expires_at: param('expiresAt') })
    .where('run_id', '=', param('runId'))
    .where('expires_at', '<', param('expiresAt')),
);

export async function extendKeyOfRun(session: Session, runId: number, expiresAt: string): Promise<void> {
  await extendKeyQuery.changes(session, { runId, expiresAt });
}

const deleteExpiredKeyQuery = query(
  (db, param: ParameterMaker<{ organizationId: number; key: string; at: string }>) =>
    db
      .deleteFrom('idempotency_keys')
      .where('key', '=', param('key'))
      .where('organization_id', '=', param('organizationId'))
      .where('expires_at', '<=', param('at')),
);

/** Makes room for the key where it has expired. */
export async function deleteExpiredIdempotencyKey(
  session: Session,
  values: Parameters<typeof deleteExpiredKeyQuery.changes>[1],
): Promise<void> {
  await deleteExpiredKeyQuery.changes(session, values);
}

const deleteExpiredQuery = query((db, param: ParameterMaker<{ at: string; limit: number }>) =>
  db
    .deleteFrom('idempotency_keys')
    .where((eb) =>
      eb(
        eb.refTuple('organization_id', 'key'),
        'in',
        eb
          .selectFrom('idempotency_keys')
          .select(['organization_id', 'key'])
          .where('expires_at', '<=', param('at'))
          .orderBy('expires_at')
          .limit(param('limit'))
          .$asTuple('organization_id', 'key'),
      ),
    ),
);

/** The oldest expired keys of all organizations, so many at most. */
export function deleteExpiredIdempotencyKeys(session: Session, at: string, limit: number): Promise<number> {
  return deleteExpiredQuery.changes(session, { at, limit });
}

const validOfRunsQuery = query((db, param: ParameterMaker<IdList & { at: string }>) =>
  db
    .selectFrom('idempotency_keys')
    .select('run_id')
    .where('run_id', 'in', idsOf(param))
    .where('expires_at', '>', param('at')),
);

/** The runs among these whose key has not expired. */
export async function listRunsWithKey(
  session: Session,
  runIds: readonly number[],
  at: string,
): Promise<Set<number>> {
  const rows = await validOfRunsQuery.all(session, { ...idList(runIds), at });
  return new Set(rows.map(({ run_id: id }) => id));
}

const deleteOfRunsQuery = query((db, param: ParameterMaker<IdList>) =>
  db.deleteFrom('idempotency_keys').where('run_id', 'in', idsOf(param)),
);

export async function deleteKeysOfRuns(session: Session, runIds: readonly number[]): Promise<void> {
  await deleteOfRunsQuery.changes(session, idList(runIds));
}

const forgetRequestQuery = query((db, param: ParameterMaker<{ runId: number }>) =>
  db.updateTable('idempotency_keys').set({ request_hash: '' }).where('run_id', '=', param('runId')),
);

export async function forgetRequestHash(session: Session, runId: number): Promise<void> {
  await forgetRequestQuery.changes(session, { runId });
}
