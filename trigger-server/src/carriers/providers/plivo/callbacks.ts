/**
 * Plivo's callbacks: each is signed over URL, form and nonce (signature version 3).
 * Source: https://www.plivo.com/docs/voice/concepts/signature-validation; words and causes from
 * https://www.plivo.com/docs/voice/xml/request and https://www.plivo.com/docs/voice/troubleshooting/hangup-causes.
 */
import { createHmac } from 'node:crypto';
import { transferAccountCall } from '../../dialects/plivo-xml/calls';
import { afterSpeech, answerUnlessEvent } from '../../dialects/plivo-xml/instructions';
import {
  callbackFields,
  readAccountCallback,
  readAccountRecording,
  readHeard,
  readTransfer,
} from '../../dialects/plivo-xml/reports';
import { formEntries } from '../../kit/form';
import { sameSecret } from '../../../same-secret';
import type { CallbackRequest, Callbacks } from '../../port/callback';
import { needsRedirect } from '../../port/voicemail';
import type { PlivoConfiguration } from './configuration';
import { voice } from './instructions';
import { accountOf } from './requests';

export const callbacks: Callbacks<PlivoConfiguration> = {
  verify: isSigned,
  readStatus: readAccountCallback,
  readRecording: readAccountRecording,
  readHeard,
  readTransfer,
  answer: (call, request) => answerUnlessEvent(call, request, voice),
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

/**
 * A subaccount's callbacks have a second signature, made with the main account's token. Both headers may list several
 * signatures.
 */
function isSigned({ auth_token }: PlivoConfiguration, request: CallbackRequest): boolean {
  const nonce = request.header('X-Plivo-Signature-V3-Nonce');
  if (nonce === undefined || nonce === '') return false;
  const expected = createHmac('sha256', auth_token)
    .update(`${signedText(request)}.${nonce}`)
    .digest('base64');
  const candidates = ['X-Plivo-Signature-V3', 'X-Plivo-Signature-MA-V3'].flatMap(
    (name) => request.header(name)?.split(',') ?? [],
  );
  return candidates.some((candidate) => sameSecret(expected, candidate.trim()));
}

/**
 * `URL?name=value&name=value.nameValuenameValue`, all of it decoded and sorted by name, then value. The question mark
 * is present if either part is, and the first dot if both are.
 */
function signedText(request: CallbackRequest): string {
  const [url = '', ...rest] = request.url.split('?');
  const query = sorted([...new URLSearchParams(rest.join('?'))]);
  const form = sorted(formEntries(request));
  const queryText = query.map(([name, value]) => `${name}=${value}`).join('&');
  const formText = form.map(([name, value]) => name + value).join('');
  if (query.length === 0 && form.length === 0) return url;
  return `${url}?${queryText}${query.length > 0 && form.length > 0 ? '.' : ''}${formText}`;
}

function sorted(entries: [string, string][]): [string, string][] {
  return entries.sort(([leftName, left], [rightName, right]) =>
    leftName === rightName ? compare(left, right) : compare(leftName, rightName),
  );
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
