/**
 * A loopback Telnyx: dials, commands that are executed once per `command_id`, the account's numbers and
 * applications, and webhooks signed with Ed25519. https://developers.telnyx.com/api-reference/call-commands/dial
 */
import { createPrivateKey, sign } from 'node:crypto';
import type { ReceivedRequest } from '../local-server';
import { ManualClock } from '../manual-clock';
import { startVendor, type CallEvent, type Vendor, type VendorAnswer, type VendorCallback } from './vendor';

/** What a user would save. The public key belongs to the seed of 32 bytes 0x07. */
export const telnyxSettings = {
  api_key: 'KEY0SECRET_telnyx_api_key',
  connection_id: '1684641123236054244',
  webhook_public_key: '6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=',
};

/** Applications of the same account that cannot be used. */
export const unusableApplications = { unknown: '404', withoutProfile: '1684641123236054245' };

/** A number that the account neither owns nor has verified. */
export const foreignNumber = '+15005559999';
/** A verified number outside the account, which may be used as the caller ID. */
export const verifiedNumber = '+15005558888';

const signingKey = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]),
  format: 'der',
  type: 'pkcs8',
});

const knownFields = new Set([
  'connection_id',
  'to',
  'from',
  'timeout_secs',
  'time_limit_secs',
  'webhook_url',
  'webhook_url_method',
  'answering_machine_detection',
  'client_state',
  'stream_url',
  'stream_track',
  'stream_bidirectional_mode',
  'stream_bidirectional_codec',
]);

/** Of a call that rings for five seconds and talks for twelve. */
const answeredAt = '2026-11-23T12:00:05.000Z';
const endedAt = '2026-11-23T12:00:17.000Z';

/** Telnyx has no event for ringing. */
const events: Record<CallEvent, [string, object] | null> = {
  ringing: null,
  answered: ['call.answered', { state: 'answered' }],
  completed: ended('normal_clearing', 'callee', '200'),
  busy: ended('user_busy', 'callee', '486'),
  'no-answer': ended('timeout', 'caller', '487'),
  failed: ended('not_found', 'callee', '404'),
  canceled: ended('originator_cancel', 'caller', '487'),
};

function ended(hangup_cause: string, hangup_source: string, sip_hangup_cause: string): [string, object] {
  return ['call.hangup', { state: 'hangup', hangup_cause, hangup_source, sip_hangup_cause }];
}

/** A webhook as Telnyx sends and signs it. @param at when it was signed. */
export function telnyxWebhook(
  url: string,
  event_type: string,
  payload: object,
  at: Date = new ManualClock().now(),
): VendorCallback {
  const body = JSON.stringify({
    data: {
      event_type,
      id: '0ccc7b54-4df3-4bca-a65a-3da1ecc777f0',
      occurred_at: at.toISOString(),
      payload: { connection_id: telnyxSettings.connection_id, ...payload },
      record_type: 'event',
    },
    meta: { attempt: 1, delivered_to: url },
  });
  const timestamp = String(Math.floor(at.getTime() / 1000));
  return {
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/json',
      'telnyx-timestamp': timestamp,
      'telnyx-signature-ed25519': sign(null, Buffer.from(`${timestamp}|${body}`), signingKey).toString(
        'base64',
      ),
    },
    body,
  };
}

interface Call {
  id: string;
  isAlive: boolean;
  /** Of its dial. */
  clientState: unknown;
  /** The names of its events. */
  events: string[];
  /** The ids of the executed commands. */
  commandIds: Set<string>;
}

export interface Telnyx extends Vendor {
  /** The executed commands, in order: action and body. */
  readonly commands: { action: string; fields: Record<string, string> }[];
  /** The id of the call of a dial, even if the reply to the dial was never sent. */
  callIdOf(dial: ReceivedRequest): string;
  /** Ends a call: it takes no commands any more. */
  end(callId: string): void;
  /** An answer for the next command, which is then not executed. */
  refuseNext(status: number): void;
}

