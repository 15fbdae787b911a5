/** The queries of agents, their definitions and trigger paths. */
import type { AgentStatus } from '@dograh-trigger/shared';
import { sql, type Kysely, type Selectable } from 'kysely';
import { insertedId } from '../storage/columns';
import { query, type ParameterMaker } from '../storage/query';
import type { AgentTable, DefinitionTable } from '../storage/tables/agents';
import type { Database } from '../storage/schema';
import type { Session } from '../storage/port';

export type AgentRow = Selectable<AgentTable>;
export type DefinitionRow = Selectable<DefinitionTable>;

const insertAgentQuery = query(
  (
    db,
    param: ParameterMaker<{
      uuid: string;
      organizationId: number;
      userId: number | null;
      name: string;
      at: string;
    }>,
  ) =>
    db
      .insertInto('agents')
      .values({
        uuid: param('uuid'),
        organization_id: param('organizationId'),
        user_id: param('userId'),
        name: param('name'),
        status: 'active',
        created_at: param('at'),
      })
      .returning('id'),
);

export async function insertAgent(
  session: Session,
  values: Parameters<typeof insertAgentQuery.first>[1],
): Promise<number> {
  return insertedId(await insertAgentQuery.first(session, values));
}

/** An agent in a list, with the numbers of the version in production and of the draft. */
export type ListedAgent = AgentRow & { published_version: number | null; draft_version: number | null };

// The statuses are literals, so that each join is one lookup in the index of that status.
const agentsQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db
    .selectFrom('agents')
    .leftJoin('definitions as published', (join) =>
      join
        .onRef('published.agent_id', '=', 'agents.id')
        .on('published.status', '=', sql.lit<'published'>('published')),
    )
    .leftJoin('definitions as draft', (join) =>
      join.onRef('draft.agent_id', '=', 'agents.id').on('draft.status', '=', sql.lit<'draft'>('draft')),
    )
    .selectAll('agents')
    .select(['published.version_number as published_version', 'draft.version_number as draft_version'])
    .where('agents.organization_id', '=', param('organizationId'))
    .orderBy('agents.id'),
);

export function listAgents(session: Session, organizationId: number): Promise<ListedAgent[]> {
  return agentsQuery.all(session, { organizationId });
}

const agentQuery = query((db, param: ParameterMaker<{ organizationId: number; id: number }>) =>
  db
    .selectFrom('agents')
    .selectAll()
    .where('organization_id', '=', param('organizationId'))
    .where('id', '=', param('id')),
);

export function findAgent(
  session: Session,
  organizationId: number,
  id: number,
): Promise<AgentRow | undefined> {
  return agentQuery.first(session, { organizationId, id });
}

export const agentNameQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db.selectFrom('agents').select('name').where('id', '=', param('id')),
);

export const agentIdQuery = query((db, param: ParameterMaker<{ organizationId: number; uuid: string }>) =>
  db
    .selectFrom('agents')
    .select('id')
    .where('uuid', '=', param('uuid'))
    .where('organization_id', '=', param('organizationId')),
);

export const countRunsQuery = query((db, param: ParameterMaker<{ id: number; runs: number }>) =>
  db
    .updateTable('agents')
    .set((agent) => ({ run_count: agent('run_count', '+', param('runs')) }))
    .where('id', '=', param('id')),
);

export const runCountQuery = query((db, param: ParameterMaker<{ organizationId: number; id: number }>) =>
  db
    .selectFrom('agents')
    .select('run_count as count')
    .where('id', '=', param('id'))
    .where('organization_id', '=', param('organizationId')),
);

const renameQuery = query((db, param: ParameterMaker<{ id: number; name: string }>) =>
  db
    .updateTable('agents')
    .set({ name: param('name') })
    .where('id', '=', param('id')),
);

export function renameAgent(session: Session, id: number, name: string): Promise<number> {
  return renameQuery.changes(session, { id, name });
}

const statusQuery = query((db, param: ParameterMaker<{ id: number; status: AgentStatus }>) =>
  db
    .updateTable('agents')
    .set({ status: param('status') })
    .where('id', '=', param('id')),
);

export function setAgentStatus(session: Session, id: number, status: AgentStatus): Promise<number> {
  return statusQuery.changes(session, { id, status });
}

interface DefinitionContent extends Record<string, string | number | null> {
  definition: string;
  configurations: string | null;
  templateVariables: string | null;
  triggerPath: string | null;
  triggerEnabled: number;
  neededVariables: string | null;
}

