/**
 * A loopback Vobiz: as strict as https://docs.vobiz.ai/call/make-call (paths are case-sensitive), and it signs what it
 * sends by https://docs.vobiz.ai/concepts/validating-callbacks, but not its request for the answer document.
 */
import { createHmac, randomUUID } from 'node:crypto';
import type { ReceivedRequest } from '../local-server';
import { isTransfer } from './plivo';
import { startVendor, type CallEvent, type Vendor, type VendorAnswer, type VendorCallback } from './vendor';

export const vobizCredentials = { auth_id: 'MA_SECRETVOBIZ', auth_token: 'SECRET-vobiz-token' };
/** The numbers of the account. */
export const vobizNumbers = ['+14155550123', '+918071387149'];

const account = `/api/v1/Account/${vobizCredentials.auth_id}/`;
const form = 'application/x-www-form-urlencoded';
const documented = new Set([
  ...['from', 'to', 'answer_url', 'answer_method', 'ring_url', 'ring_method', 'hangup_url', 'hangup_method'],
  ...['ring_timeout', 'time_limit'],
  ...['machine_detection', 'machine_detection_url', 'machine_detection_method'],
]);

export interface VobizDial {
  from: string;
  to: string;
  answer_url: string;
  ring_url: string;
  hangup_url: string;
  [field: string]: unknown;
}

/** The final status of a call, and the additional fields of its hangup. */
const endings: Record<Exclude<CallEvent, 'ringing' | 'answered'>, Record<string, string>> = {
  completed: {
    CallStatus: 'completed',
    Duration: '12',
    HangupCause: 'NORMAL_CLEARING',
    HangupSource: 'Call recipient',
  },
  busy: { CallStatus: 'busy', HangupCause: 'USER_BUSY', HangupSource: 'Carrier' },
  'no-answer': { CallStatus: 'no-answer', HangupCause: 'NO_ANSWER', HangupSource: 'Vobiz' },
  failed: { CallStatus: 'failed', HangupCause: 'UNALLOCATED_NUMBER', HangupSource: 'Carrier' },
  canceled: { CallStatus: 'cancel', HangupCause: 'ORIGINATOR_CANCEL', HangupSource: 'API Request' },
};

/** The headers that Vobiz signs a callback with, in one of its versions. */
export function signVobiz(
  url: string,
  version: 'V3' | 'V2' | 'MA-V3' | 'MA-V2' = 'V3',
  nonce = '12345678901234567890',
  token = vobizCredentials.auth_token,
): Record<string, string> {
  const [base = ''] = url.split('?');
  const generation = version.slice(-2);
  const text = `${base}${generation === 'V3' ? '.' : ''}${nonce}`;
  return {
    'content-type': form,
    [`x-vobiz-signature-${version.toLowerCase()}`]: createHmac('sha256', token).update(text).digest('base64'),
    [`x-vobiz-signature-${generation.toLowerCase()}-nonce`]: nonce,
  };
}

export interface Vobiz extends Vendor {
  /** Whether questions and orders about calls are answered with a 503; false. */
  isDown: boolean;
}

/**
 * @param hasSlash whether the path of a live call has a slash at its end; the other form is a 401. The list of live calls
 * may then have one, too.
 */
