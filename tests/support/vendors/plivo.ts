/**
 * A loopback Plivo: as strict as https://www.plivo.com/docs/voice/api/call, and it signs what it sends by
 * https://www.plivo.com/docs/voice/concepts/signature-validation. A call goes by its request's id until it reports.
 */
import { createHmac, randomUUID } from 'node:crypto';
import type { ReceivedRequest } from '../local-server';
import { startVendor, type CallEvent, type Vendor, type VendorAnswer, type VendorCallback } from './vendor';

export const plivoCredentials = { auth_id: 'MASECRETPLIVOACCOUNT', auth_token: 'SECRET-plivo-token' };
/** Numbers with this ending do not belong to the account. */
export const foreignPlivoSuffix = '9999';

const account = `/v1/Account/${plivoCredentials.auth_id}/`;
const basic = Buffer.from(`${plivoCredentials.auth_id}:${plivoCredentials.auth_token}`).toString('base64');
const documented = new Set([
  ...['from', 'to', 'answer_url', 'answer_method', 'ring_url', 'ring_method', 'hangup_url', 'hangup_method'],
  ...['ring_timeout', 'time_limit'],
  ...['machine_detection', 'machine_detection_url', 'machine_detection_method'],
]);

export interface PlivoDial {
  from: string;
  to: string;
  answer_url: string;
  ring_url: string;
  hangup_url: string;
  machine_detection_url?: string;
  [field: string]: unknown;
}

interface PlivoCall {
  requestUuid: string;
  callUuid: string;
  state: 'queued' | 'live' | 'ended';
  word: string;
}

const endings: Record<Exclude<CallEvent, 'ringing' | 'answered'>, Record<string, string>> = {
  completed: {
    CallStatus: 'completed',
    Duration: '12',
    BillDuration: '12',
    AnswerTime: '2026-11-23 12:00:05',
    HangupCause: 'NORMAL_CLEARING',
    HangupCauseName: 'Normal Hangup',
    HangupCauseCode: '4000',
    HangupSource: 'Callee',
  },
  busy: {
    CallStatus: 'busy',
    HangupCauseName: 'Busy Line',
    HangupCauseCode: '3010',
    HangupSource: 'Carrier',
  },
  'no-answer': {
    CallStatus: 'no-answer',
    HangupCauseName: 'Ring Timeout Reached',
    HangupCauseCode: '6010',
    HangupSource: 'Plivo',
  },
  failed: {
    CallStatus: 'failed',
    HangupCauseName: 'Unallocated number',
    HangupCauseCode: '3050',
    HangupSource: 'Carrier',
  },
  canceled: {
    CallStatus: 'cancel',
    HangupCauseName: 'Canceled',
    HangupCauseCode: '1000',
    HangupSource: 'API Request',
  },
};

/** The headers that Plivo signs a callback with. */
export function signPlivo(
  url: string,
  fields: Record<string, string>,
  nonce = '05429567804466091622',
  token = plivoCredentials.auth_token,
): Record<string, string> {
  const names = Object.keys(fields).sort();
  const form = names.map((name) => name + (fields[name] ?? '')).join('');
  const text = names.length === 0 ? url : `${url}?${form}`;
  return {
    'content-type': 'application/x-www-form-urlencoded',
    'x-plivo-signature-v3': createHmac('sha256', token).update(`${text}.${nonce}`).digest('base64'),
    'x-plivo-signature-v3-nonce': nonce,
  };
}

