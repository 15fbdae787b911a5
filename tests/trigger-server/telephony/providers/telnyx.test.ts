/** Telnyx, with its own SDK as the oracle: same requests, same commands, same signatures. */
import { Telnyx as Sdk } from 'telnyx';
import type {
  Answer,
  AnsweredCall,
  CallbackRequest,
} from '../../../../trigger-server/src/telephony/provider';
import { telnyx } from '../../../../trigger-server/src/telephony/providers/telnyx';
import { telephonyProviderContract } from '../../../contracts/telephony-provider';
import type { ReceivedRequest } from '../../../support/local-server';
import { outboundCall, received, vendorHost, type VendorHost } from '../../../support/vendors/host';
import {
  foreignNumber,
  startTelnyx,
  telnyxSettings,
  telnyxWebhook,
  unusableApplications,
  verifiedNumber,
  type Telnyx,
} from '../../../support/vendors/telnyx';
import type { VendorCallback } from '../../../support/vendors/vendor';

telephonyProviderContract({
  name: 'telnyx',
  startVendor: startTelnyx,
  configuration: () => ({ ...telnyxSettings }),
  environment: (vendor) => ({ TELNYX_API_BASE_URL: vendor.origin }),
  signs: { status: true, answer: false },
});

const configuration = telnyx.configuration.parse(telnyxSettings);
const strangers = { ...configuration, api_key: 'not-the-SECRET' };
const { callbacks } = telnyx;
if (callbacks === null) throw new Error('Telnyx calls back');
const verify = (request: CallbackRequest) => callbacks.verify(configuration, request);
const readStatus = (request: CallbackRequest) => callbacks.readStatus(request);

let vendor: Telnyx;
let host: VendorHost;
beforeEach(async () => {
  vendor = await startTelnyx();
  host = vendorHost('telnyx', { origin: vendor.origin });
});
afterEach(async () => {
  await host.close();
  await vendor.close();
});

const stream: Answer = {
  mode: 'stream',
  url: 'wss://media.example.test/socket',
  parameters: { run_id: '7', agent_uuid: 'a-1', greeting: 'Hello', context: '{"name":"Zoë"}' },
};

/** Telnyx's own client, led to the loopback vendor. */
function sdk(): Sdk {
  return new Sdk({
    apiKey: configuration.api_key,
    publicKey: configuration.webhook_public_key,
    maxRetries: 0,
    fetch: (url, options) => {
      if (!(typeof url === 'string')) throw new Error('The SDK asks for text addresses');
      const { pathname, search } = new URL(url);
      return fetch(`${vendor.origin}${pathname}${search}`, options);
    },
  });
}

/** A request as Telnyx reads it: neither the order of fields nor a client's own headers matter. */
function facts({ method, url, headers, body }: ReceivedRequest) {
  const text = body.toString('utf8');
  return {
    method,
    url: decodeURIComponent(url),
    authorization: headers.authorization,
    contentType: headers['content-type'],
    body: text === '' ? null : (JSON.parse(text) as unknown),
  };
}

async function placedCall() {
  const placed = await telnyx.placeCall(configuration, outboundCall(host), host);
  if (placed.outcome !== 'placed') throw new Error('The call was not placed');
  const dial = vendor.dials.at(-1);
  if (dial === undefined) throw new Error('The vendor was not dialled');
  return { dial, call: { runId: 7, callId: placed.callId, status: 'answered' as const } };
}

function webhook(type: string, payload: object = {}): CallbackRequest {
  return received(telnyxWebhook(host.callbackUrl('status'), type, payload));
}

describe('configuration', () => {
  const reasons = (wish: object) =>
    telnyx.configuration
      .safeParse({ ...telnyxSettings, ...wish })
      .error?.issues.map(({ message }) => message);

  test.each([undefined, '', '  '])('is refused without a webhook public key (%j), and says why', (value) => {
    expect(reasons({ webhook_public_key: value })).toEqual([
      expect.stringContaining('unanswered calls would never end'),
    ]);
  });

  test.each([undefined, ''])('is refused without a connection (%j), and says why', (value) => {
    expect(reasons({ connection_id: value })).toEqual([expect.stringContaining('D38')]);
  });

  test.each(['nonsense', 'AAAA', telnyxSettings.webhook_public_key.slice(0, -1), 'é'.repeat(44)])(
    'is refused with a public key that is none: %s',
    (webhook_public_key) => {
      expect(reasons({ webhook_public_key })).toEqual(['A webhook public key is 44 characters of base64']);
    },
  );
});

