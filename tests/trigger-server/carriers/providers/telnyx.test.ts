/** Telnyx, with its SDK as the oracle: same requests, same commands, same signatures. */
import { createHash } from 'node:crypto';
import type { Telnyx as Sdk } from 'telnyx';
import type { CallbackPurpose } from '../../../../trigger-server/src/carriers/port/purpose';
import { telnyx } from '../../../../trigger-server/src/carriers/providers/telnyx';
import { telephonyProviderContract } from '../../../contracts/telephony-provider';
import { ended } from '../../../../trigger-server/src/carriers/port/report';
import { outboundCall, vendorHost, type VendorHost } from '../../../support/vendors/host';
import {
  foreignNumber,
  startTelnyx,
  telnyxSettings,
  unusableApplications,
  verifiedNumber,
  type Telnyx,
} from '../../../support/vendors/telnyx';
import type { CallEvent } from '../../../support/vendors/vendor';
import { comparableRequest as facts, telnyxSdk } from '../../../support/vendors/telnyx-sdk';
import { announcement, streamTo, type Instructions } from '../../../support/vendors/instructions';

telephonyProviderContract({
  name: 'telnyx',
  startVendor: startTelnyx,
  configuration: () => ({ ...telnyxSettings }),
  environment: (vendor) => ({ TELNYX_API_BASE_URL: vendor.origin }),
  signs: { status: true, answer: false },
  asksForNoAnswer: true,
  saysOnlyThatItEnded: true,
});

const configuration = telnyx.configuration.parse(telnyxSettings);
const strangers = { ...configuration, api_key: 'not-the-SECRET' };
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

const streamUrl = 'wss://media.example.test/socket';
const parameters = { run_id: '7', agent_uuid: 'a-1', greeting: 'Hello', context: '{"name":"Zoë"}' };

/** What identifies the dial, also to a server that shares the account. */
const dialMark = () =>
  createHash('sha256').update(host.callbackUrl('status')).digest('base64url').slice(0, 22);

async function placedCall() {
  const placed = await telnyx.placeCall(configuration, outboundCall(host), host);
  if (placed.outcome !== 'placed') throw new Error('The call was not placed');
  const dial = vendor.dials.at(-1);
  if (dial === undefined) throw new Error('The vendor was not dialled');
  return { dial, call: { runId: 7, attempt: 1, callId: placed.callId, status: 'answered' as const } };
}

