/** The queries of organizations, users and API keys. */
import type { KeyScope } from '@dograh-trigger/shared';
import { sql, type Selectable } from 'kysely';
import { insertedId } from '../storage/columns';
import { query, type ParameterMaker } from '../storage/query';
import type { ApiKeyTable, UserTable } from '../storage/tables/accounts';
import type { Counter, Session } from '../storage/port';

export type UserRow = Selectable<UserTable>;
export type ApiKeyRow = Selectable<ApiKeyTable>;

const insertOrganizationQuery = query(
  (db, param: ParameterMaker<{ name: string; limit: number; at: string }>) =>
    db
      .insertInto('organizations')
      .values({ name: param('name'), concurrency_limit: param('limit'), created_at: param('at') })
      .returning('id'),
);

export async function insertOrganization(
  session: Session,
  name: string,
  limit: number,
  at: string,
): Promise<number> {
  return insertedId(await insertOrganizationQuery.first(session, { name, limit, at }));
}

export const countOrganizationsQuery = query((db) =>
  db.selectFrom('organizations').select((eb) => eb.fn.countAll().as('count')),
);

const organizationIdQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db.selectFrom('organizations').select('id').where('id', '=', param('id')),
);

export async function isOrganization(session: Session, id: number): Promise<boolean> {
  return (await organizationIdQuery.first(session, { id })) !== undefined;
}

export const markAsDemoQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db
    .updateTable('organizations')
    .set({ is_demo: sql.lit(1) })
    .where('id', '=', param('id')),
);

export const demoOrganizationQuery = query((db) =>
  db
    .selectFrom('organizations')
    .select('id')
    .where('is_demo', '=', sql<number>`${sql.lit(1)}`)
    .limit(1),
);

export const callLimitsQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db
    .selectFrom('organizations')
    .select([
      'concurrency_limit as slots',
      'open_run_count as openRuns',
      'queued_run_count as queuedRuns',
      'destination_policy as policy',
      'has_do_not_call as hasDoNotCall',
    ])
    .where('id', '=', param('id')),
);

export const savePolicyQuery = query((db, param: ParameterMaker<{ id: number; policy: string }>) =>
  db
    .updateTable('organizations')
    .set({ destination_policy: param('policy') })
    .where('id', '=', param('id')),
);

export const markDoNotCallQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db
    .updateTable('organizations')
    .set({ has_do_not_call: sql.lit(1) })
    .where('id', '=', param('id'))
    .where('has_do_not_call', '=', sql.lit(0)),
);

/** All runs, and those that have not ended. They are counters, because counting rows gets slower with every run. */
export const runCounter: Counter = {
  table: 'organizations',
  columns: ['run_count', 'open_run_count', 'queued_run_count'],
};

export const organizationIdsQuery = query((db, param: ParameterMaker<{ after: number; limit: number }>) =>
  db
    .selectFrom('organizations')
    .select('id')
    .where('id', '>', param('after'))
    .orderBy('id')
    .limit(param('limit')),
);

export const runCountQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db.selectFrom('organizations').select('run_count as count').where('id', '=', param('id')),
);

const insertUserQuery = query(
  (
    db,
    param: ParameterMaker<{
      organizationId: number;
      email: string;
      name: string | null;
      providerId: string;
      passwordHash: string | null;
      at: string;
    }>,
  ) =>
    db
      .insertInto('users')
      .values({
        organization_id: param('organizationId'),
        email: param('email'),
        name: param('name'),
        provider_id: param('providerId'),
        password_hash: param('passwordHash'),
        created_at: param('at'),
      })
      .returning('id'),
);

export async function insertUser(
  session: Session,
  values: Parameters<typeof insertUserQuery.first>[1],
): Promise<number> {
  return insertedId(await insertUserQuery.first(session, values));
}

const userByIdQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db.selectFrom('users').selectAll().where('id', '=', param('id')),
);

export function findUser(session: Session, id: number): Promise<UserRow | undefined> {
  return userByIdQuery.first(session, { id });
}

const usersQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db.selectFrom('users').selectAll().where('organization_id', '=', param('organizationId')).orderBy('id'),
);

export function listUsers(session: Session, organizationId: number): Promise<UserRow[]> {
  return usersQuery.all(session, { organizationId });
}

const userByEmailQuery = query((db, param: ParameterMaker<{ email: string }>) =>
  db.selectFrom('users').selectAll().where('email', '=', param('email')),
);

export function findUserByEmail(session: Session, email: string): Promise<UserRow | undefined> {
  return userByEmailQuery.first(session, { email });
}

const firstUsersQuery = query((db, param: ParameterMaker<{ limit: number }>) =>
  db.selectFrom('users').select('id').orderBy('id').limit(param('limit')),
);