describe('requests', () => {
  const dialled = {
    connection_id: configuration.connection_id,
    to: '+14155550100',
    from: '+14155550123',
    timeout_secs: 25,
    time_limit_secs: 240,
    webhook_url_method: 'POST',
  } as const;

  test.each([
    ['to announce', {}, { mode: 'announce', text: 'Hello' }, {}],
    [
      'with machine detection',
      { amd_enabled: true, amd_mode: 'premium' },
      { mode: 'announce', text: 'Hello' },
      { answering_machine_detection: 'premium' },
    ],
    [
      'to stream',
      {},
      stream,
      {
        stream_url: stream.url,
        stream_track: 'inbound_track',
        stream_bidirectional_mode: 'rtp',
        stream_bidirectional_codec: 'PCMU',
        client_state: Buffer.from(JSON.stringify(stream.parameters)).toString('base64'),
      },
    ],
  ] satisfies [string, Partial<typeof configuration>, Answer, Partial<Sdk.CallDialParams>][])(
    'a dial %s is the one of the SDK',
    async (_what, wish, answer, theirs) => {
      const call = outboundCall(host, { loadAnswer: async () => answer });
      const placed = await telnyx.placeCall({ ...configuration, ...wish }, call, host);
      await sdk().calls.dial({ ...dialled, webhook_url: host.callbackUrl('status'), ...theirs });
      const [ours, sdks] = vendor.dials.map(facts);
      expect(ours).toEqual(sdks);
      expect(placed).toEqual({
        outcome: 'placed',
        callId: vendor.callIdOf(vendor.dials[0]!),
        callerNumber: '+14155550123',
      });
    },
  );

  test('parameters that are too long for Telnyx are left out, and the stream starts all the same', async () => {
    const parameters = { ...stream.parameters, greeting: 'x'.repeat(4000) };
    const loadAnswer = async (): Promise<Answer> => ({ ...stream, parameters });
    await telnyx.placeCall(configuration, outboundCall(host, { loadAnswer }), host);
    const { client_state } = facts(vendor.dials[0]!).body as { client_state: string };
    const { greeting: _tooLong, ...kept } = parameters;
    expect(JSON.parse(Buffer.from(client_state, 'base64').toString())).toEqual(kept);
  });

  test('a limit shorter than Telnyx takes is its shortest', async () => {
    await telnyx.placeCall(configuration, outboundCall(host, { maxCallDurationSeconds: 5 }), host);
    expect(facts(vendor.dials[0]!).body).toMatchObject({ time_limit_secs: 30 });
  });

  test('asking about a call, and ending it, are the requests of the SDK', async () => {
    const { call } = await placedCall();
    await telnyx.askStatus?.(configuration, call, host);
    await sdk().calls.retrieveStatus(call.callId);
    await telnyx.cancel?.(configuration, call, host);
    const again = await placedCall();
    await sdk().calls.actions.hangup(again.call.callId, { command_id: 'hangup' });
    const [asked, retrieved, cancelled, hungUp] = vendor.requests.map(facts);
    expect(asked).toEqual(retrieved);
    expect(cancelled).toEqual({ ...hungUp, url: `/v2/calls/${call.callId}/actions/hangup` });
  });

  test('asking for a number, and for the application, are the requests of the SDK', async () => {
    await telnyx.ownsNumber?.(configuration, verifiedNumber, host);
    await telnyx.prepare?.(configuration, host);
    await sdk().phoneNumbers.list({ filter: { phone_number: '15005558888' } });
    await sdk().verifiedNumbers.retrieve(verifiedNumber);
    await sdk().callControlApplications.retrieve(configuration.connection_id);
    const [numbers, verified, application, ...theirs] = vendor.requests.map(facts);
    expect([numbers, verified, application]).toEqual(theirs);
  });
});