describe('configuration', () => {
  const reasons = (wish: object) =>
    telnyx.configuration
      .safeParse({ ...telnyxSettings, ...wish })
      .error?.issues.map(({ message }) => message);

  test.each([undefined, '', '  '])('is refused without a public key (%j), with the reason', (value) => {
    expect(reasons({ webhook_public_key: value })).toEqual([
      expect.stringContaining('unanswered calls would never end'),
    ]);
  });

  test.each([undefined, ''])('is refused without a connection (%j), with the reason', (value) => {
    expect(reasons({ connection_id: value })).toEqual([expect.stringContaining('D38')]);
  });

  test.each(['nonsense', 'AAAA', telnyxSettings.webhook_public_key.slice(0, -1), 'é'.repeat(44)])(
    'is refused with an invalid public key: %s',
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
    ['to announce', {}, announcement('Hello'), {}],
    [
      'with machine detection',
      { amd_enabled: true, amd_mode: 'premium' },
      announcement('Hello'),
      { answering_machine_detection: 'premium' },
    ],
    [
      'to stream',
      {},
      streamTo(streamUrl, parameters),
      {
        stream_url: streamUrl,
        stream_track: 'inbound_track',
        stream_bidirectional_mode: 'rtp',
        stream_bidirectional_codec: 'PCMU',
      },
    ],
  ] satisfies [string, Partial<typeof configuration>, Instructions, Partial<Sdk.CallDialParams>][])(
    'a dial %s is the one of the SDK',
    async (_what, wish, answer, theirs) => {
      const call = outboundCall(host, { loadInstructions: async () => answer });
      const placed = await telnyx.placeCall({ ...configuration, ...wish }, call, host);
      const state = { dial: dialMark(), ...(answer[0]?.name === 'connect' ? parameters : {}) };
      await telnyxSdk(vendor).calls.dial({
        ...dialled,
        webhook_url: host.callbackUrl('status'),
        client_state: Buffer.from(JSON.stringify(state)).toString('base64'),
        ...theirs,
      });
      const [ours, sdks] = vendor.dials.map(facts);
      expect(ours).toEqual(sdks);
      expect(placed).toEqual({
        outcome: 'placed',
        callId: vendor.callIdOf(vendor.dials[0]!),
        callerNumber: '+14155550123',
      });
    },
  );

  test('parameters that are too long for Telnyx are left out, and the stream still starts', async () => {
    const long = { ...parameters, greeting: 'x'.repeat(4000) };
    const loadInstructions = async () => streamTo(streamUrl, long);
    await telnyx.placeCall(configuration, outboundCall(host, { loadInstructions }), host);
    const { client_state } = facts(vendor.dials[0]!).body as { client_state: string };
    const { greeting: _tooLong, ...kept } = long;
    expect(JSON.parse(Buffer.from(client_state, 'base64').toString())).toEqual({ dial: dialMark(), ...kept });
  });

  test('a limit below Telnyx’s shortest is raised to it', async () => {
    await telnyx.placeCall(configuration, outboundCall(host, { maxCallDurationSeconds: 5 }), host);
    expect(facts(vendor.dials[0]!).body).toMatchObject({ time_limit_secs: 30 });
  });

  test('asking about a call, and ending it, are the requests of the SDK', async () => {
    const { call } = await placedCall();
    await telnyx.askStatus?.(configuration, call, host);
    await telnyxSdk(vendor).calls.retrieveStatus(call.callId);
    await telnyx.cancel?.(configuration, call, host, host);
    const again = await placedCall();
    await telnyxSdk(vendor).calls.actions.hangup(again.call.callId, { command_id: 'hangup' });
    const [asked, retrieved, cancelled, hungUp] = vendor.requests.map(facts);
    expect(asked).toEqual(retrieved);
    expect(cancelled).toEqual({ ...hungUp, url: `/v2/calls/${call.callId}/actions/hangup` });
  });

  test('asking for a number, and for the application, are the requests of the SDK', async () => {
    await telnyx.ownsNumber?.(configuration, verifiedNumber, host);
    await telnyx.prepare?.(configuration, host);
    await telnyxSdk(vendor).phoneNumbers.list({ filter: { phone_number: '15005558888' } });
    await telnyxSdk(vendor).verifiedNumbers.retrieve(verifiedNumber);
    await telnyxSdk(vendor).callControlApplications.retrieve(configuration.connection_id);
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
      outcome: 'not_sent',
      code: 'carrier_busy',
      retryAfterSeconds: 10,
      detail: 'Telnyx: 10011 Too many requests Slow down. (HTTP 429)',
    });
  });

  test('the log of a dial without a reply has neither number nor credentials', async () => {
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

  test('an application without a fault is saved unchanged', async () => {
    expect(await telnyx.prepare?.(configuration, host)).toEqual(configuration);
  });
});

describe('ending a call', () => {
  test('Telnyx ends an active call; one that has ended, or never existed, is gone', async () => {
    const { call } = await placedCall();
    expect(await telnyx.cancel?.(configuration, call, host, host)).toEqual({ outcome: 'accepted' });
    expect(await telnyx.cancel?.(configuration, call, host, host)).toEqual({ outcome: 'gone' });
    const unknown = { ...call, callId: '../phone_numbers' };
    expect(await telnyx.cancel?.(configuration, unknown, host, host)).toEqual({ outcome: 'gone' });
    expect(vendor.requests.at(-1)?.url).toBe('/v2/calls/..%2Fphone_numbers/actions/hangup');
  });

  test('a refusal has Telnyx’s words', async () => {
    const { call } = await placedCall();
    expect(await telnyx.cancel?.(strangers, call, host, host)).toEqual({
      outcome: 'refused',
      detail: 'Telnyx: 10009 Authentication failed The API key is not valid. (HTTP 401)',
    });
  });
});

