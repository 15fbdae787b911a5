/**
 * Cloudonix reports every change of a session to the `callback` of the dial, as JSON. It documents no signature of
 * these reports (nor of call records), so only our own HMAC in the URL protects them.
 */
import { Problem } from '../../../problem';
import { afterSpeech } from '../../dialects/twiml/instructions';
import { readHeard as readForm, readTransfer as readTransferForm } from '../../dialects/twiml/reports';
import { textAt } from '../../kit/dial';
import { jsonBody } from '../../kit/form';
import { heardOf, transferEndOf } from '../../kit/heard';
import { unsigned, type CallbackRequest, type Callbacks } from '../../port/callback';
import { isOfTurn } from '../../port/purpose';
import type { FromCallee, TransferEnd } from '../../port/talk';
import type { StatusReport } from '../../port/report';
import type { Configuration } from './configuration';
import { cxml } from './instructions';
import { readSession } from './statuses';

export const callbacks: Callbacks<Configuration> = {
  verify: unsigned,
  readStatus,
  readHeard,
  readTransfer,
  talk: (call) => ({ contentType: 'text/xml', body: cxml(call.instructions, null) }),
  afterSpeech,
};

/** Its documentation names no fields of a result; those of TwiML are read, as a form or as JSON. */
function readHeard(request: CallbackRequest): FromCallee {
  const body = jsonBody(request);
  const text = textAt(body, 'SpeechResult');
  return text === undefined ? readForm(request) : heardOf(text, textAt(body, 'Confidence'));
}

/** As `readHeard`. */
function readTransfer(request: CallbackRequest): TransferEnd {
  const word = textAt(jsonBody(request), 'DialCallStatus');
  return word === undefined ? readTransferForm(request) : transferEndOf(word);
}

/** Some updates are a list of one session, which is not documented. */
function readStatus(request: CallbackRequest): StatusReport | null {
  // Only an answered call requests its documents.
  if (isOfTurn(request.purpose)) {
    return { status: 'answered', rawStatus: request.purpose };
  }
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
