/** Vonage's requests and reports, with its SDK as the oracle for tokens and documents. */
import { createHash } from 'node:crypto';
import { sign, type JwtPayload } from 'jsonwebtoken';
import type { AnsweredCall } from '../../../../trigger-server/src/carriers/port/call';
import type { CallbackRequest } from '../../../../trigger-server/src/carriers/port/callback';
import { vonage } from '../../../../trigger-server/src/carriers/providers/vonage';
import { ended } from '../../../../trigger-server/src/carriers/port/report';
import { standing } from '../../../support/standing';
import { outboundCall, received, vendorHost, type VendorHost } from '../../../support/vendors/host';
import type { Vendor, VendorCallback } from '../../../support/vendors/vendor';
import {
  startVonage,
  unusableApplications,
  vonageEvent,
  vonageSettings,
} from '../../../support/vendors/vonage';
import { vonageOracle } from '../../../support/vendors/vonage-oracle';
import { announcement, hungUp, streamTo, type Instructions } from '../../../support/vendors/instructions';

const configuration = vonage.configuration.parse(vonageSettings);
const { signature_secret: secret } = configuration;
const { callbacks } = vonage;
if (callbacks === null) throw new Error('Vonage calls back');
const verify = (request: CallbackRequest) => callbacks.verify(configuration, request);
const readStatus = (request: CallbackRequest) => callbacks.readStatus(request);

let vendor: Vendor;
let host: VendorHost;
beforeEach(async () => {
  vendor = await startVonage();
  host = vendorHost('vonage', { origin: vendor.origin });
});
afterEach(async () => {
  await host.close();
  await vendor.close();
});

/** The request for the answer document of a placed call. */
async function answerRequest(): Promise<VendorCallback> {
  await vonage.placeCall(configuration, outboundCall(host), host);
  const request = vendor.answerRequest(vendor.dials[0]!);
  if (request === null) throw new Error('Vonage asks for documents');
  return request;
}

