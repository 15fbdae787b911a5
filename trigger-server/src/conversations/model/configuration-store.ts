/** The queries of organizations' model configurations. */
import { query, type ParameterMaker } from '../../storage/query';
import type { Session } from '../../storage/port';

const findQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db
    .selectFrom('model_configurations')
    .select('configuration')
    .where('organization_id', '=', param('organizationId')),
);

/** @returns the sealed configuration. */
export async function findConfiguration(session: Session, organizationId: number): Promise<string | null> {
  return (await findQuery.first(session, { organizationId }))?.configuration ?? null;
}

const isConfiguredQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db.selectFrom('model_configurations').select('id').where('organization_id', '=', param('organizationId')),
);

export async function isConfigured(session: Session, organizationId: number): Promise<boolean> {
  return (await isConfiguredQuery.first(session, { organizationId })) !== undefined;
}

const removeQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db.deleteFrom('model_configurations').where('organization_id', '=', param('organizationId')),
);

/** @returns whether there was one. */
export async function removeConfiguration(session: Session, organizationId: number): Promise<boolean> {
  return (await removeQuery.changes(session, { organizationId })) > 0;
}

const saveQuery = query(
  (db, param: ParameterMaker<{ organization_id: number; configuration: string; updated_at: string }>) =>
    db
      .insertInto('model_configurations')
      .values({
        organization_id: param('organization_id'),
        configuration: param('configuration'),
        updated_at: param('updated_at'),
      })
      .onConflict((conflict) =>
        conflict.column('organization_id').doUpdateSet((row) => ({
          configuration: row.ref('excluded.configuration'),
          updated_at: row.ref('excluded.updated_at'),
        })),
      ),
);

/** @param row `configuration` is sealed. */
export async function saveConfiguration(
  session: Session,
  row: { organization_id: number; configuration: string; updated_at: string },
): Promise<void> {
  await saveQuery.changes(session, row);
}
