/** The queries of the audit trail. */
import type { AuditAction } from '@dograh-trigger/shared';
import type { Selectable } from 'kysely';
import type { Session } from '../storage/port';
import { query, type ParameterMaker } from '../storage/query';
import type { AuditTable } from '../storage/tables/audit';

export type AuditRow = Selectable<AuditTable> & { user_email: string | null; api_key_name: string | null };

const insertQuery = query(
  (
    db,
    param: ParameterMaker<{
      organizationId: number;
      at: string;
      action: AuditAction;
      subjectId: string | null;
      changed: string | null;
      userId: number | null;
      apiKeyId: number | null;
      command: string | null;
      requestId: string | null;
    }>,
  ) =>
    db.insertInto('audit').values({
      organization_id: param('organizationId'),
      at: param('at'),
      action: param('action'),
      subject_id: param('subjectId'),
      changed: param('changed'),
      user_id: param('userId'),
      api_key_id: param('apiKeyId'),
      command: param('command'),
      request_id: param('requestId'),
    }),
);

export async function insertEntry(
  session: Session,
  values: Parameters<typeof insertQuery.changes>[1],
): Promise<void> {
  await insertQuery.changes(session, values);
}

const newestQuery = query(
  (db, param: ParameterMaker<{ organizationId: number; action: AuditAction; limit: number }>) =>
    db
      .selectFrom('audit')
      .select('at')
      .where('organization_id', '=', param('organizationId'))
      .where('action', '=', param('action'))
      .orderBy('id', 'desc')
      .limit(param('limit')),
);

/** How many of the newest `limit` entries of this action are not older than `since`. */
export async function countSince(
  session: Session,
  { since, ...values }: Parameters<typeof newestQuery.all>[1] & { since: string },
): Promise<number> {
  return (await newestQuery.all(session, values)).filter(({ at }) => at >= since).length;
}

export interface AuditFilter {
  organizationId: number;
  /** Only entries before this one. */
  before?: number | undefined;
  action?: AuditAction | undefined;
  userId?: number | undefined;
  apiKeyId?: number | undefined;
  /** The first and the last instant, both included, in the form of the database. */
  since?: string | undefined;
  until?: string | undefined;
  limit: number;
}

/** Newest first. */
export async function listEntries(session: Session, filter: AuditFilter): Promise<AuditRow[]> {
  const { before, action, userId, apiKeyId, since, until } = filter;
  let entries = session.builder
    .selectFrom('audit')
    .leftJoin('users', 'users.id', 'audit.user_id')
    .leftJoin('api_keys', 'api_keys.id', 'audit.api_key_id')
    .selectAll('audit')
    .select(['users.email as user_email', 'api_keys.name as api_key_name'])
    .where('audit.organization_id', '=', filter.organizationId)
    .orderBy('audit.id', 'desc')
    .limit(filter.limit);
  if (before !== undefined) entries = entries.where('audit.id', '<', before);
  if (action !== undefined) entries = entries.where('audit.action', '=', action);
  if (userId !== undefined) entries = entries.where('audit.user_id', '=', userId);
  if (apiKeyId !== undefined) entries = entries.where('audit.api_key_id', '=', apiKeyId);
  if (since !== undefined) entries = entries.where('audit.at', '>=', since);
  if (until !== undefined) entries = entries.where('audit.at', '<=', until);
  return (await session.run(entries.compile())).rows;
}