describe('refusals', () => {
  test('a connection without an outbound voice profile is refused in Telnyx’s words', async () => {
    vendor.play('refuse');
    expect(await telnyx.placeCall(configuration, outboundCall(host), host)).toEqual({
      outcome: 'refused',
      detail: 'Telnyx: 10010 D38 The connection has no outbound voice profile. (HTTP 403)',
    });
  });

  test('so are a wrong key, and too many calls', async () => {
    expect(await telnyx.placeCall(strangers, outboundCall(host), host)).toEqual({
      outcome: 'refused',
      detail: 'Telnyx: 10009 Authentication failed The API key is not valid. (HTTP 401)',
    });
    vendor.play('rate-limit');
    expect(await telnyx.placeCall(configuration, outboundCall(host), host)).toEqual({
      outcome: 'refused',
      detail: 'Telnyx: 10011 Too many requests Slow down. (HTTP 429)',
    });
  });

  test('neither number nor credentials are in the log of a dial that got no reply', async () => {
    vendor.play('reset');
    expect(await telnyx.placeCall(configuration, outboundCall(host), host)).toEqual({ outcome: 'unknown' });
    expect(host.logLines).toHaveLength(1);
    expect(host.logLines.join()).not.toMatch(/SECRET|4155550/);
  });

  test.each([
    [
      'that does not exist',
      { connection_id: unusableApplications.unknown },
      /^Telnyx: 10005 Resource not found/,
    ],
    [
      'that could not dial',
      { connection_id: unusableApplications.withoutProfile },
      /no outbound voice profile/,
    ],
    ['of another account', { api_key: 'not-the-SECRET' }, /^Telnyx: 10009 Authentication failed/],
  ])('an application %s is not saved', async (_what, wish, detail) => {
    await expect(telnyx.prepare?.({ ...configuration, ...wish }, host)).rejects.toMatchObject({
      kind: 'bad_request',
      detail: expect.stringMatching(detail),
    });
  });

  test('an application that is in order is saved as it is', async () => {
    expect(await telnyx.prepare?.(configuration, host)).toEqual(configuration);
  });
});

describe('ending a call', () => {
  test('Telnyx ends one under way; one that has ended, or never was, is gone', async () => {
    const { call } = await placedCall();
    expect(await telnyx.cancel?.(configuration, call, host)).toEqual({ outcome: 'accepted' });
    expect(await telnyx.cancel?.(configuration, call, host)).toEqual({ outcome: 'gone' });
    const unknown = { ...call, callId: '../phone_numbers' };
    expect(await telnyx.cancel?.(configuration, unknown, host)).toEqual({ outcome: 'gone' });
    expect(vendor.requests.at(-1)?.url).toBe('/v2/calls/..%2Fphone_numbers/actions/hangup');
  });

  test('a refusal is told in Telnyx’s words', async () => {
    const { call } = await placedCall();
    expect(await telnyx.cancel?.(strangers, call, host)).toEqual({
      outcome: 'refused',
      detail: 'Telnyx: 10009 Authentication failed The API key is not valid. (HTTP 401)',
    });
  });
});

describe('questions', () => {
  test('a call that goes on moves nothing', async () => {
    const { call } = await placedCall();
    expect(await telnyx.askStatus?.(configuration, call, host)).toEqual({
      status: 'unknown',
      rawStatus: 'is_alive:true',
    });
  });

  test('a call that is over is completed if it was answered, and failed if nobody knows that it was', async () => {
    const { dial, call } = await placedCall();
    vendor.callback(dial, 'completed');
    expect(await telnyx.askStatus?.(configuration, call, host)).toEqual({
      status: 'completed',
      rawStatus: 'is_alive:false',
      durationSeconds: 12,
    });
    expect(await telnyx.askStatus?.(configuration, { ...call, status: 'ringing' }, host)).toEqual({
      status: 'failed',
      rawStatus: 'is_alive:false',
    });
  });

  test('a number of the account, and one verified for it, may be used; another may not', async () => {
    const owned = (number: string) => telnyx.ownsNumber?.(configuration, number, host);
    expect(await owned('+14155550123')).toBe(true);
    expect(await owned(verifiedNumber)).toBe(true);
    expect(await owned(foreignNumber)).toBe(false);
  });

  test('what Telnyx does not say is not known, and keeps nobody from saving', async () => {
    const { call } = await placedCall();
    expect(await telnyx.askStatus?.(configuration, { ...call, callId: 'unknown' }, host)).toBeNull();
    expect(await telnyx.ownsNumber?.(strangers, '+14155550123', host)).toBeNull();
    await vendor.close();
    expect(await telnyx.askStatus?.(configuration, call, host)).toBeNull();
    expect(await telnyx.ownsNumber?.(configuration, '+14155550123', host)).toBeNull();
    expect(await telnyx.prepare?.(configuration, host)).toEqual(configuration);
    expect(host.logLines.join()).not.toMatch(/SECRET|4155550/);
    vendor = await startTelnyx();
  });
});

