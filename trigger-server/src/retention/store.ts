/** The queries of retention: the settings of organizations, and which one is visited next. */
import type { Selectable } from 'kysely';
import { query, type ParameterMaker } from '../storage/query';
import type { RetentionTable } from '../storage/tables/retention';

export type RetentionRow = Selectable<RetentionTable>;

export const settingsQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db.selectFrom('retention').select('settings').where('organization_id', '=', param('organizationId')),
);

export const saveQuery = query(
  (db, param: ParameterMaker<{ organizationId: number; settings: string; dueAt: string }>) =>
    db
      .insertInto('retention')
      .values({
        organization_id: param('organizationId'),
        settings: param('settings'),
        due_at: param('dueAt'),
      })
      .onConflict((conflict) =>
        conflict
          .column('organization_id')
          .doUpdateSet({ settings: param('settings'), due_at: param('dueAt') }),
      ),
);

export const insertQuery = query((db, param: ParameterMaker<{ organizationId: number; dueAt: string }>) =>
  db
    .insertInto('retention')
    .values({ organization_id: param('organizationId'), settings: null, due_at: param('dueAt') })
    .onConflict((conflict) => conflict.column('organization_id').doNothing()),
);

/** The organizations of a slice of ids that are visited. */
export const betweenQuery = query((db, param: ParameterMaker<{ after: number; upTo: number }>) =>
  db
    .selectFrom('retention')
    .select('organization_id')
    .where('organization_id', '>', param('after'))
    .where('organization_id', '<=', param('upTo')),
);

export const nextQuery = query((db, param: ParameterMaker<{ now: string }>) =>
  db.selectFrom('retention').selectAll().where('due_at', '<=', param('now')).orderBy('due_at').limit(1),
);

export const ofOrganizationQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db.selectFrom('retention').selectAll().where('organization_id', '=', param('organizationId')),
);

export const holdQuery = query(
  (db, param: ParameterMaker<{ organizationId: number; seen: string; dueAt: string }>) =>
    db
      .updateTable('retention')
      .set({ due_at: param('dueAt') })
      .where('organization_id', '=', param('organizationId'))
      .where('due_at', '=', param('seen')),
);

export const noteArtifactsQuery = query(
  (db, param: ParameterMaker<{ organizationId: number; upTo: string }>) =>
    db
      .updateTable('retention')
      .set({ artifacts_up_to: param('upTo') })
      .where('organization_id', '=', param('organizationId')),
);
