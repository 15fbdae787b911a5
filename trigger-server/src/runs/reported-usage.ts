/** What a conversation used and cost, as the server says that held it, or as this one has counted. */
import type { JsonObject, JsonValue } from '@dograh-trigger/shared';
import { query, type ParameterMaker } from '../storage/query';
import type { Session } from '../storage/port';
import type { RunRow } from './store';

/** In the form of a run's `usage_info` and `cost_info`; null: that server does not say. */
export interface ReportedUsage {
  usage: JsonObject | null;
  cost: JsonObject | null;
}

const setQuery = query((db, param: ParameterMaker<{ id: number; reported: string }>) =>
  db
    .updateTable('runs')
    .set({ reported_usage: param('reported') })
    .where('id', '=', param('id')),
);

export async function noteReportedUsage(
  session: Session,
  id: number,
  { usage, cost }: ReportedUsage,
): Promise<void> {
  if (usage === null && cost === null) return;
  await setQuery.changes(session, { id, reported: JSON.stringify({ usage, cost }) });
}

const reportedQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db.selectFrom('runs').select('reported_usage').where('id', '=', param('id')),
);

/** The tokens of one request to a language model. */
export interface ModelTokens {
  promptTokens: number;
  completionTokens: number;
  cachedTokens: number | null;
}

/**
 * Adds the tokens of a request to `usage_info.llm`, under the run's lock.
 * @param key `<processor>|||<model>`, as Dograh writes it.
 */
export async function addModelUsage(
  session: Session,
  id: number,
  key: string,
  tokens: ModelTokens,
): Promise<void> {
  const row = await reportedQuery.first(session, { id });
  const { usage, cost } = reportedUsageOf(row ?? { reported_usage: null });
  const llm = objectOf(usage?.llm);
  const total = addedTokens(llm[key], tokens);
  const reported = JSON.stringify({ usage: { ...usage, llm: { ...llm, [key]: total } }, cost });
  await setQuery.changes(session, { id, reported });
}

/** The tokens of a model, in the form of `usage_info.llm`. @param known those before; undefined: none. */
export function addedTokens(
  known: JsonValue | undefined,
  { promptTokens, completionTokens, cachedTokens }: ModelTokens,
): JsonObject {
  const sum = objectOf(known);
  return {
    prompt_tokens: countOf(sum.prompt_tokens) + promptTokens,
    completion_tokens: countOf(sum.completion_tokens) + completionTokens,
    total_tokens: countOf(sum.total_tokens) + promptTokens + completionTokens,
    cache_read_input_tokens:
      cachedTokens === null
        ? (sum.cache_read_input_tokens ?? null)
        : countOf(sum.cache_read_input_tokens) + cachedTokens,
    cache_creation_input_tokens: null,
  };
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function countOf(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : 0;
}

/** Parses the column `reported_usage`. */
export function reportedUsageOf({ reported_usage: text }: Pick<RunRow, 'reported_usage'>): ReportedUsage {
  return text === null ? { usage: null, cost: null } : (JSON.parse(text) as ReportedUsage);
}
