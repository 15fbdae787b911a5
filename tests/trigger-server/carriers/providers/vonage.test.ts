/** Vonage, with its SDK as the oracle: same requests, same tokens, same documents. The SDK runs as a process. */
import { createPublicKey } from 'node:crypto';
import { verify as verifyToken, type JwtPayload } from 'jsonwebtoken';
import { vonage } from '../../../../trigger-server/src/carriers/providers/vonage';
import { telephonyProviderContract } from '../../../contracts/telephony-provider';
import { ended } from '../../../../trigger-server/src/carriers/port/report';
import type { ReceivedRequest } from '../../../support/local-server';
import { outboundCall, vendorHost, type VendorHost } from '../../../support/vendors/host';
import type { CallEvent, Vendor } from '../../../support/vendors/vendor';
import {
  foreignNumber,
  startVonage,
  unusableApplications,
  vonageSettings,
} from '../../../support/vendors/vonage';
import { vonageOracle } from '../../../support/vendors/vonage-oracle';

telephonyProviderContract({
  name: 'vonage',
  startVendor: startVonage,
  configuration: () => ({ ...vonageSettings }),
  environment: (vendor) => ({ VONAGE_API_BASE_URL: vendor.origin }),
  signs: { status: true, answer: false },
});

const configuration = vonage.configuration.parse(vonageSettings);
const strangers = { ...configuration, api_secret: 'not-the-SECRET' };
const { application_id: applicationId, private_key: privateKey } = configuration;
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

/** The SDK, with its requests sent to the loopback vendor. */
function sdk(task: object): Promise<unknown> {
  return vonageOracle({ ...task, apiHost: vendor.origin, applicationId, privateKey });
}

/** A request without the order of its fields and without the time of its token, which do not matter. */
function facts({ method, url, headers, body }: ReceivedRequest) {
  const [scheme, token = ''] = (headers.authorization ?? '').split(' ');
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
  const { header, payload } = verifyToken(token, publicKey, { complete: true, ignoreExpiration: true });
  const { exp = 0, iat = 0, jti, ...claims } = payload as JwtPayload;
  const text = body.toString('utf8');
  return {
    method,
    url,
    scheme,
    header,
    claims: { ...claims, seconds: exp - iat, jti: /^[0-9a-f-]{36}$/.test(jti ?? '') },
    body: text === '' ? null : (JSON.parse(text) as unknown),
  };
}

async function placedCall() {
  const placed = await vonage.placeCall(configuration, outboundCall(host), host);
  if (placed.outcome !== 'placed') throw new Error('The call was not placed');
  const dial = vendor.dials.at(-1);
  if (dial === undefined) throw new Error('The vendor was not dialled');
  return { dial, call: { runId: 7, attempt: 1, callId: placed.callId, status: 'initiated' as const } };
}

const ed25519Key =
  '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n-----END PRIVATE KEY-----';