interface NewDefinition extends DefinitionContent {
  agentId: number;
  versionNumber: number;
  status: DefinitionRow['status'];
  at: string;
  publishedAt: string | null;
  hadModel: number;
}

const insertDefinitionQuery = query((db, param: ParameterMaker<NewDefinition>) =>
  db
    .insertInto('definitions')
    .values({
      agent_id: param('agentId'),
      version_number: param('versionNumber'),
      status: param('status'),
      definition: param('definition'),
      configurations: param('configurations'),
      template_variables: param('templateVariables'),
      trigger_path: param('triggerPath'),
      trigger_enabled: param('triggerEnabled'),
      needed_variables: param('neededVariables'),
      created_at: param('at'),
      published_at: param('publishedAt'),
      had_model: param('hadModel'),
    })
    .returning('id'),
);

export async function insertDefinition(session: Session, values: NewDefinition): Promise<number> {
  return insertedId(await insertDefinitionQuery.first(session, values));
}

const updateDefinitionQuery = query((db, param: ParameterMaker<DefinitionContent & { id: number }>) =>
  db
    .updateTable('definitions')
    .set({
      definition: param('definition'),
      configurations: param('configurations'),
      template_variables: param('templateVariables'),
      trigger_path: param('triggerPath'),
      trigger_enabled: param('triggerEnabled'),
      needed_variables: param('neededVariables'),
    })
    .where('id', '=', param('id')),
);

export function updateDefinition(
  session: Session,
  values: DefinitionContent & { id: number },
): Promise<number> {
  return updateDefinitionQuery.changes(session, values);
}

const currentDefinitionsQuery = query((db, param: ParameterMaker<{ agentId: number }>) =>
  db
    .selectFrom('definitions')
    .selectAll()
    .where('agent_id', '=', param('agentId'))
    .where('status', 'in', [sql.lit<'draft'>('draft'), sql.lit<'published'>('published')])
    .orderBy('version_number', 'desc'),
);

/**
 * The draft and the published version of the agent, if any, newest first. Archived versions are not read: there may be
 * very many, and they are all older.
 */
export function listCurrentDefinitions(session: Session, agentId: number): Promise<DefinitionRow[]> {
  return currentDefinitionsQuery.all(session, { agentId });
}

// Settings are stored as `JSON.stringify` writes them, so every such answer contains exactly this text.
export const handedOverQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db
    .selectFrom('agents')
    .innerJoin('definitions', 'definitions.agent_id', 'agents.id')
    .select(['agents.id', 'agents.name', 'definitions.configurations'])
    .where('agents.organization_id', '=', param('organizationId'))
    .where('definitions.status', 'in', [sql.lit<'draft'>('draft'), sql.lit<'published'>('published')])
    .where('definitions.configurations', 'like', sql.lit('%"mode":"dograh"%'))
    .orderBy('agents.id', 'desc'),
);

const definitionTextQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db.selectFrom('definitions').select('definition').where('id', '=', param('id')),
);

export async function findDefinitionText(session: Session, id: number): Promise<string | undefined> {
  return (await definitionTextQuery.first(session, { id }))?.definition;
}

// Definitions are stored as `JSON.stringify` writes them, so every webhook node contains exactly this text.
const webhookDefinitionQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db
    .selectFrom('definitions')
    .select('definition')
    .where('id', '=', param('id'))
    .where('definition', 'like', sql.lit('%"type":"webhook"%')),
);

/**
 * Undefined for a definition without webhook nodes. The database checks that, so that no long text is read for nothing.
 */
export async function findDefinitionTextWithWebhooks(
  session: Session,
  id: number,
): Promise<string | undefined> {
  return (await webhookDefinitionQuery.first(session, { id }))?.definition;
}

const definitionStatusQuery = query(
  (db, param: ParameterMaker<{ id: number; status: DefinitionRow['status']; publishedAt: string | null }>) =>
    db
      .updateTable('definitions')
      .set({ status: param('status'), published_at: param('publishedAt') })
      .where('id', '=', param('id')),
);

export function setDefinitionStatus(
  session: Session,
  id: number,
  status: DefinitionRow['status'],
  publishedAt: string | null,
): Promise<number> {
  return definitionStatusQuery.changes(session, { id, status, publishedAt });
}

const pathOwnerQuery = query((db, param: ParameterMaker<{ path: string }>) =>
  db.selectFrom('trigger_paths').select('agent_id').where('path', '=', param('path')),
);

