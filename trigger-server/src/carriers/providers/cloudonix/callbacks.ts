/**
 * Cloudonix reports every change of a session to the `callback` of the dial, as JSON. It documents no signature of
 * these reports (nor of call records), so only our own HMAC in the URL protects them.
 */
import { Problem } from '../../../problem';
import { afterSpeech } from '../../dialects/twiml/instructions';
import { jsonBody } from '../../kit/form';
import { unsigned, type CallbackRequest, type Callbacks } from '../../port/callback';
import type { StatusReport } from '../../port/report';
import type { Configuration } from './configuration';
import { readSession } from './statuses';

export const callbacks: Callbacks<Configuration> = { verify: unsigned, readStatus, afterSpeech };

/** Some updates are a list of one session, which is not documented. */
function readStatus(request: CallbackRequest): StatusReport | null {
  if (request.purpose === 'announcement') {
    return { status: 'answered', rawStatus: 'announcement', announcementHeard: true };
  }
  const body = jsonBody(request);
  const session: unknown = Array.isArray(body) ? body.at(-1) : body;
  if (typeof session !== 'object' || session === null) {
    throw new Problem('bad_request', 'A callback of Cloudonix must be a session as JSON');
  }
  return readSession(session);
}
