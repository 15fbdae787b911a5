/** The queries of stored credentials. */
import type { Insertable, Selectable } from 'kysely';
import { query, type ParameterMaker } from '../../storage/query';
import type { WebhookCredentialTable } from '../../storage/tables/events';
import type { Session } from '../../storage/port';

export type CredentialRow = Selectable<WebhookCredentialTable>;

const listQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db
    .selectFrom('webhook_credentials')
    .selectAll()
    .where('organization_id', '=', param('organizationId'))
    .orderBy('id'),
);

export function listCredentials(session: Session, organizationId: number): Promise<CredentialRow[]> {
  return listQuery.all(session, { organizationId });
}

const findQuery = query((db, param: ParameterMaker<{ organizationId: number; uuid: string }>) =>
  db
    .selectFrom('webhook_credentials')
    .selectAll()
    .where('organization_id', '=', param('organizationId'))
    .where('uuid', '=', param('uuid')),
);

export function findCredential(
  session: Session,
  organizationId: number,
  uuid: string,
): Promise<CredentialRow | undefined> {
  return findQuery.first(session, { organizationId, uuid });
}

type NewCredential = Required<Omit<Insertable<WebhookCredentialTable>, 'id'>>;

const insertQuery = query(
  (db, param: ParameterMaker<{ [Column in keyof NewCredential]: NewCredential[Column] }>) =>
    db.insertInto('webhook_credentials').values({
      uuid: param('uuid'),
      organization_id: param('organization_id'),
      name: param('name'),
      description: param('description'),
      credential_type: param('credential_type'),
      data: param('data'),
      created_at: param('created_at'),
      updated_at: param('updated_at'),
    }),
);

/** @throws a unique violation when the organization has a credential of this name. */
export async function insertCredential(session: Session, row: NewCredential): Promise<void> {
  await insertQuery.changes(session, row);
}

type ChangedCredential = Pick<
  CredentialRow,
  'id' | 'name' | 'description' | 'credential_type' | 'data' | 'updated_at'
>;

const updateQuery = query(
  (db, param: ParameterMaker<{ [Column in keyof ChangedCredential]: ChangedCredential[Column] }>) =>
    db
      .updateTable('webhook_credentials')
      .set({
        name: param('name'),
        description: param('description'),
        credential_type: param('credential_type'),
        data: param('data'),
        updated_at: param('updated_at'),
      })
      .where('id', '=', param('id')),
);

/** @throws a unique violation when the organization has a credential of this name. */
export async function updateCredential(session: Session, row: ChangedCredential): Promise<void> {
  const { id, name, description, credential_type, data, updated_at } = row;
  await updateQuery.changes(session, { id, name, description, credential_type, data, updated_at });
}

const deleteQuery = query((db, param: ParameterMaker<{ organizationId: number; uuid: string }>) =>
  db
    .deleteFrom('webhook_credentials')
    .where('organization_id', '=', param('organizationId'))
    .where('uuid', '=', param('uuid')),
);

/** @returns whether there was such a credential. */
export async function deleteCredential(
  session: Session,
  organizationId: number,
  uuid: string,
): Promise<boolean> {
  return (await deleteQuery.changes(session, { organizationId, uuid })) > 0;
}
