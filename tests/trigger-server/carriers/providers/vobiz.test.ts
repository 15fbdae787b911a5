/** Vobiz has no SDK for Node that signs, so its documentation and the golden vectors are the oracle. */
import type { AnsweredCall } from '../../../../trigger-server/src/carriers/port/call';
import type { CallbackRequest } from '../../../../trigger-server/src/carriers/port/callback';
import type { CallbackPurpose } from '../../../../trigger-server/src/carriers/port/purpose';
import { vobiz } from '../../../../trigger-server/src/carriers/providers/vobiz';
import { configuration } from '../../../../trigger-server/src/carriers/providers/vobiz/configuration';
import { telephonyProviderContract } from '../../../contracts/telephony-provider';
import { ended } from '../../../../trigger-server/src/carriers/port/report';
import { standing } from '../../../support/standing';
import { outboundCall, received, vendorHost, type VendorHost } from '../../../support/vendors/host';
import type { CallEvent, Vendor } from '../../../support/vendors/vendor';
import {
  signVobiz,
  startVobiz,
  vobizCredentials,
  vobizNumbers,
  type VobizDial,
} from '../../../support/vendors/vobiz';
import { announcement, streamTo, type Instructions } from '../../../support/vendors/instructions';

telephonyProviderContract({
  name: 'vobiz',
  startVendor: () => startVobiz(),
  configuration: () => vobizCredentials,
  environment: (vendor) => ({ VOBIZ_API_BASE_URL: vendor.origin }),
  signs: { status: true, answer: false },
});

const settings = configuration.parse(vobizCredentials);
const callbacks = vobiz.callbacks!;

let vendor: Vendor;
let host: VendorHost;
beforeEach(async () => {
  vendor = await startVobiz();
  host = vendorHost('vobiz', { origin: vendor.origin });
});
afterEach(async () => {
  await host.close();
  await vendor.close();
});

/** Replaces the vendor by one whose paths of live calls have no slash at their end. */
async function useSdkPaths(): Promise<void> {
  await vendor.close();
  vendor = await startVobiz(false);
  await host.close();
  host = vendorHost('vobiz', { origin: vendor.origin });
}

async function placed() {
  const result = await vobiz.placeCall(settings, outboundCall(host), host);
  if (result.outcome !== 'placed') throw new Error('The loopback vendor refused the dial');
  return { runId: 7, attempt: 1, callId: result.callId, status: 'initiated' as const };
}