describe('signatures', () => {
  const url = 'https://calls.example.test/api/v1/telephony/callbacks/telnyx/status/7/token';
  const sent = (at?: Date) => telnyxWebhook(url, 'call.hangup', { hangup_cause: 'user_busy' }, at);
  const later = (seconds: number) => new Date(Date.parse('2026-11-23T12:00:00.000Z') + seconds * 1000);
  const withHeaders = (callback: VendorCallback, headers: Record<string, string>): VendorCallback => ({
    ...callback,
    headers: { ...callback.headers, ...headers },
  });

  test('the golden vector is accepted', () => {
    const body =
      '{"data":{"event_type":"call.hangup","payload":{"call_control_id":"v3:x","hangup_cause":"busy"}}}';
    const golden = received({
      method: 'POST',
      url,
      headers: {
        'telnyx-timestamp': '1767225600',
        'telnyx-signature-ed25519':
          'P+o/rUDJv3ZKP6e92QAthLh7Gm4ZwMW7FGkGsJTgoAo2gWMg7u66bFHYJIIOtTaHV1n1VHiXLkm9OactTZ3/Ag==',
      },
      body,
    });
    const atOf = (seconds: number) => ({ ...golden, receivedAt: new Date(seconds * 1000) });
    expect(verify(atOf(1_767_225_600))).toBe(true);
    expect(verify(atOf(1_767_225_601 + 300))).toBe(false);
    expect(readStatus(golden)).toMatchObject({ status: 'busy', callId: 'v3:x' });
  });

  test.each([
    [0, true],
    [300, true],
    [301, false],
    [-300, true],
    [-301, false],
  ])('a webhook signed %i seconds from now is accepted: %s', (seconds, accepted) => {
    expect(verify(received(sent(later(seconds))))).toBe(accepted);
  });

  // The SDK looks at the machine's own clock.
  const fresh = sent(new Date());
  const signature = fresh.headers['telnyx-signature-ed25519'] ?? '';
  const otherTime = String(Number(fresh.headers['telnyx-timestamp']) + 1);
  test.each([
    ['as Telnyx sent it', true, fresh],
    ['with another body', false, { ...fresh, body: fresh.body?.replace('user_busy', 'normal_clearing') }],
    ['with no body', false, { ...fresh, body: '' }],
    ['with another timestamp', false, withHeaders(fresh, { 'telnyx-timestamp': otherTime })],
    ['with a timestamp that is none', false, withHeaders(fresh, { 'telnyx-timestamp': 'now' })],
    ['with a negative timestamp', false, withHeaders(fresh, { 'telnyx-timestamp': '-1' })],
    ['with an empty timestamp', false, withHeaders(fresh, { 'telnyx-timestamp': '' })],
    [
      'with another signature',
      false,
      withHeaders(fresh, { 'telnyx-signature-ed25519': `AAAA${signature.slice(4)}` }),
    ],
    [
      'with half a signature',
      false,
      withHeaders(fresh, { 'telnyx-signature-ed25519': signature.slice(0, 44) }),
    ],
    [
      'with unpadded base64',
      false,
      withHeaders(fresh, { 'telnyx-signature-ed25519': signature.slice(0, -2) }),
    ],
    ['with an empty signature', false, withHeaders(fresh, { 'telnyx-signature-ed25519': '' })],
    ['without headers', false, { ...fresh, headers: {} }],
    ['that is too old', false, sent(new Date(Date.now() - 400_000))],
    ['from the future', false, sent(new Date(Date.now() + 400_000))],
  ])('a webhook %s: the SDK and we say %s', async (_what, accepted, callback) => {
    const { headers, body = '' } = callback;
    const theirs = sdk().webhooks.unwrap(body, { headers });
    await (accepted ? expect(theirs).resolves.toHaveProperty('data') : expect(theirs).rejects.toThrow());
    expect(verify({ ...received(callback), receivedAt: new Date() })).toBe(accepted);
  });

  test('another account’s key accepts nothing', () => {
    const webhook_public_key = Buffer.alloc(32, 9).toString('base64');
    expect(callbacks.verify({ ...configuration, webhook_public_key }, received(sent()))).toBe(false);
  });
});

