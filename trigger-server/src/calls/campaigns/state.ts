/** Starts, pauses and resumes a campaign. What it does then is done by `engine/`. */
import type { AuditAction, Campaign, CampaignLogEntry, CampaignState } from '@dograh-trigger/shared';
import { recordAudit } from '../../audit/audit';
import type { Identity } from '../../http/route';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import type { CarrierServices } from '../../telephony/tools';
import { campaignQuery, type CampaignRow } from '../campaign-state/store';
import { readCampaign, requireCampaign } from './campaigns';
import { parseLogs } from './present';
import { checkReadiness, requireTelephony } from './readiness';
import { headerOf } from './source/files';
import { changeStateQuery } from './store';

type Needs = CarrierServices & Pick<Services, 'chance' | 'connections'>;

/** The log of a campaign keeps so many entries, the newest. */
const mostLogged = 50;

type Entry = Omit<CampaignLogEntry, 'ts'>;

/**
 * Moves a campaign to another state. The caller holds the lock of its organization.
 * @param entry of its log: why it was moved by the server; null: a request did it.
 * @returns false if it is no longer in the state that was read.
 */
export async function moveCampaign(
  { clock }: Pick<Services, 'clock'>,
  session: Session,
  row: CampaignRow,
  to: CampaignState,
  entry: Entry | null,
): Promise<boolean> {
  const now = clock.now().toISOString();
  const logs = [...parseLogs(row.logs), ...(entry === null ? [] : [{ ts: now, ...entry }])];
  const changed = await changeStateQuery.changes(session, {
    id: row.id,
    from: row.state,
    to,
    logs: JSON.stringify(logs.slice(-mostLogged)),
    startedAt: row.started_at ?? (to === 'running' ? now : null),
    completedAt: to === 'completed' || to === 'failed' ? now : null,
    countedFrom: to === 'running' ? now : row.counted_from,
  });
  return changed > 0;
}

/** @throws Problem not_found; bad_request if it was started before, or could call nobody; unauthenticated without telephony. */
export async function startCampaign(services: Needs, identity: Identity, id: number): Promise<Campaign> {
  const { organizationId } = identity;
  await requireTelephony(services, organizationId);
  const row = await requireCampaign(services, organizationId, id);
  requireState(row, ['created'], 'start');
  await checkReadiness(services, row, await headerOf(services.storage.read, row.file_id));
  return change(services, identity, { id, from: ['created'], to: 'running', action: 'start' });
}

/** Calls under way go on to their end; queued ones wait until it is resumed. @throws Problem not_found, bad_request. */
export function pauseCampaign(services: Needs, identity: Identity, id: number): Promise<Campaign> {
  return change(services, identity, { id, from: ['running', 'syncing'], to: 'paused', action: 'pause' });
}

/** @throws Problem not_found, bad_request; unauthenticated without telephony. */
export async function resumeCampaign(services: Needs, identity: Identity, id: number): Promise<Campaign> {
  await requireTelephony(services, identity.organizationId);
  return change(services, identity, { id, from: ['paused'], to: 'running', action: 'resume' });
}

const recorded: Record<'start' | 'pause' | 'resume', AuditAction> = {
  start: 'campaign.started',
  pause: 'campaign.paused',
  resume: 'campaign.resumed',
};

interface Move {
  id: number;
  from: readonly CampaignState[];
  to: CampaignState;
  action: 'start' | 'pause' | 'resume';
}

async function change(
  services: Needs,
  identity: Identity,
  { id, from, to, action }: Move,
): Promise<Campaign> {
  const { organizationId } = identity;
  await requireCampaign(services, organizationId, id);
  await services.storage.write(async (session) => {
    // Whoever places or queues its calls holds the same lock.
    await session.lock('organization', organizationId);
    const row = await campaignQuery.first(session, { id });
    if (row === undefined) throw new Problem('not_found', 'Campaign not found');
    requireState(row, from, action);
    await moveCampaign(services, session, row, to, null);
    await recordAudit(services, session, identity, { action: recorded[action], subjectId: id });
  });
  return readCampaign(services, organizationId, id);
}

/** @throws Problem bad_request with Dograh's words. */
function requireState({ state }: CampaignRow, allowed: readonly CampaignState[], action: string): void {
  if (allowed.includes(state)) return;
  const states = allowed.map((name) => `'${name}'`).join(' or ');
  throw new Problem(
    'bad_request',
    `Campaign must be in ${states} state to ${action}, current state: ${state}`,
  );
}