describe('vobiz: requests', () => {
  test.each([false, true])('a dial is the documented request, machine detection: %s', async (amd_enabled) => {
    await vobiz.placeCall({ ...settings, amd_enabled }, outboundCall(host), host);
    const [dial] = vendor.dials;
    expect([dial?.method, dial?.url]).toEqual(['POST', '/api/v1/Account/MA_SECRETVOBIZ/Call/']);
    expect(dial?.headers).toMatchObject({
      'x-auth-id': 'MA_SECRETVOBIZ',
      'x-auth-token': 'SECRET-vobiz-token',
      'content-type': 'application/json',
    });
    expect(JSON.parse(String(dial?.body)) as VobizDial).toEqual({
      from: '14155550123',
      to: '14155550100',
      answer_url: host.callbackUrl('answer'),
      answer_method: 'POST',
      ring_url: host.callbackUrl('ring'),
      ring_method: 'POST',
      hangup_url: host.callbackUrl('hangup'),
      hangup_method: 'POST',
      ring_timeout: 25,
      time_limit: 240,
      ...(amd_enabled
        ? {
            machine_detection: 'true',
            machine_detection_url: host.callbackUrl('status'),
            machine_detection_method: 'POST',
          }
        : {}),
    });
  });

  test.each([
    [
      'refuse',
      { outcome: 'refused', detail: 'Vobiz: INSUFFICIENT_BALANCE Account balance too low (HTTP 402)' },
    ],
    [
      'rate-limit',
      {
        outcome: 'not_sent',
        code: 'carrier_busy',
        retryAfterSeconds: 10,
        detail: 'Vobiz: RATE_LIMIT_EXCEEDED Too many calls a second (HTTP 429)',
      },
    ],
  ] as const)('a dial refused with "%s" calls no phone, and has Vobiz’s words', async (play, result) => {
    vendor.play(play);
    expect(await vobiz.placeCall(settings, outboundCall(host), host)).toEqual(result);
  });

  test('a queued and a live call are cancelled under one id; afterwards the call is gone', async () => {
    const call = await placed();
    expect(await vobiz.cancel!(settings, call, host, host)).toEqual({ outcome: 'accepted' });
    vendor.callback(vendor.dials[0]!, 'ringing');
    expect(await vobiz.cancel!(settings, call, host, host)).toEqual({ outcome: 'accepted' });
    vendor.callback(vendor.dials[0]!, 'canceled');
    expect(await vobiz.cancel!(settings, call, host, host)).toEqual({ outcome: 'gone' });
    const path = `DELETE /api/v1/Account/MA_SECRETVOBIZ/Call/${call.callId}`;
    expect(vendor.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      ...[`${path}/`, `${path}/`],
      ...[`${path}/`, path],
    ]);
  });

  test('a call is cancelled by the path of the SDK where that of the documentation is a 401', async () => {
    await useSdkPaths();
    const call = await placed();
    expect(await vobiz.cancel!(settings, call, host, host)).toEqual({ outcome: 'accepted' });
    vendor.callback(vendor.dials[0]!, 'canceled');
    expect(await vobiz.cancel!(settings, call, host, host)).toEqual({ outcome: 'gone' });
  });

  test('a cancellation that Vobiz refuses has its words', async () => {
    const call = await placed();
    for (const status of [401, 500]) {
      host.http = async () => ({ status, body: '{"error":"No"}' });
      expect(await vobiz.cancel!(settings, call, host, host)).toEqual({
        outcome: 'refused',
        detail: `Vobiz: No (HTTP ${String(status)})`,
      });
    }
  });

  const statuses: [CallEvent | null, object][] = [
    [null, { status: 'initiated', rawStatus: 'queued' }],
    ['ringing', { status: 'ringing', rawStatus: 'ringing' }],
    ['answered', { status: 'answered', rawStatus: 'in-progress' }],
    [
      'completed',
      {
        ...ended('callee_hung_up'),
        rawStatus: 'hangup:normal_clearing',
        durationSeconds: 12,
      },
    ],
    ['busy', { ...ended('busy'), rawStatus: 'hangup:user_busy' }],
    ['no-answer', { ...ended('no_answer'), rawStatus: 'hangup:no_answer' }],
    ['failed', { ...ended('invalid_number'), rawStatus: 'hangup:unallocated_number' }],
    ['canceled', { ...ended('canceled'), rawStatus: 'hangup:originator_cancel' }],
  ];
  test.each(statuses)('a call after "%s" has its current status', async (event, expected) => {
    const call = await placed();
    if (event !== null) vendor.callback(vendor.dials[0]!, event);
    expect(await vobiz.askStatus!(settings, call, host)).toMatchObject({ ...expected, callId: call.callId });
  });

  test.each(statuses)(
    'after "%s" it has that status, too, where the paths of the SDK are right',
    async (event, expected) => {
      await useSdkPaths();
      const call = await placed();
      if (event !== null) vendor.callback(vendor.dials[0]!, event);
      expect(await vobiz.askStatus!(settings, call, host)).toMatchObject({
        ...expected,
        callId: call.callId,
      });
    },
  );

  test.each([true, false])(
    'the live calls are listed, whether the path has a slash: %s',
    async (hasSlash) => {
      if (!hasSlash) await useSdkPaths();
      const call = await placed();
      expect(await vobiz.listUnderWay!(settings, host)).toEqual([]);
      vendor.callback(vendor.dials[0]!, 'ringing');
      expect(await vobiz.listUnderWay!(settings, host)).toEqual([call.callId]);
    },
  );

  test.each([401, 404, 308])(
    'where the first path of the list is a %i, the second is tried',
    async (status) => {
      const list = { status: 200, body: '{"api_id":"1","calls":["a"]}' };
      host.http = async ({ url }) => (url.endsWith('/Call/?status=live') ? list : { status, body: '{}' });
      expect(await vobiz.listUnderWay!(settings, host)).toEqual(['a']);
    },
  );

  test('where every path is a 401, the question fails', async () => {
    const call = await placed();
    host.http = async () => ({ status: 401, body: '{}' });
    await expect(vobiz.listUnderWay!(settings, host)).rejects.toThrow('HTTP 401');
    await expect(vobiz.askStatus!(settings, call, host)).rejects.toThrow('HTTP 401');
  });

  test('an unknown call has no status', async () => {
    await placed();
    const stranger = { runId: 8, attempt: 1, callId: 'unknown', status: 'initiated' as const };
    expect(await vobiz.askStatus!(settings, stranger, host)).toBeNull();
  });

  test('a number belongs to the account or not; null if it may be on a further page', async () => {
    expect(await vobiz.ownsNumber!(settings, vobizNumbers[1]!, host)).toBe(true);
    expect(await vobiz.ownsNumber!(settings, '+15550000000', host)).toBe(false);
    const items = [{ e164: '918071387149' }];
    host.http = async () => ({ status: 200, body: JSON.stringify({ items, total: 2 }) });
    expect(await vobiz.ownsNumber!(settings, '+918071387149', host)).toBe(true);
    expect(await vobiz.ownsNumber!(settings, '+15550000000', host)).toBeNull();
    host.http = async () => ({ status: 500, body: '' });
    expect(await vobiz.ownsNumber!(settings, '+15550000000', host)).toBeNull();
  });

  test('credentials that Vobiz refuses are not saved; when Vobiz cannot be reached, saving is allowed', async () => {
    expect(await vobiz.prepare!(settings, host)).toEqual(settings);
    const strangers = { ...settings, auth_token: 'another' };
    host.http = async () => ({ status: 401, body: '{"error":{"code":"UNAUTHORIZED","message":"No"}}' });
    await expect(vobiz.prepare!(strangers, host)).rejects.toMatchObject({
      kind: 'bad_request',
      detail: 'Vobiz: UNAUTHORIZED No (HTTP 401)',
    });
    host.http = async () => ({ status: 503, body: '' });
    expect(await vobiz.prepare!(strangers, host)).toEqual(strangers);
  });
});

