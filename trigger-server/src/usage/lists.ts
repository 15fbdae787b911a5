/**
 * Lists of runs: pages, totals and what filters leave of them. Without filters the total is a counter that every new run
 * moves, so a page costs the same over a thousand runs and over a million. With filters the list is gone through, in
 * slices: the database answers within the process, and between two slices everybody else has a turn.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { findOrganizationRunCount } from '../accounts/organizations';
import { findAgentRunCount } from '../agents/known-agents';
import type { Services } from '../services';
import type { Session } from '../storage/port';
import type { Criterion } from './filters';
import {
  countIds,
  countMatching,
  findListedRun,
  findNewestRunId,
  findPlace,
  listDurations,
  listMatching,
  listReported,
  type ListedRun,
  type Order,
  type Place,
  type ReportedRun,
  type RunCondition,
  type RunDuration,
  type RunScope,
  type Slice,
} from './store';

export type { ReportedRun } from './store';

/** A slice takes a few milliseconds: its rows are read, or only its entries in the index. */
const rowsPerSlice = 2_000;
const entriesPerHop = 20_000;

export interface ListWish {
  organizationId: number;
  /** Null: all agents of the organization. */
  agentId: number | null;
  criteria: readonly Criterion[];
}

export interface PageWish extends ListWish {
  /** From 1. */
  page: number;
  limit: number;
  sortBy: 'created_at' | 'duration';
  order: Order;
  /** From an earlier page: leaves out what came after it. */
  upToRunId: number | null;
  /** A context that is longer is left out: else a page of a hundred runs may hold a hundred megabytes. */
  contextBytes: number;
}

export interface ListPage {
  rows: ListedRun[];
  total: number;
  upToRunId: number;
}

/** One page of a list. An agent that is not the organization's has no runs. */
export async function readPage(services: Pick<Services, 'storage'>, wish: PageWish): Promise<ListPage> {
  const session = services.storage.read;
  const newestRunId = await findNewestRunId(session);
  const upToRunId = wish.upToRunId ?? newestRunId;
  const list = await openList(session, wish, upToRunId);
  if (list === null) return { rows: [], total: 0, upToRunId };
  const { scope, allRuns } = list;
  const offset = (wish.page - 1) * wish.limit;
  if (wish.sortBy === 'duration') {
    return { ...(await pageByDuration(session, scope, { ...wish, offset })), upToRunId };
  }
  if (!isWhole(scope)) {
    return { ...(await pageByCounting(session, scope, { ...wish, offset })), upToRunId };
  }
  const newer = await countNewer(session, scope.owner, upToRunId, newestRunId);
  const total = allRuns - newer;
  const rows = offset < total ? await rowsFrom(session, scope, { ...wish, offset }) : [];
  return { rows, total, upToRunId };
}

/**
 * Every run of a list, newest first, in batches of a few hundred: what a report is written from without holding it.
 * Runs that come while it is read are not in it.
 */
export async function* readAll(
  services: Pick<Services, 'storage'>,
  wish: ListWish,
): AsyncGenerator<ReportedRun[]> {
  const batchSize = 500;
  const session = services.storage.read;
  const list = await openList(session, wish, await findNewestRunId(session));
  if (list === null) return;
  for await (const slice of slicesOf(session, list.scope, 'desc', rowsPerSlice)) {
    let after = slice.after;
    for (;;) {
      const rest = { after, upTo: slice.upTo };
      const rows = await listReported(session, list.scope, 'desc', rest, batchSize);
      if (rows.length > 0) yield rows;
      if (rows.length < batchSize) break;
      after = rows[rows.length - 1] ?? null;
      await nextTurn();
    }
  }
}

/** Null when no run can be in it. */
async function openList(
  session: Session,
  wish: ListWish,
  upToRunId: number,
): Promise<{ scope: RunScope; allRuns: number } | null> {
  const { organizationId } = wish;
  const conditions: RunCondition[] = [];
  let agentId = wish.agentId;
  let createdFrom: string | null = null;
  let createdTo: string | null = null;
  for (const criterion of wish.criteria) {
    if (criterion.kind === 'none') return null;
    if (criterion.kind === 'created') {
      // Instants in one form are in the order of their text.
      const { from, to } = criterion;
      if (from !== null && (createdFrom === null || from > createdFrom)) createdFrom = from;
      if (to !== null && (createdTo === null || to < createdTo)) createdTo = to;
    } else if (criterion.kind === 'agent' && agentId === null) agentId = criterion.id;
    else conditions.push(criterion);
  }
  const range = { createdFrom, createdTo, upToRunId, conditions };
  if (agentId === null) {
    return {
      scope: { owner: { organizationId }, ...range },
      allRuns: await findOrganizationRunCount(session, organizationId),
    };
  }
  const allRuns = await findAgentRunCount(session, organizationId, agentId);
  return allRuns === undefined ? null : { scope: { owner: { agentId }, ...range }, allRuns };
}