export function startPlivo(): Promise<Vendor> {
  const calls = new Map<ReceivedRequest, PlivoCall>();

  function callOf(dial: ReceivedRequest): PlivoCall {
    const known = calls.get(dial);
    if (known !== undefined) return known;
    const call: PlivoCall = {
      requestUuid: randomUUID(),
      callUuid: randomUUID(),
      state: 'queued',
      word: 'queued',
    };
    calls.set(dial, call);
    return call;
  }

  function say(dial: ReceivedRequest, url: string, said: Record<string, string>): VendorCallback {
    const { from, to } = readDial(dial);
    const call = callOf(dial);
    call.state = 'HangupSource' in said ? 'ended' : 'live';
    call.word = said.CallStatus ?? call.word;
    const fields = {
      CallUUID: call.callUuid,
      RequestUUID: call.requestUuid,
      From: from,
      To: to,
      Direction: 'outbound',
      ...said,
    };
    return {
      method: 'POST',
      url,
      headers: signPlivo(url, fields),
      body: new URLSearchParams(fields).toString(),
    };
  }

  const answerRequest = (dial: ReceivedRequest) =>
    say(dial, readDial(dial).answer_url, { CallStatus: 'in-progress', Event: 'StartApp' });

  function other(request: ReceivedRequest): VendorAnswer {
    demand(request.headers.authorization === `Basic ${basic}`, 'authentication');
    const [path = '', query = ''] = request.url.split('?');
    const [resource = '', id = ''] = path.slice(account.length).split('/');
    demand(path.startsWith(account) && path.endsWith('/'), 'path');
    if (request.method === 'GET' && resource === '')
      return { status: 200, body: { account_type: 'standard' } };
    if (request.method === 'GET' && resource === 'Number') {
      demand(/^[1-9]\d+$/.test(id), 'number');
      if (id.endsWith(foreignPlivoSuffix)) return { status: 404, body: { error: 'not found' } };
      return { status: 200, body: { number: id, voice_enabled: true } };
    }
    if (request.method === 'GET' && resource === 'Call' && id === '') {
      const filter = new URLSearchParams(query);
      const state = filter.get('status') ?? 'ended';
      const has = (name: string, value: string) => [null, value].includes(filter.get(name));
      const found = [...calls]
        .filter(([dial]) => has('to_number', readDial(dial).to) && has('from_number', readDial(dial).from))
        .map(([, known]) => known)
        .filter((known) => known.state === state);
      if (state === 'live') return { status: 200, body: { calls: found.map(({ callUuid }) => callUuid) } };
      demand(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(filter.get('end_time__gte') ?? ''), 'end_time__gte');
      return { status: 200, body: { objects: found.map(record) } };
    }
    const call = [...calls.values()].find(
      ({ callUuid, requestUuid }) => id === (resource === 'Request' ? requestUuid : callUuid),
    );
    const queued = [...calls.values()].find(({ requestUuid }) => id === requestUuid);
    if (request.method === 'POST' && resource === 'Call') {
      demand(isTransfer(request), 'transfer');
      return { status: 202, body: { api_id: randomUUID(), message: 'call transferred', call_uuid: id } };
    }
    if (request.method === 'DELETE') {
      const state = resource === 'Request' ? 'queued' : 'live';
      return call?.state === state
        ? { status: 204, body: '' }
        : { status: 404, body: { error: 'not found' } };
    }
    demand(request.method === 'GET' && resource === 'Call', 'resource');
    if (query === 'status=live' && call?.state === 'live') {
      const { callUuid: call_uuid, word: call_status } = call;
      return { status: 200, body: { call_uuid, call_status, session_start: '2026-11-23 12:00:00' } };
    }
    if (query === 'status=queued' && queued?.state === 'queued') {
      return { status: 200, body: { request_uuid: id, call_status: 'queued' } };
    }
    if (query === '' && call?.state === 'ended') return { status: 200, body: record(call) };
    return { status: 404, body: { error: 'not found' } };
  }

  return startVendor({
    isDial: ({ method, url }) => method === 'POST' && url === `${account}Call/`,
    dial(request, play) {
      readDial(request);
      if (play === 'refuse')
        return { status: 400, body: { api_id: randomUUID(), error: 'from: is not yours' } };
      if (play === 'rate-limit') return { status: 429, body: { error: 'Too many requests' } };
      const { requestUuid } = callOf(request);
      return {
        status: 201,
        body: { api_id: randomUUID(), message: 'call fired', request_uuid: requestUuid },
      };
    },
    other,
    answerRequest,
    callback(dial, event) {
      const { ring_url, hangup_url } = readDial(dial);
      if (event === 'ringing') return say(dial, ring_url, { CallStatus: 'ringing', Event: 'Ring' });
      if (event === 'answered') return answerRequest(dial);
      return say(dial, hangup_url, { Event: 'Hangup', ...endings[event] });
    },
  });
}

function record({ callUuid, word }: PlivoCall): object {
  const wasAnswered = word === 'completed';
  const cause = Object.values(endings).find(({ CallStatus }) => CallStatus === word);
  return {
    call_uuid: callUuid,
    answer_time: wasAnswered ? '2026-11-23 12:00:05+00:00' : null,
    initiation_time: '2026-11-23 12:00:00+00:00',
    end_time: '2026-11-23 12:00:17+00:00',
    bill_duration: wasAnswered ? 12 : 0,
    hangup_cause_name: cause?.HangupCauseName,
    hangup_source: cause?.HangupSource,
  };
}

/** https://docs.plivo.com/docs/voice/api/call/transfer-a-call, and the same at Vobiz. */
export function isTransfer({ body }: ReceivedRequest): boolean {
  const { legs, aleg_url = '', aleg_method } = JSON.parse(body.toString()) as Record<string, string>;
  return legs === 'aleg' && aleg_url.startsWith('https://') && aleg_method === 'POST';
}

/** @throws Error where Plivo would refuse the request. */
function readDial(request: ReceivedRequest): PlivoDial {
  demand(request.headers.authorization === `Basic ${basic}`, 'authentication');
  demand(/^application\/json\b/.test(request.headers['content-type'] ?? ''), 'content type');
  const dial = JSON.parse(request.body.toString('utf8')) as PlivoDial;
  for (const name of Object.keys(dial)) demand(documented.has(name), `undocumented field ${name}`);
  for (const number of [dial.from, dial.to]) demand(/^[1-9]\d{6,14}$/.test(number), 'number');
  for (const url of [dial.answer_url, dial.ring_url, dial.hangup_url]) demand(/^https:\/\//.test(url), 'URL');
  for (const name of ['ring_timeout', 'time_limit']) {
    demand(Number.isInteger(dial[name]) && Number(dial[name]) > 0, name);
  }
  return dial;
}

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Plivo would refuse this: ${what}`);
}
