/**
 * Vonage's requests and reports.
 * Source: https://developer.vonage.com/en/getting-started/concepts/webhooks#signed-webhooks
 */
import { createHash } from 'node:crypto';
import { verify, type JwtPayload } from 'jsonwebtoken';
import { textAt } from '../../kit/dial';
import { jsonBody } from '../../kit/form';
import { heardOf, transferEndOf } from '../../kit/heard';
import { sameSecret } from '../../../same-secret';
import { unsigned, type AnswerDocument, type CallbackRequest, type Callbacks } from '../../port/callback';
import { isOfTurn } from '../../port/purpose';
import { needsRedirect } from '../../port/voicemail';
import { Problem } from '../../../problem';
import type { VonageConfiguration } from './configuration';
import { afterSpeech, ncco } from './instructions';
import { transfer } from './requests';
import { statusReport } from './statuses';

/** An older token may be a replay. The same tolerance into the future allows for clocks that differ. */
const toleranceSeconds = 300;

export const callbacks: Callbacks<VonageConfiguration> = {
  verify(configuration, request) {
    // The request for the answer document is a GET that Vonage does not sign.
    return isDocumentRequest(request) ? unsigned() : isSigned(configuration, request);
  },

  readStatus(request) {
    // Only an answered call requests its document. The rest of the request is unsigned, so it is not read.
    if (isDocumentRequest(request)) return { status: 'answered', rawStatus: 'answer_url' };
    if (request.purpose === 'announcement') {
      return { status: 'answered', rawStatus: 'notify', announcementHeard: true };
    }
    if (request.purpose === 'message_heard') {
      return { status: 'answered', rawStatus: 'notify', messageHeard: true };
    }
    if (isOfTurn(request.purpose)) {
      return { status: 'answered', rawStatus: request.purpose === 'turn' ? 'input' : 'notify' };
    }
    const body = jsonBody(request);
    if (typeof body !== 'object' || body === null) {
      throw new Problem('bad_request', 'The event is not a JSON object');
    }
    return statusReport(body);
  },

  readRecording(request) {
    const url = request.purpose === 'recording' ? textAt(jsonBody(request), 'recording_url') : undefined;
    return url === undefined ? null : { url };
  },

  /** Without words, `results` is empty or missing: https://developer.vonage.com/en/voice/voice-api/webhook-reference#input */
  readHeard(request) {
    const result = (name: string) => textAt(jsonBody(request), 'speech', 'results', 0, name);
    return heardOf(result('text'), result('confidence'));
  },

  /** https://developer.vonage.com/en/voice/voice-api/webhook-reference#event-webhook, of the leg that the transfer calls. */
  readTransfer(request) {
    const word = textAt(jsonBody(request), 'status');
    if (word === 'answered' || word === 'completed') return { kind: 'transferred', isOver: false };
    return word !== undefined && failedTransfers.has(word) ? transferEndOf(word) : null;
  },

  answer: (call, { purpose }) => documentOf(ncco(call, purpose)),
  afterSpeech: (call, purpose) => documentOf(afterSpeech(call, purpose)),
  asksBeforeDetection: true,

  /** A machine's beep was heard: the call goes on with the message. */
  async act(configuration, request, loadCall, tools, isMessageDue) {
    const callId = isMessageDue ? textAt(jsonBody(request), 'uuid') : undefined;
    if (callId === undefined) return;
    const call = await loadCall();
    if (!needsRedirect(call)) return;
    const target = { callId, runId: call.runId };
    await transfer(configuration, target, call.callbackUrl('redirected'), tools);
  },
};

const failedTransfers: ReadonlySet<string> = new Set([
  'busy',
  'rejected',
  'timeout',
  'unanswered',
  'failed',
  'cancelled',
]);

/** The GET for the answer document, for that of the message, or for that of a transfer. */
function isDocumentRequest({ purpose }: CallbackRequest): boolean {
  return purpose === 'answer' || purpose === 'message' || purpose === 'redirected';
}

function documentOf(actions: object[]): AnswerDocument {
  return { contentType: 'application/json', body: JSON.stringify(actions) };
}

function isSigned(configuration: VonageConfiguration, request: CallbackRequest): boolean {
  const token = /^Bearer (\S+)$/i.exec(request.header('authorization') ?? '')?.[1];
  if (token === undefined) return false;
  // Checked by either clock: after a clock was set, valid tokens must not all count as expired or not yet valid.
  const claims =
    claimsOf(token, configuration, request.receivedAt) ??
    claimsOf(token, configuration, request.receivedSteadyAt);
  if (claims === null) return false;
  const bodyHash = createHash('sha256').update(request.body).digest('hex');
  return (
    isRecent(claims.iat, request.receivedAt) &&
    isClaim(claims.api_key, configuration.api_key) &&
    isClaim(claims.payload_hash, bodyHash) &&
    (claims.application_id === undefined || isClaim(claims.application_id, configuration.application_id))
  );
}

function claimsOf(token: string, { signature_secret }: VonageConfiguration, at: Date): JwtPayload | null {
  try {
    const claims = verify(token, signature_secret, {
      algorithms: ['HS256'],
      issuer: 'Vonage',
      clockTimestamp: Math.floor(at.getTime() / 1000),
    });
    return typeof claims === 'string' ? null : claims;
  } catch {
    return null;
  }
}

/** @param issuedAt seconds since 1970; Vonage signs each event when it sends it. */
function isRecent(issuedAt: number | undefined, at: Date): boolean {
  return issuedAt !== undefined && Math.abs(at.getTime() / 1000 - issuedAt) <= toleranceSeconds;
}

function isClaim(claim: unknown, expected: string): boolean {
  return typeof claim === 'string' && sameSecret(expected, claim);
}
