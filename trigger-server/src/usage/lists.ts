/**
 * Lists of runs: pages, totals and filters. Without filters the total is a counter that every new run increments, so a
 * page costs the same for a thousand runs and for a million. With filters the whole list is scanned in slices. SQLite
 * runs inside this process, so other requests are served between two slices.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { findOrganizationRunCount } from '../accounts/organizations';
import { findAgentRunCount } from '../agents/known-agents';
import type { Services } from '../services';
import type { Session } from '../storage/port';
import type { Criterion } from './filters';
import {
  countByMinute,
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
  type RunCount,
  type RunDuration,
  type RunScope,
  type Slice,
} from './store';

export type { ReportedRun } from './store';

/** A slice takes a few milliseconds. Reading an index entry costs less than reading a row. */
const rowsPerSlice = 2_000;
const entriesPerHop = 20_000;

export interface ListSelection {
  organizationId: number;
  /** Null for all agents of the organization. */
  agentId: number | null;
  criteria: readonly Criterion[];
}

export interface PageSelection extends ListSelection {
  /** Counted from 1. */
  page: number;
  limit: number;
  sortBy: 'created_at' | 'duration';
  order: Order;
  /** The newest run id of an earlier page: newer runs are left out. Null for the first page. */
  upToRunId: number | null;
  /** Longer contexts are left out, because a page of a hundred runs could otherwise hold a hundred megabytes. */
  contextBytes: number;
}

export interface ListPage {
  rows: ListedRun[];
  total: number;
  upToRunId: number;
}

/** Reads one page of a list. An agent of another organization has no runs. */
export async function readPage(
  services: Pick<Services, 'storage'>,
  selection: PageSelection,
): Promise<ListPage> {
  const session = services.storage.read;
  const newestRunId = await findNewestRunId(session);
  const upToRunId = selection.upToRunId ?? newestRunId;
  const list = await openList(session, selection, upToRunId);
  if (list === null) return { rows: [], total: 0, upToRunId };
  const { scope, allRuns } = list;
  const offset = (selection.page - 1) * selection.limit;
  if (selection.sortBy === 'duration') {
    return { ...(await pageByDuration(session, scope, { ...selection, offset })), upToRunId };
  }
  if (!isWhole(scope)) {
    return { ...(await pageByCounting(session, scope, { ...selection, offset })), upToRunId };
  }
  const newer = await countNewer(session, scope.owner, upToRunId, newestRunId);
  const total = allRuns - newer;
  const rows = offset < total ? await rowsFrom(session, scope, { ...selection, offset }) : [];
  return { rows, total, upToRunId };
}

/**
 * Reads every run of a list, newest first, in batches of 500, so that a report is never held whole in memory. Runs
 * created meanwhile are left out.
 */
export async function* readAll(
  services: Pick<Services, 'storage'>,
  selection: ListSelection,
): AsyncGenerator<ReportedRun[]> {
  const batchSize = 500;
  const session = services.storage.read;
  const list = await openList(session, selection, await findNewestRunId(session));
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

/** Counts every run of a list, slice by slice. */
export async function* countAll(
  services: Pick<Services, 'storage'>,
  selection: ListSelection,
): AsyncGenerator<RunCount> {
  const session = services.storage.read;
  const list = await openList(session, selection, await findNewestRunId(session));
  if (list === null) return;
  for await (const slice of slicesOf(session, list.scope, 'desc', rowsPerSlice)) {
    yield* await countByMinute(session, list.scope, slice);
  }
}

/** Null when the list is certainly empty. */
async function openList(
  session: Session,
  selection: ListSelection,
  upToRunId: number,
): Promise<{ scope: RunScope; allRuns: number } | null> {
  const { organizationId } = selection;
  const conditions: RunCondition[] = [];
  let agentId = selection.agentId;
  let createdFrom: string | null = null;
  let createdTo: string | null = null;
  for (const criterion of selection.criteria) {
    if (criterion.kind === 'none') return null;
    if (criterion.kind === 'created') {
      // Instants have one text form, so they are compared as texts.
      const { from, to } = criterion;
      if (from !== null && (createdFrom === null || from > createdFrom)) createdFrom = from;
      if (to !== null && (createdTo === null || to < createdTo)) createdTo = to;
    } else if (criterion.kind === 'agent' && agentId === null) agentId = criterion.id;
    else conditions.push(criterion);
  }
  const campaignId = conditions.find((condition) => condition.kind === 'campaign')?.id;
  const range = { createdFrom, createdTo, upToRunId, conditions };
  if (agentId === null) {
    return {
      scope: { owner: { organizationId, ...(campaignId === undefined ? {} : { campaignId }) }, ...range },
      allRuns: await findOrganizationRunCount(session, organizationId),
    };
  }
  const allRuns = await findAgentRunCount(session, organizationId, agentId);
  return allRuns === undefined ? null : { scope: { owner: { agentId }, ...range }, allRuns };
}

function isWhole({ createdFrom, createdTo, conditions }: RunScope): boolean {
  return createdFrom === null && createdTo === null && conditions.length === 0;
}

/** Counts the runs after `runId`. There are few when the id comes from an earlier page. */
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
  // A single run is found by its id, without scanning the list.
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

/** The position of a page in its list. */
type Window = Pick<PageSelection, 'order' | 'limit' | 'contextBytes'> & { offset: number };

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

/** Calls that have not ended come last. Of equal durations, the newest run comes first. */
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

/** Reads a page without filters. Rows before it are skipped in the index only. */
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
