/** Starts, pauses and resumes a campaign. */
import { isTriggerError, TriggerError } from '../../errors';
import type { Connection } from '../connection';
import { wasNeverSent } from '../responses';
import { campaignPath, readCampaign, shownCampaign, type ShownCampaign } from './read-campaign';

export type CampaignMove = 'start' | 'pause' | 'resume';

export interface MovedCampaign {
  campaign: ShownCampaign;
  /** False when the campaign had moved before: it is under way, paused or over already. */
  changed: boolean;
}

/** Where a campaign is after the move, perhaps long after it. */
const statesAfter: Record<CampaignMove, readonly string[]> = {
  start: ['syncing', 'running', 'completed'],
  pause: ['paused', 'completed', 'failed'],
  resume: ['syncing', 'running', 'completed'],
};

/**
 * Sends one request. A server starts a campaign once, so a second start is no error and calls nobody again. It does not
 * resume a paused campaign: a person may have paused it.
 *
 * @throws TriggerError `outcome_unknown` when the campaign may have been started or resumed; `invalid_input` in a state
 *   that does not allow the move.
 */
export async function moveCampaign(
  connection: Connection,
  id: number,
  move: CampaignMove,
): Promise<MovedCampaign> {
  try {
    const path = `${campaignPath(id)}/${move}`;
    return { campaign: await connection.create(path, {}, shownCampaign), changed: true };
  } catch (error) {
    if (!isTriggerError(error)) throw error;
    if (error.status === 400) {
      const campaign = await readCampaign(connection, id);
      if (statesAfter[move].includes(campaign.state)) return { campaign, changed: false };
    }
    throw move === 'pause' ? error : withOutcome(error);
  }
}

function withOutcome(error: TriggerError): TriggerError {
  const isRefused = error.status !== undefined && error.status >= 300 && error.status < 500;
  if (isRefused || error.code === 'invalid_input' || wasNeverSent(error)) return error;
  const { message, exchange, status, detail, cause } = error;
  return new TriggerError({
    code: 'outcome_unknown',
    message: `${message} The campaign may be calling now. Repeat the request: a campaign is started only once.`,
    exchange,
    status,
    detail,
    cause,
  });
}
