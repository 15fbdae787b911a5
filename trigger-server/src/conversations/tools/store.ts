/** The queries of tools. */
import type { Insertable, Selectable } from 'kysely';
import { query, type ParameterMaker } from '../../storage/query';
import type { ToolTable } from '../../storage/tables/conversations';
import type { Session } from '../../storage/port';

export type ToolRow = Selectable<ToolTable>;

const listQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db
    .selectFrom('tools')
    .selectAll()
    .where('organization_id', '=', param('organizationId'))
    .orderBy('name')
    .orderBy('id'),
);

/** By name. */
export function listTools(session: Session, organizationId: number): Promise<ToolRow[]> {
  return listQuery.all(session, { organizationId });
}

const namesQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db
    .selectFrom('tools')
    .select(['uuid', 'name', 'status'])
    .where('organization_id', '=', param('organizationId'))
    .orderBy('id'),
);

export function listNames(
  session: Session,
  organizationId: number,
): Promise<Pick<ToolRow, 'uuid' | 'name' | 'status'>[]> {
  return namesQuery.all(session, { organizationId });
}

const countQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db
    .selectFrom('tools')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('organization_id', '=', param('organizationId'))
    .where('status', '!=', 'archived'),
);

/** How many tools are not archived. */
export async function countTools(session: Session, organizationId: number): Promise<number> {
  return Number((await countQuery.first(session, { organizationId }))?.count ?? 0);
}

const findQuery = query((db, param: ParameterMaker<{ organizationId: number; uuid: string }>) =>
  db
    .selectFrom('tools')
    .selectAll()
    .where('organization_id', '=', param('organizationId'))
    .where('uuid', '=', param('uuid')),
);

export function findTool(
  session: Session,
  organizationId: number,
  uuid: string,
): Promise<ToolRow | undefined> {
  return findQuery.first(session, { organizationId, uuid });
}

type NewTool = Required<Omit<Insertable<ToolTable>, 'id'>>;

const insertQuery = query((db, param: ParameterMaker<{ [Column in keyof NewTool]: NewTool[Column] }>) =>
  db.insertInto('tools').values({
    uuid: param('uuid'),
    organization_id: param('organization_id'),
    name: param('name'),
    description: param('description'),
    category: param('category'),
    icon: param('icon'),
    icon_color: param('icon_color'),
    status: param('status'),
    created_by: param('created_by'),
    created_at: param('created_at'),
    updated_at: param('updated_at'),
    definition: param('definition'),
  }),
);

export async function insertTool(session: Session, row: NewTool): Promise<void> {
  await insertQuery.changes(session, row);
}

type ChangedTool = Pick<
  ToolRow,
  'id' | 'name' | 'description' | 'icon' | 'icon_color' | 'status' | 'definition' | 'updated_at'
>;

const updateQuery = query(
  (db, param: ParameterMaker<{ [Column in keyof ChangedTool]: ChangedTool[Column] }>) =>
    db
      .updateTable('tools')
      .set({
        name: param('name'),
        description: param('description'),
        icon: param('icon'),
        icon_color: param('icon_color'),
        status: param('status'),
        definition: param('definition'),
        updated_at: param('updated_at'),
      })
      .where('id', '=', param('id')),
);

export async function updateTool(session: Session, row: ChangedTool): Promise<void> {
  const { id, name, description, icon, icon_color, status, definition, updated_at } = row;
  await updateQuery.changes(session, {
    id,
    name,
    description,
    icon,
    icon_color,
    status,
    definition,
    updated_at,
  });
}