export async function startVobiz(hasSlash = true): Promise<Vobiz> {
  const health = { isDown: false };
  const calls = new Map<ReceivedRequest, { uuid: string; word: string }>();

  function callOf(dial: ReceivedRequest): { uuid: string; word: string } {
    const call = calls.get(dial) ?? { uuid: randomUUID(), word: 'queued' };
    calls.set(dial, call);
    return call;
  }

  function fieldsOf(dial: ReceivedRequest, said: Record<string, string>): string {
    const { from, to } = readDial(dial);
    const call = callOf(dial);
    call.word = said.CallStatus ?? call.word;
    const fields = { CallUUID: call.uuid, From: from, To: to, Direction: 'outbound', ...said };
    return new URLSearchParams(fields).toString();
  }

  const answerRequest = (dial: ReceivedRequest): VendorCallback => ({
    method: 'POST',
    url: readDial(dial).answer_url,
    headers: { 'content-type': form },
    body: fieldsOf(dial, { CallStatus: 'in-progress', Event: 'StartApp' }),
  });

  function other(request: ReceivedRequest): VendorAnswer {
    authenticate(request);
    const { pathname, searchParams } = new URL(request.url, 'http://vobiz.test');
    demand(pathname.startsWith(account), 'path');
    if (health.isDown) return { status: 503, body: { error: 'unavailable' } };
    if (request.method === 'GET' && pathname === `${account}numbers`) {
      const items = vobizNumbers.map((e164) => ({ e164, status: 'active' }));
      return { status: 200, body: { items, page: 1, per_page: 100, total: items.length } };
    }
    const [, resource = '', uuid, slash = ''] =
      /^(Call|cdr)(?:\/([^/]+))?(\/?)$/.exec(pathname.slice(account.length)) ?? [];
    const path = `${request.method} ${resource}${slash}`;
    const asked = searchParams.get('status');
    const isAboutLive = resource === 'Call' && (request.method === 'DELETE' || asked === 'live');
    const isRight = (slash === '/') === hasSlash || (uuid === undefined && hasSlash);
    if (isAboutLive && !isRight) return { status: 401, body: { error: 'unauthorized' } };
    if (uuid === undefined) {
      demand(request.method === 'GET' && isAboutLive, 'this list');
      const live = [...calls.values()].filter(({ word }) => word !== 'queued' && !hasEnded(word));
      return { status: 200, body: { api_id: randomUUID(), calls: live.map((known) => known.uuid) } };
    }
    const call = [...calls.values()].find((known) => known.uuid === uuid);
    const missing = { status: 404, body: { error: 'call not found' } };
    if (call === undefined) return missing;
    const stage = call.word === 'queued' ? 'queued' : hasEnded(call.word) ? 'ended' : 'live';
    switch (path) {
      case 'DELETE Call':
      case 'DELETE Call/':
        return stage === 'ended' ? missing : { status: 204, body: '' };
      case 'POST Call/':
        demand(isTransfer(request), 'transfer');
        return { status: 202, body: { message: 'call transferred', call_uuid: uuid } };
      case 'GET Call':
      case 'GET Call/':
        demand(asked === 'live' || path === 'GET Call/', 'this path of a queued call');
        return asked === stage ? { status: 200, body: { call_uuid: uuid, call_status: call.word } } : missing;
      case 'GET cdr':
        return stage === 'ended' ? { status: 200, body: { success: true, data: recordOf(call) } } : missing;
      default:
        throw new Error(`Vobiz does not document this: ${path}`);
    }
  }

  const vendor = await startVendor({
    isDial: ({ method, url }) => method === 'POST' && url === `${account}Call/`,
    dial(request, play) {
      readDial(request);
      if (play === 'refuse') return refusal(402, 'INSUFFICIENT_BALANCE', 'Account balance too low');
      if (play === 'rate-limit') return refusal(429, 'RATE_LIMIT_EXCEEDED', 'Too many calls a second');
      return { status: 201, body: { message: 'Call fired', request_uuid: callOf(request).uuid } };
    },
    other,
    answerRequest,
    callback(dial, event) {
      if (event === 'answered') return answerRequest(dial);
      const { ring_url, hangup_url } = readDial(dial);
      const url = event === 'ringing' ? ring_url : hangup_url;
      const said: Record<string, string> =
        event === 'ringing'
          ? { CallStatus: 'ringing', Event: 'Ring' }
          : { Event: 'Hangup', ...endings[event] };
      return { method: 'POST', url, headers: signVobiz(url), body: fieldsOf(dial, said) };
    },
  });
  return Object.assign(health, vendor);
}

/** https://docs.vobiz.ai/cdr: `duration` contains the ringing, `billsec` does not. */
function recordOf({ uuid, word }: { uuid: string; word: string }): object {
  const cause = Object.values(endings).find(({ CallStatus }) => CallStatus === word);
  const isAnswered = word === 'completed';
  return {
    uuid,
    answer_time: isAnswered ? '2026-11-23T12:00:05Z' : null,
    end_time: '2026-11-23T12:00:17Z',
    duration: 17,
    billsec: isAnswered ? 12 : 0,
    hangup_cause: cause?.HangupCause,
    hangup_cause_name: cause?.HangupCause,
    hangup_source: cause?.HangupSource,
  };
}

function hasEnded(word: string): boolean {
  return Object.values(endings).some(({ CallStatus }) => CallStatus === word);
}

function refusal(status: number, code: string, message: string): VendorAnswer {
  return { status, body: { status: 'error', error: { code, message }, requestId: 'req_1' } };
}

function authenticate({ headers }: ReceivedRequest): void {
  demand(headers['x-auth-id'] === vobizCredentials.auth_id, 'X-Auth-ID');
  demand(headers['x-auth-token'] === vobizCredentials.auth_token, 'X-Auth-Token');
}

/** @throws Error where Vobiz would refuse the request. */
function readDial(request: ReceivedRequest): VobizDial {
  authenticate(request);
  demand(/^application\/json\b/.test(request.headers['content-type'] ?? ''), 'content type');
  const dial = JSON.parse(request.body.toString('utf8')) as VobizDial;
  for (const name of Object.keys(dial)) demand(documented.has(name), `undocumented field ${name}`);
  for (const number of [dial.from, dial.to]) demand(/^[1-9]\d{6,14}$/.test(number), 'number');
  for (const url of [dial.answer_url, dial.ring_url, dial.hangup_url]) demand(/^https:\/\//.test(url), 'URL');
  for (const name of ['ring_timeout', 'time_limit']) {
    demand(Number.isInteger(dial[name]) && Number(dial[name]) > 0, name);
  }
  return dial;
}

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Vobiz would refuse this: ${what}`);
}
