/**
 * A loopback vendor with Twilio's API: the Calls resource, the account, its numbers, and callbacks signed by
 * Twilio's own SDK. https://www.twilio.com/docs/voice/api/call-resource
 */
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks';
import type { ReceivedRequest } from '../local-server';
import { startVendor, type CallEvent, type Vendor, type VendorAnswer, type VendorCallback } from './vendor';

export interface TwimlAccount {
  /** The path of the account, such as `/2010-04-01/Accounts/AC…`. */
  path: string;
  sid: string;
  token: string;
  /** The header with a callback's signature. */
  signatureHeader: string;
}

/** A number that the account neither owns nor has verified. */
export const foreignNumber = '+15005559999';
/** A verified number outside the account, which may be used as the caller ID. */
export const verifiedCallerId = '+15005558888';
/** A call to it needs a geographic permission that the account does not have. */
export const forbiddenDestination = '+88216000000';

const e164 = /^\+[1-9]\d{6,14}$/;
const callSid = /^CA[0-9a-f]{32}$/;

const knownFields = new Set([
  'To',
  'From',
  'Url',
  'Method',
  'StatusCallback',
  'StatusCallbackMethod',
  'StatusCallbackEvent',
  'Timeout',
  'TimeLimit',
  'MachineDetection',
  'AsyncAmd',
  'AsyncAmdStatusCallback',
  'AsyncAmdStatusCallbackMethod',
  'Record',
  'RecordingStatusCallback',
  'RecordingStatusCallbackMethod',
  'RecordingStatusCallbackEvent',
]);

const words: Record<CallEvent, string> = {
  ringing: 'ringing',
  answered: 'in-progress',
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no-answer',
  failed: 'failed',
  canceled: 'canceled',
};

const wordsOfAnEnd = new Set(['completed', 'busy', 'no-answer', 'failed', 'canceled']);

/** A callback as the vendor sends and signs it. */
export function twimlCallback(
  { token, signatureHeader }: TwimlAccount,
  url: string,
  fields: Record<string, string>,
): VendorCallback {
  return {
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      [signatureHeader]: getExpectedTwilioSignature(token, url, fields),
    },
    body: new URLSearchParams(fields).toString(),
  };
}

/** @param now the vendor's clock, for when its calls were made. */
export function startTwimlVendor(
  account: TwimlAccount,
  now = () => new Date('2026-11-23T12:00:00Z'),
): Promise<Vendor> {
  const { path, sid: accountSid } = account;
  /** The call of a dial, even if the reply to the dial was never sent. */
  const sids = new Map<ReceivedRequest, string>();
  const statuses = new Map<string, string>();
  const made = new Map<string, Date>();
  const callResource = (sid: string, status: string) =>
    callOf({ accountSid, sid, status, madeAt: made.get(sid) ?? now() });
  const sidOf = (dial: ReceivedRequest): string => {
    const sid = sids.get(dial) ?? `CA${String(sids.size + 1).padStart(32, '0')}`;
    if (!sids.has(dial)) made.set(sid, now());
    sids.set(dial, sid);
    return sid;
  };
  const report = (dial: ReceivedRequest, word: string, target: string, more: Record<string, string>) => {
    const form = formOf(dial);
    const sid = sidOf(dial);
    statuses.set(sid, word);
    return twimlCallback(account, form.get(target) ?? '', {
      AccountSid: accountSid,
      ApiVersion: '2010-04-01',
      CallSid: sid,
      CallStatus: word,
      Direction: 'outbound-api',
      From: form.get('From') ?? '',
      To: form.get('To') ?? '',
      ...(form.has('MachineDetection') && word !== 'ringing' ? { AnsweredBy: 'human' } : {}),
      ...more,
    });
  };

  return startVendor({
    isDial: ({ method, url }) => method === 'POST' && url === `${path}/Calls.json`,
    dial(request, play) {
      if (!isAuthorized(request, account)) return refusal(401, 20003, 'Authenticate');
      const form = checkedDial(request);
      if (play === 'rate-limit') return refusal(429, 20429, 'Too Many Requests');
      if (play === 'refuse')
        return refusal(400, 21211, 'The phone number you are attempting to call is not valid.');
      if (form.get('To') === forbiddenDestination) {
        return refusal(400, 21215, 'Account not authorized to call this country. Enable its permission.');
      }
      const sid = sidOf(request);
      statuses.set(sid, 'queued');
      return { status: 201, body: callResource(sid, 'queued') };
    },
    other(request) {
      if (!isAuthorized(request, account)) return refusal(401, 20003, 'Authenticate');
      const { pathname, searchParams } = new URL(request.url, 'http://twilio.test');
      switch (`${request.method} ${pathname}`) {
        case `GET ${path}.json`:
          return { status: 200, body: { sid: accountSid, status: 'active' } };
        case `GET ${path}/IncomingPhoneNumbers.json`: {
          const number = searchParams.get('PhoneNumber') ?? '';
          const isOwned = number !== foreignNumber && number !== verifiedCallerId;
          return listOf('incoming_phone_numbers', isOwned ? number : null);
        }
        case `GET ${path}/Calls.json`: {
          if (searchParams.get('Status') === 'in-progress') {
            const talking = [...statuses].filter(([, word]) => word === 'in-progress');
            const calls = talking.map(([sid, word]) => callResource(sid, word));
            return { status: 200, body: { calls, page: 0, next_page_uri: null } };
          }
          expectThat(/^\d{4}-\d\d-\d\d$/.test(searchParams.get('StartTime>') ?? ''), 'the day of the start');
          const calls = [...sids]
            .filter(([dial]) =>
              ['To', 'From'].every((name) => formOf(dial).get(name) === searchParams.get(name)),
            )
            .map(([, sid]) => callResource(sid, statuses.get(sid) ?? 'queued'));
          return { status: 200, body: { calls, page: 0, next_page_uri: null } };
        }
        case `GET ${path}/OutgoingCallerIds.json`: {
          const number = searchParams.get('PhoneNumber') ?? '';
          return listOf('outgoing_caller_ids', number === verifiedCallerId ? number : null);
        }
      }
      const sid = /\/Calls\/(\w+)\.json$/.exec(pathname)?.[1] ?? '';
      const status = statuses.get(sid);
      if (status === undefined) return refusal(404, 20404, 'The requested resource was not found');
      if (request.method === 'POST') {
        const form = formOf(request);
        if (form.has('Url')) {
          expectThat(new URL(form.get('Url') ?? '').protocol === 'https:', 'the address of a redirect');
          expectThat(form.get('Method') === 'POST', 'the method of a redirect');
          if (wordsOfAnEnd.has(status)) {
            return refusal(400, 21220, 'Call is not in-progress. Cannot redirect.');
          }
          return { status: 200, body: callResource(sid, status) };
        }
        const asked = form.get('Status') ?? '';
        expectThat(asked === 'canceled' || asked === 'completed', `the status ${asked}`);
        if (wordsOfAnEnd.has(status) || (asked === 'canceled' && status === 'in-progress')) {
          return refusal(400, 21220, 'Call is not in-progress. Cannot redirect.');
        }
        // Twilio ends a call that rings by either word, and reports it by that word.
        statuses.set(sid, asked);
      }
      return { status: 200, body: callResource(sid, statuses.get(sid) ?? status) };
    },
    callback: (dial, event) =>
      report(dial, words[event], 'StatusCallback', {
        CallbackSource: 'call-progress-events',
        SequenceNumber: '1',
        ...(event === 'completed' ? { CallDuration: '12', Duration: '1' } : {}),
        ...(event === 'failed' ? { SipResponseCode: '404' } : {}),
      }),
    answerRequest: (dial) => report(dial, 'in-progress', 'Url', {}),
  });
}

