/**
 * Vobiz's callbacks. The signature covers the URL without its query, and a nonce, but not the body. Our own HMAC in the
 * URL ties the request to a run. Requests for the answer document are unsigned, so they only mean that the call was
 * answered. Events have URLs of their own. Source: https://docs.vobiz.ai/concepts/validating-callbacks,
 * https://docs.vobiz.ai/xml/request, https://docs.vobiz.ai/concepts/hangup-causes.
 */
import { createHmac } from 'node:crypto';
import { transferAccountCall } from '../../dialects/plivo-xml/calls';
import { afterSpeech, answerDocument } from '../../dialects/plivo-xml/instructions';
import {
  callbackFields,
  heardBefore,
  readAccountCallback,
  readAccountRecording,
  readHeard,
  readTransfer,
} from '../../dialects/plivo-xml/reports';
import { sameSecret } from '../../../same-secret';
import { unsigned, type CallbackRequest, type Callbacks } from '../../port/callback';
import type { CallbackPurpose } from '../../port/purpose';
import { needsRedirect } from '../../port/voicemail';
import type { VobizConfiguration } from './configuration';
import { voice } from './instructions';
import { accountOf } from './requests';

export const callbacks: Callbacks<VobizConfiguration> = {
  verify: (configuration, request) => (isUnsigned(request) ? unsigned() : isSigned(configuration, request)),
  // Only an answered call requests its documents. The rest of the request is unsigned, so nothing else is read, but what
  // was heard: Vobiz does not say whether it signs that.
  readStatus: (request) =>
    isDocumentRequest(request)
      ? {
          status: 'answered',
          rawStatus: 'answer_url',
          ...heardBefore(request.purpose),
        }
      : readAccountCallback(request),
  readRecording: readAccountRecording,
  readHeard,
  readTransfer,
  // It wants its documents within one to two seconds: https://docs.vobiz.ai/xml/overview
  patienceMilliseconds: 1200,
  answer: (call, { purpose }) => answerDocument(call, purpose, voice),
  afterSpeech,

  /** A machine was detected: the call waits for the end of its greeting, and goes on with the message. */
  async act(configuration, request, loadCall, tools, isMessageDue) {
    const { CallUUID: callId } = isMessageDue ? callbackFields(request) : {};
    if (callId === undefined) return;
    const call = await loadCall();
    if (!needsRedirect(call)) return;
    const target = { callId, runId: call.runId };
    await transferAccountCall(accountOf(configuration), target, call.callbackUrl('redirected'), tools);
  },
};

const documentPurposes: ReadonlySet<CallbackPurpose> = new Set([
  'answer',
  'announcement',
  'redirected',
  'message',
  'message_heard',
  'turn',
  'talk',
  'transfer',
]);

/** Vobiz does not say whether it signs what was heard, or what became of a transfer: a signature that is there must be right. */
function isUnsigned(request: CallbackRequest): boolean {
  if (!isDocumentRequest(request)) return false;
  const isSigned = versions.some(({ version }) =>
    [`X-Vobiz-Signature-${version}`, `X-Vobiz-Signature-MA-${version}`].some(
      (name) => request.header(name) !== undefined,
    ),
  );
  return !['turn', 'transfer'].includes(request.purpose) || !isSigned;
}

function isDocumentRequest({ purpose }: CallbackRequest): boolean {
  return documentPurposes.has(purpose);
}

/** The separator of URL and nonce in each version. The older version counts only if the newer one is absent. */
const versions = [
  { version: 'V3', separator: '.' },
  { version: 'V2', separator: '' },
] as const;

/** The `MA` signature is made with the main account's token. The callbacks of a subaccount have it. */
function isSigned({ auth_token }: VobizConfiguration, request: CallbackRequest): boolean {
  const [url = ''] = request.url.split('?');
  for (const { version, separator } of versions) {
    const signatures = [
      request.header(`X-Vobiz-Signature-${version}`),
      request.header(`X-Vobiz-Signature-MA-${version}`),
    ].filter((signature) => signature !== undefined);
    if (signatures.length === 0) continue;
    const nonce = request.header(`X-Vobiz-Signature-${version}-Nonce`);
    if (nonce === undefined || nonce === '') return false;
    const expected = createHmac('sha256', auth_token).update(`${url}${separator}${nonce}`).digest('base64');
    return signatures.some((signature) => sameSecret(expected, signature));
  }
  return false;
}
