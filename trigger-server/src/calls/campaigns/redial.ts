/** A campaign that calls those again whom an ended campaign did not reach. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Campaign, redialCampaignRequest } from '@dograh-trigger/shared';
import type * as z from 'zod';
import { recordAudit } from '../../audit/audit';
import type { Identity } from '../../http/route';
import { Problem } from '../../problem';
import { listEndings, type Ending } from '../../runs/of-campaign/campaign-runs';
import type { Services } from '../../services';
import { mostIds } from '../../storage/id-list';
import { readCampaign, requireCampaign } from './campaigns';
import { beginCopy, copyRows, endCopy } from './source/copies';
import { deleteFile } from './source/upload';
import { insertCampaign, noteRedialQuery, type ShownCampaign } from './store';

type Needs = Pick<Services, 'config' | 'storage' | 'clock' | 'chance' | 'connections' | 'secrets'>;
type Choice = Pick<
  z.output<typeof redialCampaignRequest>,
  'retry_on_voicemail' | 'retry_on_no_answer' | 'retry_on_busy'
>;

/**
 * Creates the campaign, in the state `created`. Its file has the rows that it calls.
 * @throws Problem not_found; bad_request with Dograh's words.
 */
export async function redialCampaign(
  services: Needs,
  identity: Identity,
  id: number,
  request: z.output<typeof redialCampaignRequest>,
): Promise<Campaign> {
  const { storage, clock } = services;
  const { organizationId } = identity;
  const parent = await requireCampaign(services, organizationId, id);
  if (parent.state !== 'completed') {
    const words = `Only completed campaigns can be redialed (current state: ${parent.state})`;
    throw new Problem('bad_request', words);
  }
  if (parent.redialed_id !== null) throw alreadyRedialed();
  const copy = await beginCopy(services, organizationId, parent.file_id);
  try {
    let total = 0;
    for await (const lines of linesToRedial(services, parent, request)) {
      total += await copyRows(services, { from: parent.file_id, to: copy.id }, lines);
    }
    if (total === 0) throw new Problem('bad_request', 'No subscribers match the selected redial criteria');
    const childId = await storage.write(async (session) => {
      await session.lock('organization', organizationId);
      await endCopy(session, copy, total);
      const created = await insertCampaign(session, {
        organization_id: organizationId,
        agent_id: parent.agent_id,
        file_id: copy.id,
        telephony_configuration_id: parent.telephony_configuration_id,
        user_id: identity.userId,
        api_key_id: identity.apiKeyId,
        name: request.name ?? `${parent.name} (Redial)`,
        retry_config:
          request.retry_config == null ? parent.retry_config : JSON.stringify(request.retry_config),
        max_concurrency: parent.max_concurrency,
        schedule_config: parent.schedule_config,
        circuit_breaker: parent.circuit_breaker,
        parent_id: parent.id,
        created_at: clock.now().toISOString(),
      });
      const isFirst = (await noteRedialQuery.changes(session, { id: parent.id, redialedId: created })) > 0;
      if (!isFirst) throw alreadyRedialed();
      await recordAudit(services, session, identity, { action: 'campaign.created', subjectId: created });
      return created;
    });
    return await readCampaign(services, organizationId, childId);
  } catch (error) {
    await deleteFile(services, copy.id);
    throw error;
  }
}

function alreadyRedialed(): Problem {
  return new Problem('bad_request', 'This campaign has already been redialed');
}

/** The lines of the contacts that were not reached, in parts. */
async function* linesToRedial(
  { storage }: Pick<Services, 'storage'>,
  { id }: ShownCampaign,
  choice: Choice,
): AsyncGenerator<number[]> {
  for (let after = 0; ;) {
    const endings = await listEndings(storage.read, id, after, mostIds);
    const lines = endings.filter((ending) => isChosen(ending, choice)).map(({ line }) => line);
    if (lines.length > 0) yield lines;
    const last = endings.at(-1);
    if (last === undefined || endings.length < mostIds) return;
    after = last.line;
    await nextTurn();
  }
}

function isChosen({ status, disposition }: Ending, choice: Choice): boolean {
  return (
    (choice.retry_on_busy && status === 'busy') ||
    (choice.retry_on_no_answer && status === 'no-answer') ||
    (choice.retry_on_voicemail && disposition === 'voicemail_detected')
  );
}
