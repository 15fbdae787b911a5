/** Campaigns as a resource: created from a file, listed, read and changed. */
import {
  campaignBreaker,
  campaignRetry,
  mostSkippedListed,
  type Campaign,
  type CampaignProgress,
  type Campaigns,
  type createCampaignRequest,
  type updateCampaignRequest,
} from '@dograh-trigger/shared';
import type * as z from 'zod';
import { findAgentName, findAgentRunCount } from '../../agents/known-agents';
import { recordAudit } from '../../audit/audit';
import { mayUseAgent } from '../../http/access/key-scope';
import type { Identity } from '../../http/route';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import { listOwnConfigurations } from '../../telephony/configurations';
import type { CarrierServices } from '../../telephony/tools';
import { settingsOf } from '../campaign-state/settings';
import { campaignQuery, type CampaignRow } from '../campaign-state/store';
import { presentCampaign, presentProgress } from './present';
import { checkConcurrency, checkReadiness, checkValues } from './readiness';
import { findFile, keepFile, listSkipped, type CampaignFile } from './source/files';
import {
  campaignsQuery,
  changeCampaignQuery,
  insertCampaign,
  shownCampaignQuery,
  type ShownCampaign,
} from './store';

type ReadNeeds = Pick<Services, 'config' | 'storage' | 'connections' | 'secrets'>;

/** Dograh lists all. A reply has a bound. */
const mostListed = 1000;

/** What a campaign repeats, where its request says nothing: Dograh's `DEFAULT_CAMPAIGN_RETRY_CONFIG`. */
export const defaultRetry = campaignRetry.parse({ max_retries: 1, retry_on_voicemail: false });
/** Dograh shows a campaign without a circuit breaker so. */
const noBreaker = campaignBreaker.parse({ enabled: false });

/** @throws Problem not_found for an agent, bad_request for a file or telephony with which it could call nobody. */
export async function createCampaign(
  services: CarrierServices & Pick<Services, 'chance' | 'connections'>,
  identity: Identity,
  request: z.output<typeof createCampaignRequest>,
): Promise<Campaign> {
  const { storage, clock } = services;
  const { organizationId } = identity;
  const caller = {
    organization_id: organizationId,
    agent_id: request.workflow_id,
    user_id: identity.userId,
    api_key_id: identity.apiKeyId,
    telephony_configuration_id: request.telephony_configuration_id ?? null,
  };
  const file = await requireFile(services, identity, request);
  const header = JSON.parse(file.header ?? '[]') as string[];
  const ready = await checkReadiness(services, caller, header);
  const { configurationId } = ready.route;
  await checkConcurrency(services, organizationId, configurationId, request.max_concurrency);
  await checkValues(services, file.id, header, ready);
  const id = await storage.write(async (session) => {
    if (!(await keepFile(session, file.id))) throw noFile();
    const created = await insertCampaign(session, {
      ...caller,
      file_id: file.id,
      telephony_configuration_id: configurationId,
      name: request.name,
      retry_config: JSON.stringify(request.retry_config ?? defaultRetry),
      max_concurrency: request.max_concurrency ?? null,
      schedule_config: jsonOf(request.schedule_config),
      circuit_breaker: JSON.stringify(request.circuit_breaker ?? noBreaker),
      parent_id: null,
      created_at: clock.now().toISOString(),
    });
    await recordAudit(services, session, identity, { action: 'campaign.created', subjectId: created });
    return created;
  });
  return readCampaign(services, organizationId, id);
}

async function requireFile(
  { storage }: Pick<Services, 'storage'>,
  identity: Identity,
  { workflow_id: agentId, source_id: fileKey }: { workflow_id: number; source_id: string },
): Promise<CampaignFile> {
  const { organizationId } = identity;
  const isAgent = (await findAgentRunCount(storage.read, organizationId, agentId)) !== undefined;
  if (!isAgent || !mayUseAgent(identity, agentId)) throw new Problem('not_found', 'Workflow not found');
  const file = await findFile(storage.read, organizationId, fileKey);
  if (file === undefined) throw noFile();
  if (file.total_rows === 0) {
    throw new Problem(
      'bad_request',
      'No row of the file can be called. The reply to its upload says why; correct the rows, and send the file again.',
    );
  }
  return file;
}

