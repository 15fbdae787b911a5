/**
 * Vobiz's callbacks. The signature covers the URL without its query, and a nonce, but not the body. Our own HMAC in the
 * URL ties the request to a run. Requests for the answer document are unsigned, so they only mean that the call was
 * answered. Events have URLs of their own. Source: https://docs.vobiz.ai/concepts/validating-callbacks,
 * https://docs.vobiz.ai/xml/request, https://docs.vobiz.ai/concepts/hangup-causes.
 */
import { createHmac } from 'node:crypto';
import { answerDocument } from '../../dialects/plivo-xml/instructions';
import { readAccountCallback, readAccountRecording } from '../../dialects/plivo-xml/reports';
import { sameSecret } from '../../../same-secret';
import { unsigned, type CallbackRequest, type Callbacks } from '../../port/callback';
import type { VobizConfiguration } from './configuration';
import { speaker } from './instructions';

export const callbacks: Callbacks<VobizConfiguration> = {
  verify: (configuration, request) =>
    request.purpose === 'answer' ? unsigned() : isSigned(configuration, request),
  // Only an answered call requests its document. The rest of the request is unsigned, so it is not read.
  readStatus: (request) =>
    request.purpose === 'answer'
      ? { status: 'answered', rawStatus: 'answer_url' }
      : readAccountCallback(request),
  readRecording: readAccountRecording,
  answer: (call) => answerDocument(call, speaker),
};

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
