/**
 * The queries of lists of runs. A list has the order of `(created_at, id)`, for which there is an index per agent, one
 * per organization and one per reference, and is read in slices. Filters come in any combination, so their queries are built per request.
 */
import { textChatMode, type CallSource, type RunStatus } from '@dograh-trigger/shared';
import { sql, type Kysely, type RawBuilder, type Selectable, type SelectQueryBuilder } from 'kysely';
import { query, type ParameterMaker } from '../storage/query';
import type { Database } from '../storage/schema';
import type { Session } from '../storage/port';

type RunRow = Selectable<Database['runs']>;

/** The columns of a listed run, without its contexts. */
const listedColumns = [
  'runs.id',
  'runs.agent_id',
  'runs.definition_id',
  'runs.name',
  'runs.mode',
  'runs.created_at',
  'runs.status',
  'runs.answered_at',
  'runs.completed_at',
  'runs.artifacts_ready_at',
  'runs.reason',
  'runs.disposition',
  'runs.fallback_from',
  'runs.ignored_fields',
  'runs.unresolved_variables',
  'runs.voicemail',
  'runs.message_state',
  'runs.has_transcript',
  'runs.recording_key',
  'runs.call_duration_seconds',
  'runs.called_number',
  'runs.caller_number',
  'runs.provider_call_id',
  'runs.dial_outcome',
  'runs.dial_detail',
  'runs.trigger_path',
  'runs.source',
  'runs.api_key_id',
  'runs.erased_at',
  'runs.due_at',
  'runs.attempt',
  'runs.waiting_for',
  'runs.campaign_id',
  'runs.expires_at',
  'runs.reference',
  'runs.metadata',
  'runs.reported_usage',
] as const;

type ColumnsOf<Names extends readonly string[]> =
  Names[number] extends `runs.${infer Column extends keyof RunRow}` ? Column : never;

/** A context that is too long is null. */
export type ListedRun = Pick<RunRow, ColumnsOf<typeof listedColumns>> & {
  initial_context: string | null;
  gathered_context: string | null;
  agent_name: string | null;
  api_key_name: string | null;
};

/** A condition on a run. All conditions of a list must hold. */
export type RunCondition =
  | { kind: 'run'; id: number }
  | { kind: 'agent'; id: number }
  | { kind: 'disposition'; oneOf: string[] }
  | { kind: 'duration'; minSeconds: number | null; maxSeconds: number | null }
  | { kind: 'number'; column: 'caller_number' | 'called_number'; contains: string }
  | { kind: 'ended'; is: boolean }
  /** A text chat, or a call by telephone. */
  | { kind: 'chat'; is: boolean }
  | { kind: 'status'; oneOf: RunStatus[] }
  | { kind: 'source'; oneOf: CallSource[] }
  | { kind: 'apiKey'; id: number }
  | { kind: 'reference'; is: string }
  | { kind: 'campaign'; id: number }
  | { kind: 'text'; contains: string };

export interface RunScope {
  /** The runs of one agent, or of an organization: all, those with a reference, or those of a campaign. */
  owner:
    { agentId: number } | { organizationId: number; reference: string | null; campaignId: number | null };
  /** Inclusive, in the form of the column. */
  createdFrom: string | null;
  createdTo: string | null;
  /** Later runs are left out, so that a list does not change while it is read. */
  upToRunId: number;
  conditions: readonly RunCondition[];
}

export type Order = 'asc' | 'desc';

/** The position of a run in a list. */
export interface Place {
  created_at: string;
  id: number;
}

/**
 * A part of a list in its order: after one place, up to and including another. Null stands for the start or the end of
 * the list.
 */
export interface Slice {
  after: Place | null;
  upTo: Place | null;
}

type RunsQuery = SelectQueryBuilder<Database, 'runs', object>;

/**
 * Sets only one bound per side: SQLite seeks by one bound in an index, and scans every entry that a second one
 * excludes.
 */
function runsIn(db: Kysely<Database>, scope: RunScope, order: Order, slice: Slice): RunsQuery {
  const { owner, createdFrom, createdTo } = scope;
  let runs = runsOf(db, owner).where('runs.id', '<=', scope.upToRunId);
  const [earliest, latest] = order === 'asc' ? [slice.after, slice.upTo] : [slice.upTo, slice.after];
  if (earliest !== null) runs = runs.where(compare(order === 'asc' ? '>' : '>=', earliest));
  else if (createdFrom !== null) runs = runs.where('runs.created_at', '>=', createdFrom);
  if (latest !== null) runs = runs.where(compare(order === 'asc' ? '<=' : '<', latest));
  else if (createdTo !== null) runs = runs.where('runs.created_at', '<=', createdTo);
  return runs;
}