describe('reports', () => {
  const callId = 'v3:x';

  test.each([
    ['call.initiated', 'initiated'],
    ['call.answered', 'answered'],
    ['call.bridged', 'answered'],
    ['call.speak.ended', 'answered'],
    ['call.machine.greeting.ended', 'unknown'],
    ['streaming.failed', 'unknown'],
    ['call.recording.saved', 'unknown'],
    ['__proto__', 'unknown'],
  ])('"%s" is %s', (type, status) => {
    expect(readStatus(webhook(type, { call_control_id: callId }))).toEqual({
      status,
      rawStatus: type,
      callId,
    });
  });

  test.each([
    ['user_busy', '486', 'busy'],
    ['busy', undefined, 'busy'],
    ['no_answer', undefined, 'no-answer'],
    ['timeout', '487', 'no-answer'],
    ['originator_cancel', '487', 'canceled'],
    ['call_rejected', '603', 'busy'],
    ['call_rejected', '403', 'failed'],
    ['call_rejected', undefined, 'failed'],
    ['not_found', '404', 'failed'],
    ['unallocated_number', undefined, 'failed'],
    ['time_limit', '200', 'completed'],
    ['normal_clearing', '200', 'completed'],
    ['normal_clearing', 'unspecified', 'completed'],
    ['normal_clearing', '480', 'no-answer'],
    ['normal_clearing', '500', 'failed'],
    ['unspecified', '200', 'completed'],
    ['unspecified', '487', 'canceled'],
    ['unspecified', 'unspecified', 'failed'],
    ['a_new_cause', '600', 'busy'],
    ['a_new_cause', undefined, 'failed'],
    [undefined, undefined, 'failed'],
  ])('a call that ended by %s, SIP %s, is %s', (hangup_cause, sip_hangup_cause, status) => {
    const facts = { call_control_id: callId, hangup_cause, sip_hangup_cause };
    const sip = sip_hangup_cause === undefined ? '' : ` sip:${sip_hangup_cause}`;
    expect(readStatus(webhook('call.hangup', facts))).toMatchObject({
      status,
      rawStatus: `hangup:${hangup_cause ?? 'unspecified'}${sip}`,
      callId,
    });
  });

  test.each([
    [{ hangup_cause: 'normal_clearing', hangup_source: 'callee' }, 'user_hangup'],
    [{ hangup_cause: 'normal_clearing', hangup_source: 'caller' }, 'end_call_tool'],
    [{ hangup_cause: 'time_limit', hangup_source: 'caller' }, 'call_duration_exceeded'],
    [{ hangup_cause: 'normal_clearing', hangup_source: 'unknown' }, undefined],
    [{ hangup_cause: 'user_busy', hangup_source: 'callee' }, undefined],
  ])('who ended an answered call: %j', (facts, disposition) => {
    expect(readStatus(webhook('call.hangup', facts))?.disposition).toBe(disposition);
  });

  test.each([12, '12'])('a duration is read as number and as text: %j', (duration_secs) => {
    const facts = { hangup_cause: 'normal_clearing', duration_secs };
    expect(readStatus(webhook('call.hangup', facts))?.durationSeconds).toBe(12);
  });

  test.each([
    ['call.machine.detection.ended', 'machine'],
    ['call.machine.premium.detection.ended', 'human_residence'],
  ])('who answered is gathered: %s', (type, result) => {
    expect(readStatus(webhook(type, { result }))).toMatchObject({
      status: 'answered',
      gathered: { answered_by: result },
    });
  });

  test.each(['streaming.started', 'streaming.stopped'])('"%s" says nothing about the call', (type) => {
    expect(readStatus(webhook(type, { call_control_id: callId }))).toBeNull();
  });

  test.each(['', 'nonsense', '{}', '{"data":{}}', '"call.hangup"'])(
    'a body that is no webhook is refused: %j',
    (body) => {
      const event = received({ method: 'POST', url: 'https://x.test', headers: {}, body });
      expect(() => readStatus(event)).toThrow(expect.objectContaining({ kind: 'bad_request' }));
    },
  );
});