function noFile(): Problem {
  return new Problem(
    'bad_request',
    'There is no file with this source_id. Request an upload URL, send the file there, and use its file_key within a day.',
  );
}

/** The newest first. */
export async function listCampaigns(services: ReadNeeds, organizationId: number): Promise<Campaigns> {
  const session = services.storage.read;
  const rows = await campaignsQuery.all(session, { organizationId, limit: mostListed });
  const names = await configurationNames(services, organizationId);
  const agents = new Map<number, string | null>();
  for (const { agent_id: id } of rows) {
    if (!agents.has(id)) agents.set(id, await findAgentName(session, id));
  }
  return {
    campaigns: rows.map((row) =>
      presentCampaign(row, { agent: agents.get(row.agent_id) ?? null, configuration: names(row) }),
    ),
  };
}

/** @throws Problem not_found. */
export async function readCampaign(
  services: ReadNeeds,
  organizationId: number,
  id: number,
): Promise<Campaign> {
  const session = services.storage.read;
  const row = await requireCampaign(services, organizationId, id);
  const names = await configurationNames(services, organizationId);
  return presentCampaign(
    row,
    { agent: await findAgentName(session, row.agent_id), configuration: names(row) },
    await listSkipped(session, row.file_id, mostSkippedListed),
  );
}

/** @throws Problem not_found. */
export async function readProgress(
  services: Pick<Services, 'storage'>,
  organizationId: number,
  id: number,
): Promise<CampaignProgress> {
  return presentProgress(await requireCampaign(services, organizationId, id));
}

/** @throws Problem not_found. */
export async function requireCampaign(
  { storage }: Pick<Services, 'storage'>,
  organizationId: number,
  id: number,
): Promise<ShownCampaign> {
  const row = await shownCampaignQuery.first(storage.read, { organizationId, id });
  if (row === undefined) throw new Problem('not_found', 'Campaign not found');
  return row;
}

/** What is absent or null stays. @throws Problem not_found; bad_request once it has ended. */
export async function changeCampaign(
  services: ReadNeeds & Pick<Services, 'clock'>,
  identity: Identity,
  id: number,
  changes: z.output<typeof updateCampaignRequest>,
): Promise<Campaign> {
  const { organizationId } = identity;
  const { telephony_configuration_id: configurationId } = await requireCampaign(services, organizationId, id);
  await checkConcurrency(services, organizationId, configurationId, changes.max_concurrency);
  const given = Object.entries<unknown>(changes).filter(([, value]) => value !== null && value !== undefined);
  await services.storage.write(async (session) => {
    await session.lock('organization', organizationId);
    const before = await campaignQuery.first(session, { id });
    if (before === undefined || before.state === 'completed' || before.state === 'failed') {
      throw new Problem('bad_request', `Cannot update a ${before?.state ?? 'deleted'} campaign`);
    }
    const settings = { name: before.name, ...settingsOf(before) };
    const after: typeof settings = { ...settings, ...Object.fromEntries(given) };
    await changeCampaignQuery.changes(session, {
      id,
      name: after.name,
      retry_config: JSON.stringify(after.retry_config),
      max_concurrency: after.max_concurrency,
      schedule_config: jsonOf(after.schedule_config),
      circuit_breaker: JSON.stringify(after.circuit_breaker),
    });
    const changed = given.map(([name]) => name);
    await recordAudit(services, session, identity, { action: 'campaign.changed', subjectId: id, changed });
  });
  return readCampaign(services, organizationId, id);
}

function jsonOf(value: object | null | undefined): string | null {
  return value == null ? null : JSON.stringify(value);
}

async function configurationNames(services: ReadNeeds, organizationId: number) {
  const configurations = await listOwnConfigurations(services, organizationId);
  const names = new Map(configurations.map(({ id, name }) => [id, name]));
  return ({ telephony_configuration_id: id }: CampaignRow) => (id === null ? null : (names.get(id) ?? null));
}