describe('questions', () => {
  test('a call that has not ended changes nothing', async () => {
    const { call } = await placedCall();
    expect(await telnyx.askStatus?.(configuration, call, host)).toEqual({
      status: 'unknown',
      rawStatus: 'is_alive:true',
    });
  });

  test('a call that was answered and is over is completed', async () => {
    const { dial, call } = await placedCall();
    vendor.callback(dial, 'completed');
    expect(await telnyx.askStatus?.(configuration, call, host)).toEqual({
      ...ended('talk_ended'),
      rawStatus: 'is_alive:false',
      wasAnswered: true,
      durationSeconds: 12,
    });
  });

  test.each([
    [['busy'], { ...ended('failed'), rawStatus: 'is_alive:false' }],
    [
      ['answered', 'completed'],
      { ...ended('talk_ended'), rawStatus: 'is_alive:false', wasAnswered: true, durationSeconds: 12 },
    ],
  ] satisfies [CallEvent[], object][])(
    'if nothing was reported of %j, the events of the call say whether it was answered',
    async (events, expected) => {
      const { dial, call } = await placedCall();
      for (const event of events) vendor.callback(dial, event);
      const unheard = { ...call, status: 'initiated' } as const;
      expect(await telnyx.askStatus?.(configuration, unheard, host)).toEqual(expected);
    },
  );

  test('of a call without events nobody knows how it ended', async () => {
    const { dial, call } = await placedCall();
    vendor.callback(dial, 'busy');
    const { http } = host;
    host.http = (request) =>
      request.url.includes('/call_events')
        ? Promise.resolve({ status: 200, body: '{"data":[]}' })
        : http(request);
    expect(await telnyx.askStatus?.(configuration, { ...call, status: 'initiated' }, host)).toEqual({
      ...ended('unexplained'),
      rawStatus: 'is_alive:false',
    });
  });

  test.each([
    ['an announcement', announcement('Hello')],
    ['a stream', streamTo(streamUrl, parameters)],
  ])(
    'the call of a dial without a reply is found by its mark, with %s, and no other call',
    async (_what, answer) => {
      vendor.play('reset');
      const order = outboundCall(host, { loadInstructions: async () => answer });
      expect(await telnyx.placeCall(configuration, order, host)).toEqual({ outcome: 'unknown' });
      const callId = vendor.callIdOf(vendor.dials[0]!);
      const sent = {
        runId: order.runId,
        attempt: order.attempt,
        to: order.to,
        from: order.from,
        sentAt: host.clock.now(),
      };
      const find = (callbackUrl: (purpose: CallbackPurpose) => string) =>
        telnyx.findCall?.(configuration, { ...sent, callbackUrl }, host);
      expect(await find((purpose) => host.callbackUrl(purpose))).toEqual([callId]);
      expect(await find((purpose) => host.callbackUrl(purpose, 8))).toEqual([]);
      vendor.callback(vendor.dials[0]!, 'busy');
      expect(await find((purpose) => host.callbackUrl(purpose))).toEqual([]);
    },
  );

  test('only a number of the account, or one verified for it, may be used', async () => {
    const owned = (number: string) => telnyx.ownsNumber?.(configuration, number, host);
    expect(await owned('+14155550123')).toBe(true);
    expect(await owned(verifiedNumber)).toBe(true);
    expect(await owned(foreignNumber)).toBe(false);
  });

  test('an unknown call has no status; without Telnyx a status request fails, and saving is allowed', async () => {
    const { call } = await placedCall();
    expect(await telnyx.askStatus?.(configuration, { ...call, callId: 'unknown' }, host)).toBeNull();
    expect(await telnyx.ownsNumber?.(strangers, '+14155550123', host)).toBeNull();
    await expect(telnyx.askStatus?.(strangers, call, host)).rejects.toThrow('HTTP 401');
    await vendor.close();
    await expect(telnyx.askStatus?.(configuration, call, host)).rejects.toThrow();
    expect(await telnyx.ownsNumber?.(configuration, '+14155550123', host)).toBeNull();
    expect(await telnyx.prepare?.(configuration, host)).toEqual(configuration);
    expect(host.logLines.join()).not.toMatch(/SECRET|4155550/);
    vendor = await startTelnyx();
  });
});
