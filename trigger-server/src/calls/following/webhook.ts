/**
 * Another server says that a call has ended which it holds. Its words are only a hint: the call is read there, and nothing
 * of the request is copied.
 */
import type { HintRequest } from '../../carriers/port/follow';
import { isCarriersFault } from '../../carriers/kit/ask';
import { findProvider } from '../../carriers/registry';
import { describeError } from '../../describe-error';
import { Problem } from '../../problem';
import { attemptOf, findOpenCall } from '../../runs/unfinished-runs';
import type { Services } from '../../services';
import { isWebhookToken } from '../../telephony/accounts/webhook-url';
import { openCallOf } from '../../telephony/open-call';
import type { CarrierServices } from '../../telephony/tools';
import { reportFollowed } from './results';

export interface IncomingHint {
  provider: string;
  configurationId: number;
  token: string;
  request: HintRequest;
}

/**
 * Reads the call at once. If its results are not there yet, or cannot be read now, it is read again in its turn.
 * @throws Problem unauthenticated for a forged token.
 */
export async function receiveHint(
  services: CarrierServices & Pick<Services, 'secrets'>,
  { provider: name, configurationId, token, request }: IncomingHint,
): Promise<void> {
  const follow = findProvider(name)?.follow;
  if (follow === undefined || !isWebhookToken(services, { provider: name, id: configurationId }, token)) {
    throw new Problem('unauthenticated', 'Invalid webhook signature');
  }
  const callId = follow.readHint(request);
  if (callId === null) return;
  const run = await findOpenCall(services.storage.read, { configurationId, callId });
  const open = run === undefined ? null : await openCallOf(services, run);
  if (run === undefined || open?.provider.follow === undefined) return;
  try {
    const call = { ...attemptOf(run), callId, record: run.is_recorded === 1, needsAll: true };
    const found = await open.provider.follow.read(open.configuration, call, open.tools);
    if (found.report.status === 'ended' && !found.isComplete) return;
    await reportFollowed(services, run, found);
  } catch (error) {
    if (!isCarriersFault(error)) throw error;
    services.log.info(
      { runId: run.id, error: describeError(error) },
      'a call could not be read at the request of its server; it is read again in its turn',
    );
  }
}