export async function startTelnyx(): Promise<Telnyx> {
  const calls = new Map<ReceivedRequest, Call>();
  const commands: Telnyx['commands'] = [];
  let nextStatus: number | null = null;

  const callOf = (dial: ReceivedRequest): Call => {
    const id = `v3:call-${String(calls.size + 1).padStart(8, '0')}`;
    const clientState = bodyOf(dial).client_state;
    const events = ['call.initiated'];
    const call = calls.get(dial) ?? { id, isAlive: true, clientState, events, commandIds: new Set<string>() };
    calls.set(dial, call);
    return call;
  };

  const obey = (call: Call, action: string, request: ReceivedRequest): VendorAnswer => {
    const fields = bodyOf(request) as Record<string, string>;
    if (nextStatus !== null) {
      const status = nextStatus;
      nextStatus = null;
      return refusal(status, '10015', 'Bad Request', 'The voice is not known.');
    }
    if (!call.isAlive) {
      return refusal(422, '90018', 'Call has already ended', 'This call can not receive commands.');
    }
    if (action === 'speak') checkSpeech(fields);
    else if (action === 'conversation_relay_start') checkRelay(fields);
    else expectThat(action === 'hangup', `the command ${action}`);
    if (!call.commandIds.has(fields.command_id ?? '')) commands.push({ action, fields });
    call.commandIds.add(fields.command_id ?? '');
    if (action === 'hangup') call.isAlive = false;
    return { status: 200, body: { data: { result: 'ok' } } };
  };

  const vendor = await startVendor({
    isDial: ({ method, url }) => method === 'POST' && url === '/v2/calls',
    dial(request, play) {
      if (!isAuthorized(request)) return unauthorized;
      checkDial(request);
      if (play === 'rate-limit') return refusal(429, '10011', 'Too many requests', 'Slow down.');
      if (play === 'refuse') {
        return refusal(403, '10010', 'D38', 'The connection has no outbound voice profile.');
      }
      const { id } = callOf(request);
      const data = { call_control_id: id, call_leg_id: 'leg', call_session_id: 'session', is_alive: false };
      return { status: 200, body: { data: { ...data, record_type: 'call' } } };
    },
    other(request) {
      if (!isAuthorized(request)) return unauthorized;
      const { pathname, searchParams } = new URL(request.url, 'http://telnyx.test');
      if (pathname === `/v2/connections/${telnyxSettings.connection_id}/active_calls`) {
        const alive = [...calls.values()].filter(({ isAlive }) => isAlive);
        return {
          status: 200,
          body: {
            data: alive.map(({ id, clientState }) => ({
              call_control_id: id,
              client_state: clientState,
              record_type: 'call',
            })),
          },
        };
      }
      if (pathname === '/v2/call_events') {
        const leg = [...calls.values()].find(({ id }) => legOf(id) === searchParams.get('filter[leg_id]'));
        return {
          status: 200,
          body: { data: (leg?.events ?? []).map((name) => ({ name, type: 'webhook' })) },
        };
      }
      if (!pathname.startsWith('/v2/calls/')) return accountAnswer(pathname, searchParams);
      const [, id = '', action] = /^\/v2\/calls\/([^/]+)(?:\/actions\/(\w+))?$/.exec(pathname) ?? [];
      const call = [...calls.values()].find((known) => known.id === decodeURIComponent(id));
      if (call === undefined) return refusal(404, '10005', 'Resource not found', 'No such call.');
      if (action !== undefined) return obey(call, action, request);
      const data = {
        call_control_id: call.id,
        call_leg_id: legOf(call.id),
        is_alive: call.isAlive,
        record_type: 'call',
      };
      return { status: 200, body: { data: { ...data, ...(call.isAlive ? {} : { call_duration: 12 }) } } };
    },
    callback(dial, event) {
      const said = events[event];
      if (said === null) return null;
      const call = callOf(dial);
      const { to, from, webhook_url, client_state } = bodyOf(dial);
      const [type, fields] = said;
      call.events.push(type);
      if (type === 'call.hangup') call.isAlive = false;
      const payload = {
        call_control_id: call.id,
        from,
        to,
        client_state: client_state ?? null,
        start_time: '2026-11-23T12:00:00.000000Z',
        ...fields,
      };
      return telnyxWebhook(
        String(webhook_url),
        type,
        payload,
        new Date(type === 'call.hangup' ? endedAt : answeredAt),
      );
    },
    answerRequest: () => null,
  });
  return {
    ...vendor,
    commands,
    callIdOf: (dial) => callOf(dial).id,
    end(callId) {
      for (const call of calls.values()) if (call.id === callId) call.isAlive = false;
    },
    refuseNext: (status) => {
      nextStatus = status;
    },
  };
}

