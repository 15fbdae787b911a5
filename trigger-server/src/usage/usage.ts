/** The lists of runs in the API: of one agent, and of a whole organization. */
import type { RunPage, UsagePage } from '@dograh-trigger/shared';
import { limitedToCallsOf } from '../http/access/key-scope';
import type { Identity } from '../http/route';
import type { Services } from '../services';
import { readFilters, type Criterion } from './filters';
import { readCursor, writeCursor } from './list-cursor';
import { presentRun } from '../runs/present';
import { presentUsageRun } from './present';
import { readPage, type ListPage, type PageSelection } from './lists';

type Needs = Pick<Services, 'config' | 'storage' | 'clock' | 'secrets'>;

/** A hundred runs with two contexts of this length are 6 MiB. Longer contexts can be read with the single run. */
const longestContextBytes = 32 * 1024;

/** The parameters of both lists. */
export type PageQuery = Pick<PageSelection, 'page' | 'limit' | 'sortBy' | 'order'> & {
  /** The query parameter `filters`. */
  filters: string | undefined;
  /** The cursor of an earlier page: newer runs are left out. */
  cursor: string | undefined;
};

/** @throws Problem for an invalid cursor, and for filters that cannot be read or applied. */
export async function listAgentRuns(
  services: Needs,
  organizationId: number,
  agentId: number,
  query: PageQuery,
): Promise<RunPage> {
  return listRuns(services, organizationId, { agentId, campaignId: null }, query);
}

async function listRuns(
  services: Needs,
  organizationId: number,
  { agentId, campaignId }: { agentId: number | null; campaignId: number | null },
  query: PageQuery,
): Promise<RunPage> {
  const { applied, criteria } = readFilters(query.filters, 'agent', hasExtensions(services));
  const upToRunId = upTo(services, organizationId, query);
  const page = await readPage(services, {
    ...query,
    organizationId,
    agentId,
    criteria: campaignId === null ? criteria : [...criteria, { kind: 'campaign', id: campaignId }],
    upToRunId,
    contextBytes: contextBytes(services),
  });
  return {
    runs: page.rows.map((row) => presentRun(services, row, null)),
    ...pageInfo(services, organizationId, query, page),
    applied_filters: applied,
  };
}

/**
 * The runs of one campaign of the organization, as an agent's list shows them.
 * @throws Problem for an invalid cursor, and for filters that cannot be read or applied.
 */
export async function listCampaignRuns(
  services: Needs,
  organizationId: number,
  campaignId: number,
  query: PageQuery,
): Promise<RunPage> {
  return listRuns(services, organizationId, { agentId: null, campaignId }, query);
}

/** The filters of the organization's list and its report. */
export interface UsageQuery {
  /** Inclusive, in the form of the database. */
  startDate: string | undefined;
  endDate: string | undefined;
  filters: string | undefined;
}

/** @throws Problem for filters that cannot be read or applied. */
export function usageCriteria(
  services: Pick<Services, 'config'>,
  { startDate, endDate, filters }: UsageQuery,
): Criterion[] {
  const dates: Criterion = { kind: 'created', from: startDate ?? null, to: endDate ?? null };
  return [dates, ...readFilters(filters, 'organization', hasExtensions(services)).criteria];
}

/**
 * The runs of the organization; to a key with the scope `trigger` those that it started.
 * @throws Problem for an invalid cursor, and for filters that cannot be read or applied.
 */
export async function listUsage(
  services: Needs,
  identity: Identity,
  query: PageQuery & UsageQuery,
): Promise<UsagePage> {
  const { organizationId } = identity;
  const key = limitedToCallsOf(identity);
  const own: Criterion[] = key === null ? [] : [{ kind: 'apiKey', id: key }];
  const criteria = [...usageCriteria(services, query), ...own];
  const upToRunId = upTo(services, organizationId, query);
  const page = await readPage(services, {
    ...query,
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
    // The sum over all pages would need a scan of the whole list, or another counter.
    ...(hasExtensions(services) ? { page_duration_seconds: seconds } : {}),
    ...pageInfo(services, organizationId, query, page),
  };
}

/** Plain Dograh lists every context whole. */
function contextBytes(services: Pick<Services, 'config'>): number {
  return hasExtensions(services) ? longestContextBytes : Number.MAX_SAFE_INTEGER;
}

/** Without extensions the server behaves like Dograh, which ignores unknown filters. */
export function hasExtensions({ config }: Pick<Services, 'config'>): boolean {
  return config.extensions.size > 0;
}

/** Plain Dograh does not know the parameter `cursor`. */
function upTo(
  services: Pick<Services, 'config' | 'secrets'>,
  organizationId: number,
  { cursor }: PageQuery,
): number | null {
  if (cursor === undefined || !hasExtensions(services)) return null;
  return readCursor(services.secrets, organizationId, cursor);
}

function pageInfo(
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