describe('vobiz: signatures', () => {
  const url = 'https://example.test/api/v1/telephony/vobiz/hangup-callback/123';
  const nonce = '12345678901234567890';
  const v3 = {
    'x-vobiz-signature-v3': 'xGdTHRoqX4WVHmJJQo6qArotmWVIDqQqSUIq08+0MV8=',
    'x-vobiz-signature-v3-nonce': nonce,
  };
  const v2 = {
    'x-vobiz-signature-v2': 'SWhL/1S9u6fk5K3cqN3Uu9j26vdxYYvQt8MzskJYF9Q=',
    'x-vobiz-signature-v2-nonce': nonce,
  };
  const verify = (headers: Record<string, string>, at = url, purpose: CallbackPurpose = 'hangup') =>
    callbacks.verify(
      { ...settings, auth_token: 'vobiz-auth-token' },
      received({ method: 'POST', url: at, headers, body: 'CallStatus=completed' }, purpose),
    );
  const renamed = (headers: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name.replace(/signature-(v\d)$/, 'signature-ma-$1'),
        value,
      ]),
    );

  test('the golden vectors of both versions are accepted, also from a main account', () => {
    expect([v3, v2, renamed(v3), renamed(v2)].map((headers) => verify(headers))).toEqual(Array(4).fill(true));
  });

  test('the query is not signed', () => {
    expect(verify(v3, `${url}?a=1`)).toBe(true);
  });

  test.each<[string, Record<string, string>, string?]>([
    ['nothing', {}],
    ['no nonce', { 'x-vobiz-signature-v3': v3['x-vobiz-signature-v3'] }],
    ['an empty nonce', { ...v3, 'x-vobiz-signature-v3-nonce': '' }],
    ['another nonce', { ...v3, 'x-vobiz-signature-v3-nonce': '1' }],
    ['the nonce alone', { 'x-vobiz-signature-v3-nonce': nonce }],
    ['a cut signature', { ...v3, 'x-vobiz-signature-v3': v3['x-vobiz-signature-v3'].slice(0, -2) }],
    ['an empty signature', { ...v3, 'x-vobiz-signature-v3': '' }],
    ['another path', v3, url.replace('123', '124')],
    ['another host', v3, url.replace('example.test', 'example.org')],
    ['a signature of the other version', { ...v3, 'x-vobiz-signature-v3': v2['x-vobiz-signature-v2'] }],
    ['a wrong newer signature beside a right older one', { ...v2, ...v3, 'x-vobiz-signature-v3': 'AAAA' }],
    ['a newer signature without its nonce beside a right older one', { ...v2, 'x-vobiz-signature-v3': 'A' }],
  ])('a report with %s is refused', (_what, headers, at = url) => {
    expect(verify(headers, at)).toBe(false);
  });

  test.each<CallbackPurpose>(['ring', 'hangup', 'status'])('a report to "%s" must be signed', (purpose) => {
    expect(verify(v3, url, purpose)).toBe(true);
    expect(verify({}, url, purpose)).toBe(false);
  });

  test('the request for the answer document is not signed by Vobiz', () => {
    expect(verify({}, url, 'answer')).toBe(true);
  });
});