function runsOf(db: Kysely<Database>, owner: RunScope['owner']): RunsQuery {
  const runs = db.selectFrom('runs');
  if ('agentId' in owner) return runs.where('runs.agent_id', '=', owner.agentId);
  const { organizationId, reference, campaignId } = owner;
  if (campaignId !== null) {
    // The plus makes SQLite read them by the index of campaigns.
    return runs.where(
      sql<boolean>`+runs.organization_id = ${organizationId} and campaign_id = ${campaignId}`,
    );
  }
  const ofOrganization = runs.where('runs.organization_id', '=', organizationId);
  return reference === null ? ofOrganization : ofOrganization.where('runs.reference', '=', reference);
}

function compare(operator: '<' | '<=' | '>' | '>=', { created_at, id }: Place) {
  return sql<boolean>`(runs.created_at, runs.id) ${sql.raw(operator)} (${created_at}, ${id})`;
}

function matchingIn(db: Kysely<Database>, scope: RunScope, order: Order, slice: Slice): RunsQuery {
  return scope.conditions.reduce(narrow, runsIn(db, scope, order, slice));
}

function narrow(runs: RunsQuery, condition: RunCondition): RunsQuery {
  switch (condition.kind) {
    case 'run':
      return runs.where('runs.id', '=', condition.id);
    case 'agent':
      return runs.where('runs.agent_id', '=', condition.id);
    case 'disposition':
      return runs.where('runs.disposition', 'in', condition.oneOf);
    case 'duration': {
      const { minSeconds, maxSeconds } = condition;
      const longer =
        minSeconds === null ? runs : runs.where('runs.call_duration_seconds', '>=', Math.ceil(minSeconds));
      return maxSeconds === null
        ? longer
        : longer.where('runs.call_duration_seconds', '<=', Math.floor(maxSeconds));
    }
    case 'number':
      return runs.where(contains(condition.column, condition.contains));
    case 'ended':
      return runs.where('runs.completed_at', condition.is ? 'is not' : 'is', null);
    case 'chat':
      return runs.where('runs.mode', condition.is ? '=' : '!=', textChatMode);
    case 'status':
      return runs.where('runs.status', 'in', condition.oneOf);
    case 'source':
      return runs.where('runs.source', 'in', condition.oneOf);
    case 'apiKey':
      return runs.where('runs.api_key_id', '=', condition.id);
    case 'reference':
      return runs.where('runs.reference', '=', condition.is);
    case 'campaign':
      return runs.where('runs.campaign_id', '=', condition.id);
    case 'text':
      return runs.where((eb) => eb.or(textPlaces(condition.contains)));
  }
}

