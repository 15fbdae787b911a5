/** The calls of an organization, page by page. */
import type { Connection } from './connection';
import { usagePage, type JsonObject, type UsagePage, type UsageRun } from '../contracts';
import { TriggerError } from '../errors';
import { mapInParallel } from './parallel';
import { readRun, withAbsoluteLinks } from './read-run';

export interface CallListOptions {
  /** From 1 (default 1). */
  page?: number;
  /** Calls per page, 1 to 100 (default 100). */
  limit?: number;
  /** Only calls created at this time or later. */
  createdSince?: Date;
  /** Only calls created at this time or earlier. */
  createdUntil?: Date;
  agentId?: number;
  campaignId?: number;
  /** Only calls that have ended. For a server with extensions: Dograh has no such filter. */
  hasEnded?: true;
  /** Only calls that ended with one of these. */
  dispositions?: readonly string[];
  /** Digits that the called number must contain. */
  calledNumber?: string;
  /**
   * The cursor of an earlier page. It leaves out calls created after that page, so that pages do not shift. Dograh
   * ignores it.
   */
  cursor?: string;
  signal?: AbortSignal;
}

/**
 * Newest first, including calls in progress: a row has no `disposition` until its call has ended. Only telephony
 * runs are listed (Dograh also has web and chat runs).
 *
 * @throws TriggerError
 */
export async function listCalls(connection: Connection, options: CallListOptions): Promise<UsagePage> {
  const { signal } = options;
  const list = await connection.read(callListPath(options), usagePage, { signal });
  const runs = await withLongContexts(connection, list.runs, signal);
  return { ...list, runs: runs.map((call) => withAbsoluteLinks(call, connection.baseUrl)) };
}

/** The fields of a row that this file needs. */
type ListedContexts = Pick<UsageRun, 'id' | 'initial_context' | 'gathered_context' | 'omitted_fields'>;

/**
 * The same rows with their full contexts. The bundled server omits long contexts from a list and names them in
 * `omitted_fields`.
 * @throws TriggerError
 */
export function withLongContexts<Row extends ListedContexts>(
  connection: Connection,
  rows: readonly Row[],
  signal?: AbortSignal,
): Promise<Row[]> {
  return mapInParallel(rows, concurrentReads, (row) => readFullContexts(connection, row, signal));
}

const concurrentReads = 4;

async function readFullContexts<Row extends ListedContexts>(
  connection: Connection,
  call: Row,
  signal?: AbortSignal,
): Promise<Row> {
  const { omitted_fields: omitted = [] } = call;
  if (omitted.length === 0) return call;
  const { initial_context, gathered_context } = await readRun(connection, call.id, { signal });
  const read = { ...call, initial_context, gathered_context };
  delete read.omitted_fields;
  return read;
}

/** The path below `/api/v1`, including the query. */
export function callListPath(options: CallListOptions): string {
  const { page = 1, limit = 100, createdSince, createdUntil, cursor } = options;
  const query = new URLSearchParams({ page: String(page), limit: String(limit) });
  if (createdSince) query.set('start_date', createdSince.toISOString());
  if (createdUntil) query.set('end_date', createdUntil.toISOString());
  if (cursor !== undefined) query.set('cursor', cursor);
  query.set('filters', JSON.stringify(filters(options)));
  return `/organizations/usage/runs?${query.toString()}`;
}

/** Dograh ignores a filter without its `type`. */
function filters(options: CallListOptions): JsonObject[] {
  const { agentId, campaignId, hasEnded, calledNumber, dispositions } = options;
  const list: JsonObject[] = [{ attribute: 'callChannel', type: 'radio', value: { status: 'telephony' } }];
  if (agentId !== undefined)
    list.push({ attribute: 'workflowId', type: 'number', value: { value: agentId } });
  if (campaignId !== undefined)
    list.push({ attribute: 'campaignId', type: 'number', value: { value: campaignId } });
  if (hasEnded) list.push({ attribute: 'status', type: 'radio', value: { status: 'completed' } });
  if (calledNumber !== undefined)
    list.push({ attribute: 'calledNumber', type: 'text', value: { value: calledNumber } });
  if (dispositions && dispositions.length > 0)
    list.push({ attribute: 'dispositionCode', type: 'multiSelect', value: { codes: [...dispositions] } });
  return list;
}

export interface NewestCallsOptions extends Omit<CallListOptions, 'page' | 'limit' | 'cursor'> {
  /** Whether to return the calls of earlier pages when a later page cannot be read (default false). */
  allowsPartialResult?: boolean;
}

/**
 * The newest calls, at most `maximum`, without duplicates. On Dograh, calls created in the meantime shift the
 * pages: a call may be read twice, but none is missed.
 *
 * @throws TriggerError
 */
export async function listNewestCalls(
  connection: Connection,
  maximum: number,
  { allowsPartialResult = false, ...options }: NewestCallsOptions,
): Promise<UsageRun[]> {
  const calls = new Map<number, UsageRun>();
  let cursor: string | undefined;
  for (let page = 1; ; page += 1) {
    const read = await listCalls(connection, { ...options, page, cursor }).catch((error: unknown) => {
      if (allowsPartialResult && calls.size > 0 && error instanceof TriggerError) return undefined;
      throw error;
    });
    if (read === undefined) return [...calls.values()].slice(0, maximum);
    cursor ??= read.cursor;
    for (const call of read.runs) calls.set(call.id, call);
    if (calls.size >= maximum || page >= read.total_pages) return [...calls.values()].slice(0, maximum);
  }
}