function legOf(callId: string): string {
  return `leg-of-${callId}`;
}

function bodyOf(request: ReceivedRequest): Record<string, unknown> {
  return JSON.parse(request.body.toString('utf8')) as Record<string, unknown>;
}

function isAuthorized(request: ReceivedRequest): boolean {
  return request.headers.authorization === `Bearer ${telnyxSettings.api_key}`;
}

const unauthorized = refusal(401, '10009', 'Authentication failed', 'The API key is not valid.');

function refusal(status: number, code: string, title: string, detail: string): VendorAnswer {
  return {
    status,
    body: { errors: [{ code, title, detail, meta: { url: 'https://developers.telnyx.com' } }] },
  };
}

function accountAnswer(path: string, query: URLSearchParams): VendorAnswer {
  const { connection_id } = telnyxSettings;
  const filter = query.get('filter[phone_number]') ?? '';
  switch (decodeURIComponent(path)) {
    case '/v2/phone_numbers': {
      // Anything but digits matches nothing.
      const number = `+${filter}`;
      const isOwn = /^\d{3,}$/.test(filter) && number !== foreignNumber && number !== verifiedNumber;
      return { status: 200, body: { data: isOwn ? [{ phone_number: number, status: 'active' }] : [] } };
    }
    case `/v2/verified_numbers/${verifiedNumber}`:
      return { status: 200, body: { data: { phone_number: verifiedNumber } } };
    case `/v2/call_control_applications/${connection_id}`:
      return application(connection_id, { outbound_voice_profile_id: '1293384261075731499' });
    case `/v2/call_control_applications/${unusableApplications.withoutProfile}`:
      return application(unusableApplications.withoutProfile, {});
    default:
      return refusal(404, '10005', 'Resource not found', 'The requested resource was not found.');
  }
}

function application(id: string, outbound: object): VendorAnswer {
  return { status: 200, body: { data: { id, active: true, application_name: 'Calls', outbound } } };
}

/** Throws for a request that Telnyx would refuse, or that contains unexpected fields. */
function checkDial(request: ReceivedRequest): void {
  expectThat(request.headers['content-type'] === 'application/json', 'the content type');
  const body = bodyOf(request);
  for (const name of Object.keys(body)) expectThat(knownFields.has(name), `the field ${name}`);
  for (const name of ['to', 'from']) expectThat(/^\+[1-9]\d{6,14}$/.test(String(body[name])), name);
  expectThat(body.connection_id === telnyxSettings.connection_id, 'this connection');
  expectThat(new URL(String(body.webhook_url)).protocol === 'https:', 'webhook_url');
  expectThat(body.webhook_url_method === 'POST', 'webhook_url_method');
  expectThat(isWithin(body.timeout_secs, 5, 600), 'timeout_secs');
  expectThat(isWithin(body.time_limit_secs, 30, 14_400), 'time_limit_secs');
  if (body.stream_url !== undefined) {
    expectThat(typeof body.stream_url === 'string' && body.stream_url.startsWith('wss://'), 'stream_url');
  }
  expectThat(isBase64(body.client_state), 'client_state');
}

/** https://developers.telnyx.com/docs/voice/conversation-relay, of the command `conversation_relay_start` */
const relayFields = new Set([
  ...['url', 'greeting', 'language', 'voice', 'interruptible', 'interruptible_greeting', 'dtmf_detection'],
  ...[
    'custom_parameters',
    'transcription_engine',
    'transcription_engine_config',
    'command_id',
    'client_state',
  ],
]);

function checkRelay(fields: Record<string, string>): void {
  expectThat(/^wss:\/\//.test(fields.url ?? ''), 'the url of a relay');
  for (const name of Object.keys(fields)) expectThat(relayFields.has(name), `the field ${name} of a relay`);
}

function checkSpeech(fields: Record<string, string>): void {
  const { payload = '', voice = '', payload_type, client_state } = fields;
  expectThat(payload.length > 0 && payload.length <= 3000, 'a payload of this length');
  expectThat(voice !== '' && payload_type === 'text' && isBase64(client_state), 'this speech');
}

function isBase64(value: unknown): boolean {
  return typeof value === 'string' && Buffer.from(value, 'base64').toString('base64') === value;
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

function expectThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Telnyx does not take ${what}`);
}