export async function findTriggerPathOwner(session: Session, path: string): Promise<number | undefined> {
  return (await pathOwnerQuery.first(session, { path }))?.agent_id;
}

const insertPathQuery = query(
  (db, param: ParameterMaker<{ path: string; agentId: number; organizationId: number; at: string }>) =>
    db
      .insertInto('trigger_paths')
      .values({
        path: param('path'),
        agent_id: param('agentId'),
        organization_id: param('organizationId'),
        created_at: param('at'),
      })
      .onConflict((taken) => taken.column('path').doNothing()),
);

/** @returns false when another write, which may be another server's, has taken the path meanwhile. */
export async function insertTriggerPath(
  session: Session,
  values: Parameters<typeof insertPathQuery.changes>[1],
): Promise<boolean> {
  return (await insertPathQuery.changes(session, values)) > 0;
}

/**
 * One row per agent, with the trigger columns of its draft and its published definition. The statuses are literals: if
 * a bound value decides whether a partial index can be used, SQLite prepares the statement again at every run.
 */
function agentWithDefinitions(db: Kysely<Database>) {
  return db
    .selectFrom('agents')
    .leftJoin('definitions as published', (join) =>
      join.onRef('published.agent_id', '=', 'agents.id').on('published.status', '=', sql.lit('published')),
    )
    .leftJoin('definitions as draft', (join) =>
      join.onRef('draft.agent_id', '=', 'agents.id').on('draft.status', '=', sql.lit('draft')),
    )
    .select([
      'agents.id as agentId',
      'agents.uuid as agentUuid',
      'agents.organization_id as organizationId',
      'agents.status as agentStatus',
      'agents.user_id as ownerId',
      'published.id as publishedId',
      'published.trigger_path as publishedPath',
      'published.trigger_enabled as publishedEnabled',
      'published.configurations as publishedConfigurations',
      'published.template_variables as publishedVariables',
      'published.needed_variables as publishedNeeds',
      'published.had_model as publishedHadModel',
      'draft.id as draftId',
      'draft.trigger_path as draftPath',
      'draft.trigger_enabled as draftEnabled',
      'draft.configurations as draftConfigurations',
      'draft.template_variables as draftVariables',
      'draft.needed_variables as draftNeeds',
    ]);
}

const byPathQuery = query((db, param: ParameterMaker<{ path: string }>) =>
  agentWithDefinitions(db)
    .innerJoin('trigger_paths', 'trigger_paths.agent_id', 'agents.id')
    .where('trigger_paths.path', '=', param('path')),
);

export function findTriggeredByPath(session: Session, path: string) {
  return byPathQuery.first(session, { path });
}

const byUuidQuery = query((db, param: ParameterMaker<{ uuid: string; organizationId: number }>) =>
  agentWithDefinitions(db)
    .where('agents.uuid', '=', param('uuid'))
    .where('agents.organization_id', '=', param('organizationId')),
);

export function findTriggeredByUuid(session: Session, organizationId: number, uuid: string) {
  return byUuidQuery.first(session, { uuid, organizationId });
}

const byIdQuery = query((db, param: ParameterMaker<{ id: number; organizationId: number }>) =>
  agentWithDefinitions(db)
    .where('agents.id', '=', param('id'))
    .where('agents.organization_id', '=', param('organizationId')),
);

export function findTriggeredById(session: Session, organizationId: number, id: number) {
  return byIdQuery.first(session, { id, organizationId });
}

const pinnedQuery = query((db, param: ParameterMaker<{ agentId: number; definitionId: number }>) =>
  db
    .selectFrom('definitions')
    .select([
      'id',
      'configurations',
      'template_variables as variables',
      'needed_variables as needs',
      'had_model as hadModel',
    ])
    .where('agent_id', '=', param('agentId'))
    .where('id', '=', param('definitionId')),
);

/** A version of an agent, whatever its status. */
export function findPinnedDefinition(session: Session, agentId: number, definitionId: number) {
  return pinnedQuery.first(session, { agentId, definitionId });
}

export const publishedPathQuery = query(
  (db, param: ParameterMaker<{ organizationId: number; name: string }>) =>
    db
      .selectFrom('agents')
      .innerJoin('definitions', 'definitions.agent_id', 'agents.id')
      .select('definitions.trigger_path')
      .where('agents.organization_id', '=', param('organizationId'))
      .where('agents.name', '=', param('name'))
      .where('agents.status', '=', 'active')
      .where('definitions.status', '=', 'published')
      .orderBy('agents.id'),
);