describe('signatures', () => {
  const url = 'https://calls.example.test/api/v1/telephony/callbacks/vonage/status/7/0/token';
  const event = { uuid: 'u-1', status: 'completed', duration: '12' };
  const signed = vonageEvent(url, event);
  const token = signed.headers.authorization?.split(' ')[1] ?? '';
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as JwtPayload;
  const withToken = (authorization: string) => ({ ...signed, headers: { authorization } });

  const resigned = (algorithm: 'HS256' | 'HS512' | 'none', key: string) =>
    `Bearer ${sign(claims, key, { algorithm })}`;
  const [header = '', payload = '', signature = ''] = token.split('.');
  const otherPayload = Buffer.from(JSON.stringify({ ...claims, jti: 'x' })).toString('base64url');
  const at = Date.parse('2026-11-23T12:00:00.000Z') / 1000;

  test('the SDK and we accept the same tokens', async () => {
    const tokens = [
      token,
      `${header}.${otherPayload}.${signature}`,
      `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      resigned('HS256', 'another-SECRET').slice(7),
      resigned('HS512', secret).slice(7),
      resigned('none', '').slice(7),
      'nonsense',
      '',
    ];
    const ours = tokens.map((text) => verify(received(withToken(`Bearer ${text}`))));
    expect(ours).toEqual([true, ...tokens.slice(1).map(() => false)]);
    expect(await vonageOracle({ name: 'verify', tokens, secret })).toEqual(ours);
  });

  test.each([
    ['as Vonage sent it', true, signed],
    ['without application_id', true, vonageEvent(url, event, { application_id: undefined })],
    ['that is valid for a minute', true, vonageEvent(url, event, { exp: at + 60 })],
    ['that has expired', false, vonageEvent(url, event, { exp: at - 60 })],
    ['that was signed five minutes ago', true, vonageEvent(url, event, { iat: at - 300 })],
    ['that was signed longer ago', false, vonageEvent(url, event, { iat: at - 301 })],
    ['that is signed in the future', false, vonageEvent(url, event, { iat: at + 301 })],
    ['that is not valid yet', false, vonageEvent(url, event, { nbf: at + 60 })],
    ['with another body', false, { ...signed, body: JSON.stringify({ ...event, status: 'busy' }) }],
    ['with no body', false, { ...signed, body: '' }],
    ['of another issuer', false, vonageEvent(url, event, { iss: 'Nexmo' })],
    ['of no issuer', false, vonageEvent(url, event, { iss: undefined })],
    ['of another account', false, vonageEvent(url, event, { api_key: 'SECRET02' })],
    ['of no account', false, vonageEvent(url, event, { api_key: undefined })],
    [
      'of another application',
      false,
      vonageEvent(url, event, { application_id: unusableApplications.unknown }),
    ],
    ['whose application is no text', false, vonageEvent(url, event, { application_id: 7 })],
    ['that covers no body', false, vonageEvent(url, event, { payload_hash: undefined })],
    ['without a token', false, { ...signed, headers: {} }],
    ['under another scheme', false, withToken(`Basic ${token}`)],
    ['with two tokens', false, withToken(`Bearer ${token} ${token}`)],
  ])('an event %s: %s', (_what, accepted, callback) => {
    expect(verify(received(callback))).toBe(accepted);
  });

  test('the hash of an event covers its bytes', () => {
    const spaced = `${signed.body ?? ''} `;
    const payload_hash = createHash('sha256').update(spaced).digest('hex');
    const callback = { ...vonageEvent(url, event, { payload_hash }), body: spaced };
    expect(verify(received(callback))).toBe(true);
  });

  test('the request for the answer document needs no signature of Vonage, and every other purpose does', async () => {
    const asked = await answerRequest();
    expect(verify(received(asked, 'answer'))).toBe(true);
    for (const purpose of ['status', 'ring', 'hangup', 'announcement'] as const) {
      expect(verify(received(asked, purpose))).toBe(false);
    }
  });
});

describe('reports', () => {
  const read = (event: unknown) =>
    readStatus(received({ method: 'POST', url: 'https://x.test', headers: {}, body: JSON.stringify(event) }));

  test.each([
    ['started', 'initiated'],
    ['ringing', 'ringing'],
    ['answered', 'answered'],
    ['completed', 'talk_ended'],
    ['busy', 'busy'],
    ['rejected', 'refused'],
    ['cancelled', 'canceled'],
    ['timeout', 'no_answer'],
    ['unanswered', 'no_answer'],
    ['failed', 'failed'],
    ['record', 'unknown'],
    ['__proto__', 'unknown'],
  ])('"%s" is %s', (word, meaning) => {
    const report = read({ uuid: 'u-1', status: word });
    expect(standing(report)).toBe(meaning);
    expect(report).toMatchObject({ rawStatus: word, callId: 'u-1' });
  });

  test.each(['human', 'machine'])('who answered is reported: %s', (word) => {
    expect(read({ call_uuid: 'u-1', status: word })).toEqual({
      status: 'answered',
      rawStatus: word,
      callId: 'u-1',
      answeredBy: { who: word, raw: word },
    });
  });

  test('the beep of a machine keeps its word', () => {
    expect(read({ call_uuid: 'u-1', status: 'machine', sub_state: 'beep_start' })).toMatchObject({
      status: 'answered',
      rawStatus: 'machine:beep_start',
    });
  });

  test.each([
    ['user', 'callee_hung_up', '12', 12],
    ['platform', 'agent_hung_up', 12.4, 12.4],
  ])('an answered call ended by the %s: %s', (disconnected_by, outcome, duration, durationSeconds) => {
    expect(read({ uuid: 'u-1', status: 'completed', duration, disconnected_by })).toEqual({
      status: 'ended',
      outcome,
      rawStatus: 'completed',
      carrierReason: 'completed',
      callId: 'u-1',
      durationSeconds,
    });
  });

  test('the reason of a failed call is kept with its word', () => {
    expect(read({ uuid: 'u-1', status: 'failed', detail: 'cannot_route', duration: '0' })).toEqual({
      ...ended('unreachable'),
      rawStatus: 'failed:cannot_route',
      carrierReason: 'failed: cannot_route',
      callId: 'u-1',
    });
  });

  test.each(['answered', 'completed', 'failed', 'disconnected'])(
    'the leg to the media socket is not the call: "%s"',
    (status) => {
      expect(read({ uuid: 'u-2', status, to: 'wss://media.example.test/socket', duration: '3' })).toEqual({
        status: 'unknown',
        rawStatus: `websocket:${status}`,
      });
    },
  );

  test('an event without a status, for example about a faulty document, changes nothing', () => {
    expect(read({ reason: 'Syntax error in NCCO' })).toEqual({
      status: 'unknown',
      rawStatus: 'none:Syntax error in NCCO',
    });
  });

  test.each(['', 'nonsense', '"completed"', 'null'])('a body of another type is refused: %j', (body) => {
    const event = received({ method: 'POST', url: 'https://x.test', headers: {}, body });
    expect(() => readStatus(event)).toThrow(expect.objectContaining({ kind: 'bad_request' }));
  });

  test('the request for the answer document means an answered call, and its content is not read', async () => {
    const asked = received(await answerRequest(), 'answer');
    expect(readStatus(asked)).toEqual({ status: 'answered', rawStatus: 'answer_url' });
  });
});

describe('answers', () => {
  const documentFor = async (wish: Instructions): Promise<unknown> => {
    const call: AnsweredCall = {
      runId: 7,
      attempt: 1,
      configurationId: 3,
      record: false,
      instructions: wish,
      ringTimeoutSeconds: 25,
      voicemail: null,
      maxCallDurationSeconds: 240,
      callbackUrl: (purpose) => host.callbackUrl(purpose),
    };
    const request = received({ method: 'GET', url: host.callbackUrl('answer'), headers: {} }, 'answer');
    const document = await callbacks.answer?.(call, request, host);
    expect(document?.contentType).toBe('application/json');
    return JSON.parse(String(document?.body));
  };
  const url = 'wss://media.example.test/socket?a=1&b=2';
  /** Greeting and context would exceed the 512 bytes that Vonage allows for headers. */
  const parameters = { run_id: '7', agent_uuid: 'a'.repeat(36), greeting: 'Hi', context: 'x'.repeat(600) };
  const endpoint = {
    type: 'websocket',
    uri: url,
    'content-type': 'audio/l16;rate=16000',
    headers: { run_id: parameters.run_id, agent_uuid: parameters.agent_uuid },
  };

  test.each([
    [
      'an announcement',
      announcement('Hello, Jane & Bob'),
      [{ talk: 'Hello, Jane & Bob', language: 'en-US' }],
    ],
    ['an empty announcement', announcement(' \n'), [{ wait: 0.1 }]],
    ['a stream', streamTo(url, parameters), [{ connect: endpoint }]],
    ['an end', hungUp, [{ wait: 0.1 }]],
  ] satisfies [string, Instructions, object[]][])(
    '%s is the document of the SDK',
    async (_what, wish, actions) => {
      expect(await documentFor(wish)).toEqual(await vonageOracle({ name: 'ncco', actions }));
    },
  );

  test.each(['</Say><Dial>+1</Dial>', '<speak><audio src="https://evil.test/a.mp3"/></speak>'])(
    'a greeting is spoken and never read as markup: %s',
    async (text) => {
      const [action, ...others] = (await documentFor(announcement(text))) as Record<string, string>[];
      expect(others).toEqual([]);
      expect(action).toEqual({ action: 'talk', text: text.replace(/[<>]/g, ' ').trim(), language: 'en-US' });
    },
  );

  test('a text longer than Vonage’s limit is spoken in parts, and none of it is lost', async () => {
    const text = Array.from({ length: 700 }, (_, at) => `word${String(at)}`).join(' ');
    const actions = (await documentFor(announcement(text))) as { action: string; text: string }[];
    expect(actions.length).toBeGreaterThan(2);
    for (const { action, text: part } of actions) {
      expect(action).toBe('talk');
      expect(part.length).toBeLessThanOrEqual(1500);
    }
    expect(actions.map((action) => action.text).join(' ')).toBe(text);
  });
});
