/** The queries of subscriptions, and of the callback URLs of runs. */
import { sql, type Selectable } from 'kysely';
import { insertedId } from '../storage/columns';
import { query, type ParameterMaker } from '../storage/query';
import type { HookTable } from '../storage/schema';
import type { Session } from '../storage/storage';

export type HookRow = Selectable<HookTable> & { workflow_uuid: string | null };

const hooksQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  db
    .selectFrom('hooks')
    .leftJoin('agents', 'agents.id', 'hooks.agent_id')
    .selectAll('hooks')
    .select('agents.uuid as workflow_uuid')
    .where('hooks.organization_id', '=', param('organizationId'))
    .orderBy('hooks.id'),
);

export function listHooks(session: Session, organizationId: number): Promise<HookRow[]> {
  return hooksQuery.all(session, { organizationId });
}

interface Wish extends Record<string, string | number | null> {
  organizationId: number;
  agentId: number | null;
  event: HookTable['event'];
  targetUrl: string;
}

const sameHookQuery = query((db, param: ParameterMaker<Wish>) =>
  db
    .selectFrom('hooks')
    .leftJoin('agents', 'agents.id', 'hooks.agent_id')
    .selectAll('hooks')
    .select('agents.uuid as workflow_uuid')
    .where('hooks.organization_id', '=', param('organizationId'))
    .where('hooks.event', '=', param('event'))
    .where('hooks.target_url', '=', param('targetUrl'))
    .where(sql`coalesce(hooks.agent_id, 0)`, '=', sql`coalesce(${param('agentId')}, 0)`),
);

/** The subscription that is exactly this one. */
export function findHook(session: Session, values: Wish): Promise<HookRow | undefined> {
  return sameHookQuery.first(session, values);
}

interface NewHook extends Wish {
  at: string;
}

const insertHookQuery = query((db, param: ParameterMaker<NewHook>) =>
  db
    .insertInto('hooks')
    .values({
      organization_id: param('organizationId'),
      agent_id: param('agentId'),
      event: param('event'),
      target_url: param('targetUrl'),
      created_at: param('at'),
    })
    .returning('id'),
);

export async function insertHook(session: Session, values: NewHook): Promise<number> {
  return insertedId(await insertHookQuery.first(session, values));
}

const deleteHookQuery = query((db, param: ParameterMaker<{ organizationId: number; id: number }>) =>
  db.deleteFrom('hooks').where('id', '=', param('id')).where('organization_id', '=', param('organizationId')),
);

/** Says whether there was one. */
export async function deleteHook(session: Session, organizationId: number, id: number): Promise<boolean> {
  return (await deleteHookQuery.changes(session, { organizationId, id })) > 0;
}

const matchingQuery = query((db, param: ParameterMaker<{ organizationId: number; agentId: number }>) =>
  db
    .selectFrom('hooks')
    .select(['id', 'target_url'])
    .where('organization_id', '=', param('organizationId'))
    .where('event', '=', 'call.completed')
    .where((eb) => eb.or([eb('agent_id', 'is', null), eb('agent_id', '=', param('agentId'))]))
    .orderBy('id'),
);

/** Who wants to be told of the end of a call of this agent. */
export function listHooksFor(session: Session, organizationId: number, agentId: number) {
  return matchingQuery.all(session, { organizationId, agentId });
}

const callbackQuery = query((db, param: ParameterMaker<{ runId: number }>) =>
  db.selectFrom('callback_urls').select('url').where('run_id', '=', param('runId')),
);

export async function findCallbackUrl(session: Session, runId: number): Promise<string | null> {
  return (await callbackQuery.first(session, { runId }))?.url ?? null;
}

const saveCallbackQuery = query((db, param: ParameterMaker<{ runId: number; url: string }>) =>
  db
    .insertInto('callback_urls')
    .values({ run_id: param('runId'), url: param('url') })
    .onConflict((conflict) => conflict.column('run_id').doUpdateSet({ url: param('url') })),
);

export async function saveCallbackUrl(session: Session, runId: number, url: string): Promise<void> {
  await saveCallbackQuery.changes(session, { runId, url });
}