/** The ids of the first users, at most `limit`. */
export async function listFirstUsers(session: Session, limit: number): Promise<number[]> {
  return (await firstUsersQuery.all(session, { limit })).map(({ id }) => id);
}

const passwordQuery = query(
  (db, param: ParameterMaker<{ id: number; passwordHash: string; before: string }>) =>
    db
      .updateTable('users')
      .set({ password_hash: param('passwordHash') })
      .where('id', '=', param('id'))
      .where('password_hash', '=', param('before')),
);

/** @returns whether the user still had the hash `before`. */
export async function replacePasswordHash(
  session: Session,
  id: number,
  before: string,
  passwordHash: string,
): Promise<boolean> {
  return (await passwordQuery.changes(session, { id, before, passwordHash })) > 0;
}

const insertKeyQuery = query(
  (
    db,
    param: ParameterMaker<{
      organizationId: number;
      name: string;
      hash: string;
      prefix: string;
      createdBy: number | null;
      at: string;
      scope: KeyScope;
      agentIds: string | null;
      expiresAt: string | null;
    }>,
  ) =>
    db
      .insertInto('api_keys')
      .values({
        organization_id: param('organizationId'),
        name: param('name'),
        key_hash: param('hash'),
        key_prefix: param('prefix'),
        created_by: param('createdBy'),
        created_at: param('at'),
        scope: param('scope'),
        agent_ids: param('agentIds'),
        expires_at: param('expiresAt'),
      })
      .returning('id'),
);

export async function insertApiKey(
  session: Session,
  values: Parameters<typeof insertKeyQuery.first>[1],
): Promise<number> {
  return insertedId(await insertKeyQuery.first(session, values));
}

/** The columns that authentication needs. */
export type LiveApiKey = Pick<
  ApiKeyRow,
  'id' | 'organization_id' | 'created_by' | 'key_hash' | 'last_used_at' | 'scope' | 'agent_ids' | 'expires_at'
>;

const keyByHashQuery = query((db, param: ParameterMaker<{ hash: string }>) =>
  db
    .selectFrom('api_keys')

    .select([
      'id',
      'organization_id',
      'created_by',
      'key_hash',
      'last_used_at',
      'scope',
      'agent_ids',
      'expires_at',
    ])
    .where('key_hash', '=', param('hash'))
    .where('archived_at', 'is', null),
);

/** The key with this hash, unless it is archived. It may have expired. */
export function findLiveApiKey(session: Session, hash: string): Promise<LiveApiKey | undefined> {
  return keyByHashQuery.first(session, { hash });
}

/** The agents that a key is limited to; null: it is not. */
export function parseIds(text: string | null): number[] | null {
  return text === null ? null : (JSON.parse(text) as number[]);
}

const keyByIdQuery = query((db, param: ParameterMaker<{ id: number; now: string }>) =>
  db
    .selectFrom('api_keys')
    .select('id')
    .where('id', '=', param('id'))
    .where('archived_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', param('now'))])),
);

/** Whether there is a key with this id that is not archived and has not expired. */
export async function isApiKeyLive(session: Session, id: number, now: string): Promise<boolean> {
  return (await keyByIdQuery.first(session, { id, now })) !== undefined;
}

const keysQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db.selectFrom('api_keys').selectAll().where('organization_id', '=', param('organizationId')).orderBy('id'),
);

export function listApiKeys(session: Session, organizationId: number): Promise<ApiKeyRow[]> {
  return keysQuery.all(session, { organizationId });
}

const allKeysQuery = query((db) => db.selectFrom('api_keys').selectAll().orderBy('id'));

/** The keys of all organizations. */
export function listKeysOfAll(session: Session): Promise<ApiKeyRow[]> {
  return allKeysQuery.all(session, {});
}

export const apiKeyNameQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db.selectFrom('api_keys').select('name').where('id', '=', param('id')),
);

const archiveKeyQuery = query(
  (db, param: ParameterMaker<{ id: number; organizationId: number; archivedAt: string | null }>) =>
    db
      .updateTable('api_keys')
      .set({ archived_at: param('archivedAt') })
      .where('id', '=', param('id'))
      .where('organization_id', '=', param('organizationId')),
);

/** Archives the key, or reactivates it with null. @returns whether there is such a key. */
export async function setApiKeyArchived(
  session: Session,
  organizationId: number,
  id: number,
  archivedAt: string | null,
): Promise<boolean> {
  return (await archiveKeyQuery.changes(session, { id, organizationId, archivedAt })) > 0;
}

const touchKeyQuery = query((db, param: ParameterMaker<{ id: number; at: string }>) =>
  db
    .updateTable('api_keys')
    .set({ last_used_at: param('at') })
    .where('id', '=', param('id')),
);

export async function touchApiKey(session: Session, id: number, at: string): Promise<void> {
  await touchKeyQuery.changes(session, { id, at });
}