describe('commands', () => {
  let callId: string;
  beforeEach(async () => {
    callId = (await placedCall()).call.callId;
  });

  /** Gives a webhook about the placed call to the provider. */
  async function told(type: string, answer: Answer, payload: object = {}): Promise<void> {
    const call: AnsweredCall = {
      runId: 7,
      configurationId: 3,
      answer,
      maxCallDurationSeconds: 240,
      callbackUrl: (purpose) => host.callbackUrl(purpose),
    };
    const request = webhook(type, { call_control_id: callId, ...payload });
    await callbacks?.act?.(configuration, request, call, host);
  }

  /** The webhook about the last speech, as Telnyx sends it: with the state of the command. */
  const lastState = () => ({ client_state: vendor.commands.at(-1)?.facts.client_state });
  const actions = () => vendor.commands.map(({ action }) => action);
  const announce = (text: string): Answer => ({ mode: 'announce', text });

  test('an announcement is spoken with the command of the SDK, and the call ends after it', async () => {
    await told('call.answered', announce('Hello, Jane & </Say><Dial>'));
    const state = Buffer.from('announcement:0').toString('base64');
    await sdk().calls.actions.speak(callId, {
      payload: 'Hello, Jane & </Say><Dial>',
      payload_type: 'text',
      voice: 'AWS.Polly.Joanna',
      client_state: state,
      command_id: 'announcement-0',
    });
    const [ours, theirs] = vendor.requests.map(facts);
    expect(ours).toEqual(theirs);
    expect(actions()).toEqual(['speak']);

    const spoken = readStatus(
      webhook('call.speak.started', { call_control_id: callId, client_state: state }),
    );
    expect(spoken).toMatchObject({ status: 'answered', greetingSpoken: true });
    await told('call.speak.ended', announce('Hello, Jane & </Say><Dial>'), lastState());
    expect(actions()).toEqual(['speak', 'hangup']);
  });

  test('webhooks that come twice command nothing twice', async () => {
    await told('call.answered', announce('Hello'));
    await told('call.answered', announce('Hello'));
    const state = lastState();
    await told('call.speak.ended', announce('Hello'), state);
    await told('call.speak.ended', announce('Hello'), state);
    expect(actions()).toEqual(['speak', 'hangup']);
  });

  test('a text longer than Telnyx takes at once is spoken in parts, and the greeting is logged once', async () => {
    const text = Array.from({ length: 1000 }, (_, at) => `word${String(at)}`).join(' ');
    await told('call.answered', announce(text));
    const logged: unknown[] = [];
    while (actions().at(-1) === 'speak') {
      logged.push(readStatus(webhook('call.speak.started', lastState()))?.greetingSpoken);
      await told('call.speak.ended', announce(text), lastState());
    }
    expect(actions()).toEqual(['speak', 'speak', 'speak', 'hangup']);
    expect(logged).toEqual([true, undefined, undefined]);
    const spoken = vendor.commands.flatMap(({ action, facts }) =>
      action === 'speak' ? [facts.payload] : [],
    );
    expect(spoken.join(' ')).toBe(text);
  });

  test.each([
    ['nothing to say', 'call.answered', announce(' ')],
    ['the run has ended', 'call.answered', { mode: 'hangup' }],
    ['the run ended while the announcement was spoken', 'call.speak.ended', { mode: 'hangup' }],
    ['the media socket could not be reached', 'streaming.failed', stream],
    ['the media socket was closed', 'streaming.stopped', stream],
  ] satisfies [string, string, Answer][])(
    'the call is ended when there is %s',
    async (_why, type, answer) => {
      await told(type, answer);
      expect(actions()).toEqual(['hangup']);
    },
  );

  test.each([
    ['call.answered', stream],
    ['call.initiated', announce('Hello')],
    ['call.machine.detection.ended', announce('Hello')],
    ['call.speak.started', announce('Hello')],
    ['call.hangup', announce('Hello')],
  ] satisfies [string, Answer][])('nothing is commanded on %s in mode %j', async (type, answer) => {
    await told(type, answer);
    expect(vendor.requests).toEqual([]);
  });

  test('nothing is commanded when the announcement ended because the call did', async () => {
    await told('call.speak.ended', announce('Hello'), { status: 'call_hangup' });
    expect(vendor.requests).toEqual([]);
  });

  test('an announcement that Telnyx will not speak ends the call, instead of a silent line', async () => {
    vendor.refuseNext(422);
    await told('call.answered', announce('Hello'));
    expect(actions()).toEqual(['hangup']);
    expect(host.logLines.join()).not.toMatch(/SECRET|Hello|4155550/);
  });

  test.each([500, 429])(
    'a command that meets HTTP %i is given again with the next delivery',
    async (status) => {
      vendor.refuseNext(status);
      await expect(told('call.answered', announce('Hello'))).rejects.toMatchObject({ kind: 'unavailable' });
      await told('call.answered', announce('Hello'));
      expect(actions()).toEqual(['speak']);
    },
  );

  test('a command for a call that has ended is no error', async () => {
    await told('call.speak.ended', announce('Hello'), lastState());
    await told('call.answered', announce('Hello'));
    expect(actions()).toEqual(['hangup']);
    expect(host.logLines).toEqual([]);
  });
});