function formOf(request: ReceivedRequest): URLSearchParams {
  return new URLSearchParams(request.body.toString('utf8'));
}

function isAuthorized(request: ReceivedRequest, { sid, token }: TwimlAccount): boolean {
  const credentials = Buffer.from(`${sid}:${token}`).toString('base64');
  return request.headers.authorization === `Basic ${credentials}`;
}

/** Throws for a request that the vendor would refuse, or that contains unexpected fields. */
function checkedDial(request: ReceivedRequest): URLSearchParams {
  expectThat(request.headers['content-type'] === 'application/x-www-form-urlencoded', 'the content type');
  const form = formOf(request);
  for (const name of form.keys()) expectThat(knownFields.has(name), `the field ${name}`);
  for (const name of ['To', 'From']) expectThat(e164.test(form.get(name) ?? ''), name);
  for (const name of ['Url', 'StatusCallback']) {
    expectThat(['http:', 'https:'].includes(new URL(form.get(name) ?? '').protocol), name);
  }
  for (const name of ['Method', 'StatusCallbackMethod']) expectThat(form.get(name) === 'POST', name);
  const events = form.getAll('StatusCallbackEvent').sort();
  expectThat(events.join() === 'answered,completed,initiated,ringing', 'the events');
  const timeout = Number(form.get('Timeout'));
  expectThat(Number.isInteger(timeout) && timeout >= 1 && timeout <= 600, 'Timeout');
  expectThat(Number.isInteger(Number(form.get('TimeLimit'))), 'TimeLimit');
  if (form.has('AsyncAmd')) {
    expectThat(form.get('MachineDetection') === 'DetectMessageEnd', 'AsyncAmd without DetectMessageEnd');
    expectThat(
      new URL(form.get('AsyncAmdStatusCallback') ?? '').protocol === 'https:',
      'AsyncAmd without its URL',
    );
  }
  return form;
}

function expectThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(`The vendor does not take ${what}`);
}

function refusal(status: number, code: number, message: string): VendorAnswer {
  return {
    status,
    body: { code, message, more_info: `https://www.twilio.com/docs/errors/${String(code)}`, status },
  };
}

function callOf(call: { accountSid: string; sid: string; status: string; madeAt: Date }): object {
  const { accountSid, sid, status, madeAt } = call;
  if (!callSid.test(sid)) throw new Error('No call has such a SID');
  const duration = status === 'completed' ? '12' : null;
  const date_created = madeAt.toUTCString().replace('GMT', '+0000');
  const known = { sid, account_sid: accountSid, answered_by: null, direction: 'outbound-api', date_created };
  return { ...known, duration, status };
}

function listOf(name: string, number: string | null): VendorAnswer {
  return { status: 200, body: { [name]: number === null ? [] : [{ phone_number: number }], page: 0 } };
}