describe('vobiz: reports', () => {
  const form = (fields: Record<string, string>, purpose: CallbackPurpose = 'hangup'): CallbackRequest => {
    const url = host.callbackUrl(purpose);
    const body = new URLSearchParams(fields).toString();
    return received({ method: 'POST', url, headers: signVobiz(url), body }, purpose);
  };

  test.each([
    ['ringing', 'ringing'],
    ['in-progress', 'answered'],
    ['completed', 'talk_ended'],
    ['busy', 'busy'],
    ['no-answer', 'no_answer'],
    ['timeout', 'unreachable'],
    ['cancel', 'canceled'],
    ['failed', 'failed'],
    ['parked', 'unknown'],
  ])('CallStatus %s is %s, and the word is kept', (word, meaning) => {
    const said = callbacks.readStatus(form({ CallStatus: word, CallUUID: 'u-1' }));
    expect(standing(said)).toBe(meaning);
    expect(said).toMatchObject({ rawStatus: word, callId: 'u-1' });
  });

  test.each(['V3', 'V2', 'MA-V3', 'MA-V2'] as const)('the signature %s is accepted', (version) => {
    const url = host.callbackUrl('ring');
    const headers = signVobiz(url, version);
    expect(callbacks.verify(settings, received({ method: 'POST', url, headers }, 'ring'))).toBe(true);
    const strangers = signVobiz(url, version, undefined, 'not-the-token');
    expect(callbacks.verify(settings, received({ method: 'POST', url, headers: strangers }, 'ring'))).toBe(
      false,
    );
  });

  describe('answers', () => {
    const answerTo = async (instructions: Instructions, fields: Record<string, string>) => {
      const call: AnsweredCall = {
        runId: 7,
        attempt: 1,
        configurationId: 3,
        record: false,
        instructions,
        ringTimeoutSeconds: 25,
        voicemail: null,
        maxCallDurationSeconds: 300,
        callbackUrl: (purpose) => host.callbackUrl(purpose),
      };
      const { body } = await callbacks.answer!(call, form(fields, 'answer'), host);
      return String(body).replace('<?xml version="1.0" encoding="UTF-8"?>', '');
    };

    test('a greeting is spoken as data, then the call is hung up', async () => {
      const text = '</Speak><Dial>&';
      expect(await answerTo(announcement(text), { Event: 'StartApp' })).toBe(
        '<Response><Speak language="en-US">&lt;/Speak&gt;&lt;Dial&gt;&amp;</Speak><Hangup/></Response>',
      );
    });

    test('a stream is bidirectional and keeps the call open', async () => {
      const answer = streamTo('wss://agent.example.test/m', { run_id: '7' });
      expect(await answerTo(answer, { Event: 'StartApp' })).toBe(
        '<Response><Stream bidirectional="true" keepCallAlive="true" contentType="audio/x-mulaw;rate=8000"' +
          ' extraHeaders="runId=7">wss://agent.example.test/m</Stream></Response>',
      );
    });

    test('the unsigned request is not read: it only means that the call was answered', async () => {
      const answer = announcement('Hi');
      const fields = { Event: 'Hangup', CallStatus: 'completed', CallUUID: 'another' };
      expect(await answerTo(answer, fields)).toBe(
        '<Response><Speak language="en-US">Hi</Speak><Hangup/></Response>',
      );
      expect(callbacks.readStatus(form(fields, 'answer'))).toEqual({
        status: 'answered',
        rawStatus: 'answer_url',
      });
    });
  });
});

describe('vobiz: configuration', () => {
  test('credentials are trimmed and without characters that a header or a path does not allow', () => {
    expect(configuration.parse({ auth_id: ' MA_1 ', auth_token: ' t ' })).toEqual({
      auth_id: 'MA_1',
      auth_token: 't',
      amd_enabled: false,
    });
    for (const auth_id of ['', 'a/b', '../x', 'a\u0000b', 'x'.repeat(65)]) {
      expect(configuration.safeParse({ auth_id, auth_token: 't' }).success).toBe(false);
    }
    for (const auth_token of ['', 'a b', 'a\r\nb', 'a\u0000b', 'x'.repeat(201)]) {
      expect(configuration.safeParse({ auth_id: 'MA_1', auth_token }).success).toBe(false);
    }
  });
});