function isWhole({ createdFrom, createdTo, conditions }: RunScope): boolean {
  return createdFrom === null && createdTo === null && conditions.length === 0;
}

/** Few, where the id was given by the page before. */
async function countNewer(
  session: Session,
  owner: RunScope['owner'],
  runId: number,
  newestRunId: number,
): Promise<number> {
  let newer = 0;
  for (let after = runId; after < newestRunId; after += rowsPerSlice) {
    const upTo = Math.min(after + rowsPerSlice, newestRunId);
    newer += await countIds(session, owner, { after, upTo });
    await nextTurn();
  }
  return newer;
}

async function* slicesOf(
  session: Session,
  scope: RunScope,
  order: Order,
  entries: number,
): AsyncGenerator<Slice> {
  // One run is found by its id, not by going through the list.
  if (scope.conditions.some(({ kind }) => kind === 'run')) {
    yield { after: null, upTo: null };
    return;
  }
  let after: Place | null = null;
  for (;;) {
    const upTo: Place | null = (await findPlace(session, scope, order, after, entries)) ?? null;
    yield { after, upTo };
    if (upTo === null) return;
    after = upTo;
    await nextTurn();
  }
}

/** Where a page stands in its list. */
type Window = Pick<PageWish, 'order' | 'limit' | 'contextBytes'> & { offset: number };

async function pageByCounting(
  session: Session,
  scope: RunScope,
  { order, offset, limit, contextBytes }: Window,
): Promise<{ rows: ListedRun[]; total: number }> {
  const rows: ListedRun[] = [];
  let total = 0;
  const entries = scope.conditions.length === 0 ? entriesPerHop : rowsPerSlice;
  for await (const slice of slicesOf(session, scope, order, entries)) {
    const found = await countMatching(session, scope, order, slice);
    const skipped = Math.max(0, offset - total);
    if (rows.length < limit && skipped < found) {
      const window = { limit: limit - rows.length, offset: skipped, contextBytes };
      rows.push(...(await listMatching(session, scope, order, slice, window)));
    }
    total += found;
  }
  return { rows, total };
}

/** Calls that have not ended come last; among equals the latest comes first. */
async function pageByDuration(
  session: Session,
  scope: RunScope,
  { order, offset, limit, contextBytes }: Window,
): Promise<{ rows: ListedRun[]; total: number }> {
  const needed = offset + limit;
  let best: RunDuration[] = [];
  let total = 0;
  for await (const slice of slicesOf(session, scope, 'desc', rowsPerSlice)) {
    total += await countMatching(session, scope, 'desc', slice);
    const found = await listDurations(session, scope, order, slice, needed);
    best = [...best, ...found].sort((one, other) => compareDurations(one, other, order)).slice(0, needed);
  }
  const ids = best.slice(offset).map(({ id }) => id);
  const rows = await Promise.all(ids.map((id) => findListedRun(session, id, contextBytes)));
  return { rows: rows.filter((row) => row !== undefined), total };
}

function compareDurations(one: RunDuration, other: RunDuration, order: Order): number {
  if (one.seconds === other.seconds) return other.id - one.id;
  if (one.seconds === null) return 1;
  if (other.seconds === null) return -1;
  return order === 'asc' ? one.seconds - other.seconds : other.seconds - one.seconds;
}

/** Goes to a deep page by the index alone. */
async function rowsFrom(
  session: Session,
  scope: RunScope,
  { order, offset, limit, contextBytes }: Window,
): Promise<ListedRun[]> {
  let after: Place | null = null;
  let left = offset;
  while (left > 0) {
    const hop = Math.min(left, entriesPerHop);
    const place: Place | undefined = await findPlace(session, scope, order, after, hop);
    if (place === undefined) return [];
    after = place;
    left -= hop;
    await nextTurn();
  }
  return listMatching(session, scope, order, { after, upTo: null }, { limit, offset: 0, contextBytes });
}
