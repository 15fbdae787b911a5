/** The queries of subscriptions and their tests, and of the callback URLs of runs. */
import type { WebhookEvent } from '@dograh-trigger/shared';
import { sql, type Kysely, type Selectable } from 'kysely';
import { insertedId } from '../storage/columns';
import { query, type ParameterMaker } from '../storage/query';
import type { Database } from '../storage/schema';
import type { HookTable } from '../storage/tables/events';
import type { Session } from '../storage/port';

type StoredHook = Selectable<HookTable> & { workflow_uuid: string | null };
export type HookRow = Omit<StoredHook, 'events'> & { events: WebhookEvent[] };

function withEvents<Stored extends { events: string }>(stored: Stored) {
  return { ...stored, events: JSON.parse(stored.events) as WebhookEvent[] };
}

function hooksOf(db: Kysely<Database>) {
  return db
    .selectFrom('hooks')
    .leftJoin('agents', 'agents.id', 'hooks.agent_id')
    .selectAll('hooks')
    .select('agents.uuid as workflow_uuid');
}

const hooksQuery = query((db, param: ParameterMaker<{ organizationId: number }>) =>
  hooksOf(db).where('hooks.organization_id', '=', param('organizationId')).orderBy('hooks.id'),
);

export async function listHooks(session: Session, organizationId: number): Promise<HookRow[]> {
  return (await hooksQuery.all(session, { organizationId })).map(withEvents);
}

const hookQuery = query((db, param: ParameterMaker<{ organizationId: number; id: number }>) =>
  hooksOf(db)
    .where('hooks.organization_id', '=', param('organizationId'))
    .where('hooks.id', '=', param('id')),
);

export async function findHook(
  session: Session,
  organizationId: number,
  id: number,
): Promise<HookRow | undefined> {
  const found = await hookQuery.first(session, { organizationId, id });
  return found === undefined ? undefined : withEvents(found);
}

interface NewHook {
  organizationId: number;
  agentId: number | null;
  /** Distinct, in the contract's order, so that equal subscriptions have equal text. */
  events: readonly WebhookEvent[];
  targetUrl: string;
  apiKeyId: number | null;
}

interface StoredNewHook extends Record<string, string | number | null> {
  organizationId: number;
  agentId: number | null;
  events: string;
  targetUrl: string;
  apiKeyId: number | null;
}

const sameHookQuery = query((db, param: ParameterMaker<StoredNewHook>) =>
  hooksOf(db)
    .where('hooks.organization_id', '=', param('organizationId'))
    .where('hooks.events', '=', param('events'))
    .where('hooks.target_url', '=', param('targetUrl'))
    .where(sql`coalesce(hooks.agent_id, 0)`, '=', sql`coalesce(${param('agentId')}, 0)`)
    .where(sql`coalesce(hooks.api_key_id, 0)`, '=', sql`coalesce(${param('apiKeyId')}, 0)`),
);

/** The existing subscription with the same values. */
export async function findSameHook(session: Session, hook: NewHook): Promise<HookRow | undefined> {
  const found = await sameHookQuery.first(session, { ...hook, events: JSON.stringify(hook.events) });
  return found === undefined ? undefined : withEvents(found);
}

const insertHookQuery = query((db, param: ParameterMaker<StoredNewHook & { at: string }>) =>
  db
    .insertInto('hooks')
    .values({
      organization_id: param('organizationId'),
      agent_id: param('agentId'),
      events: param('events'),
      target_url: param('targetUrl'),
      created_at: param('at'),
      api_key_id: param('apiKeyId'),
    })
    .returning('id'),
);

export async function insertHook(session: Session, hook: NewHook, at: string): Promise<number> {
  const values = { ...hook, events: JSON.stringify(hook.events), at };
  return insertedId(await insertHookQuery.first(session, values));
}

const deleteHookQuery = query((db, param: ParameterMaker<{ organizationId: number; id: number }>) =>
  db.deleteFrom('hooks').where('id', '=', param('id')).where('organization_id', '=', param('organizationId')),
);

/** @returns whether there was such a subscription. */
export async function deleteHook(session: Session, organizationId: number, id: number): Promise<boolean> {
  return (await deleteHookQuery.changes(session, { organizationId, id })) > 0;
}

interface EventSource extends Record<string, number | null> {
  organizationId: number;
  agentId: number;
  apiKeyId: number | null;
}

const matchingQuery = query((db, param: ParameterMaker<EventSource>) =>
  db
    .selectFrom('hooks')
    .select(['id', 'target_url', 'events', 'api_key_id'])
    .where('organization_id', '=', param('organizationId'))
    .where((eb) => eb.or([eb('agent_id', 'is', null), eb('agent_id', '=', param('agentId'))]))
    .where((eb) => eb.or([eb('api_key_id', 'is', null), eb('api_key_id', '=', param('apiKeyId'))]))
    .orderBy('id'),
);

/** The subscriptions to events of this run. */
export async function listHooksFor(
  session: Session,
  run: { organization_id: number; agent_id: number; api_key_id: number | null },
) {
  const { organization_id: organizationId, agent_id: agentId, api_key_id: apiKeyId } = run;
  return (await matchingQuery.all(session, { organizationId, agentId, apiKeyId })).map(withEvents);
}

const testQuery = query(
  (db, param: ParameterMaker<{ organizationId: number; at: string; lastBefore: string }>) =>
    db
      .insertInto('hook_tests')
      .values({ organization_id: param('organizationId'), tested_at: param('at') })
      .onConflict((conflict) =>
        conflict
          .column('organization_id')
          .doUpdateSet({ tested_at: param('at') })
          .where('hook_tests.tested_at', '<=', param('lastBefore')),
      ),
);

/** Notes a test of the organization. @returns false, without noting it, when its last test was after `lastBefore`. */
export async function noteTest(
  session: Session,
  values: Parameters<typeof testQuery.changes>[1],
): Promise<boolean> {
  return (await testQuery.changes(session, values)) > 0;
}

const callbacksQuery = query((db, param: ParameterMaker<{ runId: number }>) =>
  db.selectFrom('callback_urls').select('url').where('run_id', '=', param('runId')).orderBy('url'),
);

export async function listCallbackUrls(session: Session, runId: number): Promise<string[]> {
  return (await callbacksQuery.all(session, { runId })).map(({ url }) => url);
}

export const insertCallbackQuery = query((db, param: ParameterMaker<{ runId: number; url: string }>) =>
  db.insertInto('callback_urls').values({ run_id: param('runId'), url: param('url') }),
);
