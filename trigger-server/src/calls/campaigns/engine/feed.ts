/** Queues the calls of a running campaign, a few at a time, and ends the campaign after the last one. */
import { findCallLimits } from '../../../accounts/organizations';
import { recordAudit, serverActor } from '../../../audit/audit';
import { Problem } from '../../../problem';
import { countWaiting, countEndedSince, hasOpenRun } from '../../../runs/of-campaign/campaign-runs';
import type { Services } from '../../../services';
import type { Session } from '../../../storage/port';
import type { CarrierServices } from '../../../telephony/tools';
import { settingsOf } from '../../campaign-state/settings';
import { campaignQuery, type CampaignRow } from '../../campaign-state/store';
import { isInSlot } from '../../campaign-limits/weekly-slots';
import { initialContextOf } from '../../order';
import { parseDestination } from '../../policy/destination';
import { placementOf } from '../../slots/placement';
import { recordRuns, type Placement } from '../../slots/record-runs';
import { orderOf } from '../order';
import { checkReadiness } from '../readiness';
import { ContactReader } from '../source/contacts';
import { headerOf, listContacts, type StoredContact } from '../source/files';
import { moveCampaign } from '../state';
import { noteQueuedQuery } from '../store';
import { failureRate } from './breaker';

type Needs = CarrierServices & Pick<Services, 'chance' | 'connections' | 'thisProcess' | 'queueAlarm'>;

/** A write with so many runs holds the calls of the organization up for a few milliseconds. */
const contactsAtOnce = 20;

/** What the calls of a campaign have in common. @property header the names of the columns of its file. */
type Ready = Awaited<ReturnType<typeof checkReadiness>> & { header: string[] };

/** Why the server moves a campaign to another state. */
type Reason = Parameters<typeof moveCampaign>[4];

/**
 * Queues the next contacts of a campaign, so that twice as many calls as may be under way wait to be placed.
 * @returns whether there may be more to queue now.
 */
export async function feed(services: Needs, campaign: CampaignRow): Promise<boolean> {
  const { storage, clock } = services;
  const session = storage.read;
  const now = clock.now();
  const { schedule_config: schedule, max_concurrency: most, circuit_breaker: breaker } = settingsOf(campaign);
  const since = [
    campaign.counted_from ?? '',
    new Date(now.getTime() - breaker.window_seconds * 1000).toISOString(),
  ];
  const ended = await countEndedSince(session, campaign.id, since.sort().at(-1) ?? '');
  const rate = failureRate(breaker, ended);
  if (rate !== null) {
    return move(services, campaign, 'paused', {
      level: 'warning',
      event: 'circuit_breaker_tripped',
      message: `Paused: ${rate.words}. Find out why the calls fail, then resume the campaign.`,
      details: rate.details,
    });
  }
  if (await isDone(session, campaign)) return move(services, campaign, 'completed', null);
  if (!isInSlot(schedule, now)) return false;
  const header = await headerOf(session, campaign.file_id);
  let ready: Ready;
  try {
    ready = { header, ...(await checkReadiness(services, campaign, header)) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    // It passes by itself: a later round finds out.
    if (error.retryAfterSeconds !== undefined) return false;
    return move(services, campaign, 'paused', {
      level: 'error',
      event: 'calls_not_possible',
      message: `Paused: ${sentenceOf(error)} Correct this, then resume the campaign.`,
      details: { code: error.code },
    });
  }
  const { slots } = await findCallLimits(session, campaign.organization_id);
  const concurrency = Math.min(most ?? slots, slots);
  const room = 2 * concurrency - (await countWaiting(session, campaign.id, now.toISOString()));
  if (room <= 0) return false;
  const contacts = await listContacts(
    session,
    campaign.file_id,
    campaign.last_line,
    Math.min(room, contactsAtOnce),
  );
  if (contacts.length === 0) return false;
  await queueContacts(services, campaign, contacts, ready);
  return true;
}

/** Requests are refused in Dograh's word for it, which says too little here. */
function sentenceOf({ message, code }: Problem): string {
  return message === code
    ? 'The telephony configuration of the campaign was deleted or is not active, so its calls wait.'
    : message;
}

async function isDone(session: Session, campaign: CampaignRow): Promise<boolean> {
  if (await hasOpenRun(session, campaign.id)) return false;
  return (await listContacts(session, campaign.file_id, campaign.last_line, 1)).length === 0;
}

async function queueContacts(
  services: Needs,
  campaign: CampaignRow,
  contacts: readonly StoredContact[],
  ready: Ready,
): Promise<void> {
  const placements = placementsOf(services, campaign, contacts, ready);
  const isQueued = await services.storage.write(async (session) => {
    await session.lock('organization', campaign.organization_id);
    const current = await campaignQuery.first(session, { id: campaign.id });
    // Another process was faster, or the campaign was paused.
    if (current?.state !== 'running' || current.last_line !== campaign.last_line) return false;
    // A person may have been erased since.
    const still = await listContacts(session, campaign.file_id, campaign.last_line, contacts.length);
    if (still.some(({ line }, index) => line !== contacts[index]?.line) || still.length < contacts.length)
      return false;
    for (const recorded of await recordRuns(session, placements)) {
      // A contact waits, and what may refuse its call is checked at its dial. All or none are queued.
      if (!recorded.ok) throw recorded.error;
    }
    const lastLine = contacts.at(-1)?.line ?? campaign.last_line;
    await noteQueuedQuery.changes(session, { id: campaign.id, lastLine, rows: contacts.length });
    return true;
  });
  if (isQueued) services.queueAlarm.ringIn(0);
}

function placementsOf(
  services: Needs,
  campaign: CampaignRow,
  contacts: readonly StoredContact[],
  { header, agent, route }: Ready,
): Placement[] {
  const reader = new ContactReader(header);
  const now = services.clock.now();
  const { retry_config: repeats } = settingsOf(campaign);
  return contacts.map(({ line, cells, phoneNumber }) => {
    const context = {
      ...reader.contextOf(cells, phoneNumber),
      campaign_id: campaign.id,
      source_uuid: `csv_${String(campaign.file_id)}_row_${String(line)}`,
    };
    const order = orderOf(campaign, agent.agentUuid, { phoneNumber, context }, repeats);
    const planned = { order, agent, route, destination: parseDestination(phoneNumber) };
    // What it says is checked at its dial, as for every queued call.
    const call = { ...planned, context: initialContextOf(planned), unresolved: [] };
    return placementOf(services, call, {
      runName: `WR-CAMPAIGN-${String(campaign.id)}-${String(line)}`,
      now,
      wait: { dueAt: now, waitingFor: 'slot' },
      contact: { campaignId: campaign.id, line },
    });
  });
}

/** @returns false: there is nothing more to queue. */
async function move(
  services: Pick<Services, 'storage' | 'clock'>,
  campaign: CampaignRow,
  to: 'paused' | 'completed',
  reason: Reason,
): Promise<false> {
  await services.storage.write(async (session) => {
    await session.lock('organization', campaign.organization_id);
    const current = await campaignQuery.first(session, { id: campaign.id });
    if (current?.state !== 'running') return;
    if (!(await moveCampaign(services, session, current, to, reason)) || to === 'completed') return;
    const actor = serverActor(campaign.organization_id);
    await recordAudit(services, session, actor, { action: 'campaign.paused', subjectId: campaign.id });
  });
  return false;
}