describe('configuration', () => {
  const reasons = (wish: object) =>
    vonage.configuration
      .safeParse({ ...vonageSettings, ...wish })
      .error?.issues.map(({ message }) => message);

  test.each([undefined, '', '  '])('is refused without a signature secret (%j), with the reason', (value) => {
    expect(reasons({ signature_secret: value })).toEqual([
      expect.stringContaining('unanswered calls would never end'),
    ]);
  });

  test.each(['secret', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----', ed25519Key])(
    'is refused with a private key that is not an RSA key in PEM',
    (private_key) => {
      expect(reasons({ private_key })).toEqual([expect.stringContaining('Paste the whole private.key file')]);
    },
  );

  test('accepts a private key whose line breaks were written as \\n', () => {
    const private_key = privateKey.replaceAll('\n', '\\n');
    expect(vonage.configuration.parse({ ...vonageSettings, private_key }).private_key).toBe(privateKey);
  });
});

describe('requests', () => {
  test.each([
    ['no machine detection', {}, {}],
    [
      'standard machine detection',
      { amd_enabled: true, amd_behavior: 'hangup' as const },
      { machineDetection: 'hangup' },
    ],
    [
      'advanced machine detection',
      { amd_enabled: true, amd_mode: 'detect_beep' as const },
      { advancedMachineDetection: { behavior: 'continue', mode: 'detect_beep' } },
    ],
  ])('a dial with %s is the one of the SDK', async (_what, wish, theirs) => {
    const placed = await vonage.placeCall({ ...configuration, ...wish }, outboundCall(host), host);
    const call = {
      to: [{ type: 'phone', number: '14155550100' }],
      from: { type: 'phone', number: '14155550123' },
      answerUrl: [host.callbackUrl('answer')],
      answerMethod: 'GET',
      eventUrl: [host.callbackUrl('status')],
      eventMethod: 'POST',
      ringingTimer: 25,
      lengthTimer: 240,
      ...theirs,
    };
    expect(await sdk({ name: 'dial', call })).toMatchObject({ status: 'started' });
    const [ours, sdks] = vendor.dials.map(facts);
    expect(ours).toEqual(sdks);
    expect(placed).toEqual({
      outcome: 'placed',
      callId: '63f61863-4a51-4f6b-86e1-000000000001',
      callerNumber: '+14155550123',
    });
  });

  test('a token is valid for a quarter of an hour from the request', async () => {
    await placedCall();
    const token = vendor.dials[0]?.headers.authorization?.split(' ')[1] ?? '';
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as JwtPayload;
    const now = host.clock.now().getTime() / 1000;
    expect(claims).toMatchObject({ application_id: applicationId, iat: now, exp: now + 900 });
  });

  test('without a caller ID, Vonage picks a number of the application', async () => {
    const placed = await vonage.placeCall(configuration, outboundCall(host, { from: null }), host);
    expect(placed).toMatchObject({ outcome: 'placed', callerNumber: null });
    expect(facts(vendor.dials[0]!).body).toMatchObject({ random_from_number: true });
  });

  test('asking about a call, and ending it, are the requests of the SDK', async () => {
    const { call } = await placedCall();
    await vonage.askStatus?.(configuration, call, host);
    await sdk({ name: 'status', uuid: call.callId });
    await vonage.cancel?.(configuration, call, host, host);
    const again = await placedCall();
    await sdk({ name: 'hangup', uuid: again.call.callId });
    const [asked, fetched, cancelled, hungUp] = vendor.requests.map(facts);
    expect(asked).toEqual(fetched);
    expect(cancelled).toEqual({ ...hungUp, url: `/v1/calls/${call.callId}` });
  });
});

describe('refusals', () => {
  test('an invalid number is refused in Vonage’s words', async () => {
    vendor.play('refuse');
    expect(await vonage.placeCall(configuration, outboundCall(host), host)).toEqual({
      outcome: 'refused',
      detail:
        'Vonage: Bad Request: Your request parameters did not validate.: to[0].number: is not a phone number (HTTP 400)',
    });
  });

  test('so are a wrong application, and too many calls', async () => {
    const other = { ...configuration, application_id: unusableApplications.unknown };
    expect(await vonage.placeCall(other, outboundCall(host), host)).toEqual({
      outcome: 'refused',
      detail: 'Vonage: Unauthorized (HTTP 401)',
    });
    vendor.play('rate-limit');
    expect(await vonage.placeCall(configuration, outboundCall(host), host)).toEqual({
      outcome: 'not_sent',
      code: 'carrier_busy',
      retryAfterSeconds: 10,
      detail: 'Vonage: Rate Limited: Too many calls a second. (HTTP 429)',
    });
  });

  test('the log of a dial without a reply has neither number nor credentials', async () => {
    vendor.play('reset');
    expect(await vonage.placeCall(configuration, outboundCall(host), host)).toEqual({ outcome: 'unknown' });
    expect(host.logLines).toHaveLength(1);
    expect(host.logLines.join()).not.toMatch(/SECRET|PRIVATE KEY|4155550/);
  });

  test.each([
    ['that does not exist', { application_id: unusableApplications.unknown }, /^Vonage: Not Found/],
    ['without voice', { application_id: unusableApplications.withoutVoice }, /no Voice capability/],
    [
      'without signed webhooks',
      { application_id: unusableApplications.unsigned },
      /does not sign its webhooks/,
    ],
    ['of another key', { application_id: unusableApplications.withAnotherKey }, /private key is not the one/],
    ['of another account', { api_secret: 'not-the-SECRET' }, /^Vonage: 401: authentication failed/],
  ])('an application %s is not saved', async (_what, wish, detail) => {
    await expect(vonage.prepare?.({ ...configuration, ...wish }, host)).rejects.toMatchObject({
      kind: 'bad_request',
      detail: expect.stringMatching(detail),
    });
  });

  test('an application without a fault is saved unchanged', async () => {
    expect(await vonage.prepare?.(configuration, host)).toEqual(configuration);
  });
});

describe('ending a call', () => {
  test('Vonage ends an active call; one that has ended, or never existed, is gone', async () => {
    const { call } = await placedCall();
    expect(await vonage.cancel?.(configuration, call, host, host)).toEqual({ outcome: 'accepted' });
    expect(await vonage.cancel?.(configuration, call, host, host)).toEqual({ outcome: 'gone' });
    const unknown = { ...call, callId: '../v2/applications' };
    expect(await vonage.cancel?.(configuration, unknown, host, host)).toEqual({ outcome: 'gone' });
    expect(vendor.requests.at(-1)?.url).toBe('/v1/calls/..%2Fv2%2Fapplications');
  });

  test('a refusal has Vonage’s words', async () => {
    const { call } = await placedCall();
    const other = { ...configuration, application_id: unusableApplications.unknown };
    expect(await vonage.cancel?.(other, call, host, host)).toEqual({
      outcome: 'refused',
      detail: 'Vonage: Unauthorized (HTTP 401)',
    });
  });
});

describe('questions', () => {
  test.each([
    ['ringing', { status: 'ringing', rawStatus: 'ringing' }],
    ['answered', { status: 'answered', rawStatus: 'answered' }],
    ['completed', { ...ended('talk_ended'), rawStatus: 'completed', durationSeconds: 12 }],
    ['busy', { ...ended('busy'), rawStatus: 'busy' }],
    ['no-answer', { ...ended('no_answer'), rawStatus: 'timeout' }],
    ['failed', { ...ended('failed'), rawStatus: 'failed' }],
    ['canceled', { ...ended('canceled'), rawStatus: 'cancelled' }],
  ] satisfies [CallEvent, object][])('a call after "%s" has its current status', async (event, report) => {
    const { dial, call } = await placedCall();
    vendor.callback(dial, event);
    expect(await vonage.askStatus?.(configuration, call, host)).toMatchObject({
      ...report,
      callId: call.callId,
    });
  });

  test('only a number of the account may be used', async () => {
    expect(await vonage.ownsNumber?.(configuration, '+14155550123', host)).toBe(true);
    expect(await vonage.ownsNumber?.(configuration, foreignNumber, host)).toBe(false);
    expect(vendor.requests[0]?.url).toBe('/account/numbers?pattern=14155550123&search_pattern=0');
  });

  test('an unknown call has no status; without Vonage a status request fails, and saving is allowed', async () => {
    const { call } = await placedCall();
    expect(await vonage.askStatus?.(configuration, { ...call, callId: 'unknown' }, host)).toBeNull();
    expect(await vonage.ownsNumber?.(strangers, '+14155550123', host)).toBeNull();
    await vendor.close();
    await expect(vonage.askStatus?.(configuration, call, host)).rejects.toThrow();
    expect(await vonage.ownsNumber?.(configuration, '+14155550123', host)).toBeNull();
    expect(await vonage.prepare?.(configuration, host)).toEqual(configuration);
    expect(host.logLines.join()).not.toMatch(/SECRET|PRIVATE KEY|4155550/);
    vendor = await startVonage();
  });
});