/** Whether the column contains the text, in any case (of ASCII on SQLite). The text's own `%` and `_` are characters like any other. */
function contains(column: 'caller_number' | 'called_number' | 'name', text: string) {
  const pattern = `%${text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  return sql<boolean>`lower(${sql.ref(`runs.${column}`)}) like ${pattern} escape '\\'`;
}

/** Where a text can be: in the run's name, in one of its numbers however it is written, or it is the run's id. */
function textPlaces(text: string) {
  const asNumber = text.replace(/[\s().-]/g, '');
  const isNumber = /^\+?\d+$/.test(asNumber);
  return [
    contains('name', text),
    ...(isNumber ? [contains('called_number', asNumber), contains('caller_number', asNumber)] : []),
    ...(/^\d{1,15}$/.test(text) ? [sql<boolean>`runs.id = ${Number(text)}`] : []),
  ];
}

function inOrder<Row>(runs: SelectQueryBuilder<Database, 'runs', Row>, order: Order) {
  return runs.orderBy('runs.created_at', order).orderBy('runs.id', order);
}

/** The place of the `count`-th run after another place, ignoring the conditions; undefined when there are fewer. */
export function findPlace(
  session: Session,
  scope: RunScope,
  order: Order,
  after: Place | null,
  count: number,
): Promise<Place | undefined> {
  const runs = runsIn(session.builder, scope, order, { after, upTo: null });
  return session.first(
    inOrder(runs.select(['runs.created_at', 'runs.id']), order)
      .limit(1)
      .offset(count - 1)
      .compile(),
  );
}

export async function countMatching(
  session: Session,
  scope: RunScope,
  order: Order,
  slice: Slice,
): Promise<number> {
  const runs = matchingIn(session.builder, scope, order, slice);
  const counted = await session.first(runs.select((eb) => eb.fn.countAll().as('count')).compile());
  return Number(counted?.count ?? 0);
}

export interface RunCount {
  /** `2026-11-23T12:00`, in UTC. */
  minute: string;
  isChat: boolean;
  status: RunStatus;
  disposition: string | null;
  count: number;
}

/** The offset of a time zone is a number of minutes, so counts by minute can be added up to the days of any zone. */
export async function countByMinute(session: Session, scope: RunScope, slice: Slice): Promise<RunCount[]> {
  const minute = sql<string>`substr(runs.created_at, 1, 16)`.as('minute');
  const counts = matchingIn(session.builder, scope, 'desc', slice)
    .select((eb) => [minute, 'runs.mode', 'runs.status', 'runs.disposition', eb.fn.countAll().as('count')])
    .groupBy(['minute', 'runs.mode', 'runs.status', 'runs.disposition']);
  const { rows } = await session.run(counts.compile());
  return rows.map((row) => ({ ...row, isChat: row.mode === textChatMode, count: Number(row.count) }));
}

/**
 * The names come from subqueries, because a join could change the order in which SQLite reads. A context longer
 * than `contextBytes` is not read at all.
 */
function listed(runs: RunsQuery, contextBytes: number | RawBuilder<number>) {
  const unlessLong = (column: 'initial_context' | 'gathered_context') => {
    const context = sql.ref<string>(`runs.${column}`);
    return sql<
      string | null
    >`case when octet_length(${context}) <= cast(${contextBytes} as bigint) then ${context} end`.as(column);
  };
  return runs
    .select([...listedColumns, unlessLong('initial_context'), unlessLong('gathered_context')])
    .select((eb) => [
      eb
        .selectFrom('agents')
        .select('agents.name')
        .whereRef('agents.id', '=', 'runs.agent_id')
        .as('agent_name'),
      eb
        .selectFrom('api_keys')
        .select('api_keys.name')
        .whereRef('api_keys.id', '=', 'runs.api_key_id')
        .as('api_key_name'),
    ]);
}

export async function listMatching(
  session: Session,
  scope: RunScope,
  order: Order,
  slice: Slice,
  window: { limit: number; offset: number; contextBytes: number },
): Promise<ListedRun[]> {
  const runs = listed(matchingIn(session.builder, scope, order, slice), window.contextBytes);
  const page = inOrder(runs, order).limit(window.limit).offset(window.offset);
  return (await session.run(page.compile())).rows;
}

/** A report has no contexts: a batch of the longest ones would take hundreds of megabytes. */
const reportedColumns = [
  'runs.id',
  'runs.agent_id',
  'runs.campaign_id',
  'runs.definition_id',
  'runs.created_at',
  'runs.called_number',
  'runs.status',
  'runs.disposition',
  'runs.answered_at',
  'runs.call_duration_seconds',
  'runs.completed_at',
  'runs.has_transcript',
  'runs.recording_key',
] as const;

/** Longer contexts are not read for the report. */
const reportedContextBytes = 32_768;

/** `gathered`: empty without extracted values; null for a context that is too long. */
export type ReportedRun = Pick<RunRow, ColumnsOf<typeof reportedColumns>> & { gathered: string | null };

export async function listReported(
  session: Session,
  scope: RunScope,
  order: Order,
  slice: Slice,
  limit: number,
): Promise<ReportedRun[]> {
  const runs = matchingIn(session.builder, scope, order, slice).select([
    ...reportedColumns,
    sql<
      string | null
    >`case when gathered_context not like '%"extracted_variables"%' then '' when octet_length(gathered_context) <= cast(${reportedContextBytes} as bigint) then gathered_context end`.as(
      'gathered',
    ),
  ]);
  return (await session.run(inOrder(runs, order).limit(limit).compile())).rows;
}

/** The duration of a call; null while it has not ended. */
export interface RunDuration {
  id: number;
  seconds: number | null;
}

/**
 * The first runs of a slice by duration. Calls that have not ended come last; of equal durations, the newest run comes
 * first.
 */
export async function listDurations(
  session: Session,
  scope: RunScope,
  order: Order,
  slice: Slice,
  limit: number,
): Promise<RunDuration[]> {
  const runs = matchingIn(session.builder, scope, 'desc', slice)
    .select(['runs.id', 'runs.call_duration_seconds as seconds'])
    .orderBy('runs.call_duration_seconds', (by) => (order === 'asc' ? by.asc() : by.desc()).nullsLast())
    .orderBy('runs.id', 'desc')
    .limit(limit);
  return (await session.run(runs.compile())).rows;
}

const listedRunQuery = query((db, param: ParameterMaker<{ id: number; contextBytes: number }>) =>
  listed(db.selectFrom('runs'), param('contextBytes')).where('runs.id', '=', param('id')),
);

export function findListedRun(
  session: Session,
  id: number,
  contextBytes: number,
): Promise<ListedRun | undefined> {
  return listedRunQuery.first(session, { id, contextBytes });
}

const newestQuery = query((db) => db.selectFrom('runs').select((eb) => eb.fn.max('id').as('id')));

/** 0 when there are no runs. */
export async function findNewestRunId(session: Session): Promise<number> {
  return (await newestQuery.first(session, {}))?.id ?? 0;
}

/**
 * How many runs of the owner have ids in this range. The unary plus makes SQLite read the table by id instead of an
 * index.
 */
export async function countIds(
  session: Session,
  owner: RunScope['owner'],
  { after, upTo }: { after: number; upTo: number },
): Promise<number> {
  const within = session.builder
    .selectFrom('runs')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('id', '>', after)
    .where('id', '<=', upTo)
    .where(
      'agentId' in owner
        ? sql<boolean>`+agent_id = ${owner.agentId}`
        : sql<boolean>`+organization_id = ${owner.organizationId}`,
    );
  return Number((await session.first(within.compile()))?.count ?? 0);
}
