/** The lists of runs as the API gives them: of one agent, and of a whole organization. */
import type { RunPage, UsagePage } from '@dograh-trigger/shared';
import type { Services } from '../services';
import { readFilters, type Criterion } from './filters';
import { readCursor, writeCursor } from './list-cursor';
import { presentRun } from '../runs/present';
import { presentUsageRun } from './present';
import { readPage, type ListPage, type PageWish } from './lists';

type Needs = Pick<Services, 'config' | 'storage' | 'clock' | 'secrets'>;

/** A hundred runs with two contexts of this length are 6 MiB. Longer ones are read with their run. */
const longestContextBytes = 32 * 1024;

/** What both lists are asked for. */
export type PageQuery = Pick<PageWish, 'page' | 'limit' | 'sortBy' | 'order'> & {
  /** The query parameter `filters`. */
  filters: string | undefined;
  /** Of an earlier page: what came after it is left out. */
  cursor: string | undefined;
};

/** @throws Problem for a cursor that is none, and for filters that cannot be read, or not be honoured. */
export async function listAgentRuns(
  services: Needs,
  organizationId: number,
  agentId: number,
  wish: PageQuery,
): Promise<RunPage> {
  const { applied, criteria } = readFilters(wish.filters, 'agent', hasExtensions(services));
  const upToRunId = upTo(services, organizationId, wish);
  const page = await readPage(services, {
    ...wish,
    organizationId,
    agentId,
    criteria,
    upToRunId,
    contextBytes: contextBytes(services),
  });
  return {
    runs: page.rows.map((row) => presentRun(services, row, null)),
    ...pageFacts(services, organizationId, wish, page),
    applied_filters: applied,
  };
}

/** What the organization's list and its report are narrowed by. */
export interface UsageQuery {
  /** Inclusive, as the database holds instants. */
  startDate: string | undefined;
  endDate: string | undefined;
  filters: string | undefined;
}

/** @throws Problem for filters that cannot be read, or not be honoured. */
export function usageCriteria(
  services: Pick<Services, 'config'>,
  { startDate, endDate, filters }: UsageQuery,
): Criterion[] {
  const dates: Criterion = { kind: 'created', from: startDate ?? null, to: endDate ?? null };
  return [dates, ...readFilters(filters, 'organization', hasExtensions(services)).criteria];
}

/** @throws Problem for a cursor that is none, and for filters that cannot be read, or not be honoured. */
export async function listUsage(
  services: Needs,
  organizationId: number,
  wish: PageQuery & UsageQuery,
): Promise<UsagePage> {
  const criteria = usageCriteria(services, wish);
  const upToRunId = upTo(services, organizationId, wish);
  const page = await readPage(services, {
    ...wish,
    organizationId,
    agentId: null,
    criteria,
    upToRunId,
    contextBytes: contextBytes(services),
  });
  const runs = page.rows.map((row) => presentUsageRun(services, row));
  const seconds = runs.reduce((total, run) => total + run.call_duration_seconds, 0);
  return {
    runs,
    total_dograh_tokens: 0,
    total_duration_seconds: seconds,
    // A sum over all pages would be a pass through the whole list, or one more counter.
    ...(hasExtensions(services) ? { page_duration_seconds: seconds } : {}),
    ...pageFacts(services, organizationId, wish, page),
  };
}

/** Dograh lists every context whole. */
function contextBytes(services: Pick<Services, 'config'>): number {
  return hasExtensions(services) ? longestContextBytes : Number.MAX_SAFE_INTEGER;
}

/** Without them the server is Dograh, which passes over a filter that it does not know. */
export function hasExtensions({ config }: Pick<Services, 'config'>): boolean {
  return config.extensions.size > 0;
}

/** To plain Dograh a cursor is a parameter that nobody knows. */
function upTo(
  services: Pick<Services, 'config' | 'secrets'>,
  organizationId: number,
  { cursor }: PageQuery,
): number | null {
  if (cursor === undefined || !hasExtensions(services)) return null;
  return readCursor(services.secrets, organizationId, cursor);
}

function pageFacts(
  services: Pick<Services, 'config' | 'secrets'>,
  organizationId: number,
  { page, limit }: PageQuery,
  { total, upToRunId }: ListPage,
) {
  return {
    total_count: total,
    page,
    limit,
    total_pages: Math.ceil(total / limit),
    ...(hasExtensions(services) ? { cursor: writeCursor(services.secrets, organizationId, upToRunId) } : {}),
  };
}
