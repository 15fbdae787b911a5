/** Requests to Twilio, with its SDK as the oracle: the same requests. */
import sdk from 'twilio';
import type { CarrierCall } from '../../../../trigger-server/src/carriers/port/call';
import { twilio } from '../../../../trigger-server/src/carriers/providers/twilio';
import { telephonyProviderContract } from '../../../contracts/telephony-provider';
import { ended } from '../../../../trigger-server/src/carriers/port/report';
import type { ReceivedRequest } from '../../../support/local-server';
import { outboundCall, vendorHost, type VendorHost } from '../../../support/vendors/host';
import { accountSid, authToken, startTwilio } from '../../../support/vendors/twilio';
import { forbiddenDestination, foreignNumber, verifiedCallerId } from '../../../support/vendors/twiml';
import type { CallEvent, Vendor } from '../../../support/vendors/vendor';

telephonyProviderContract({
  name: 'twilio',
  startVendor: startTwilio,
  configuration: () => ({ account_sid: accountSid, auth_token: authToken }),
  environment: (vendor) => ({ TWILIO_API_BASE_URL: vendor.origin }),
  signs: { status: true, answer: true },
});

const configuration = {
  account_sid: accountSid,
  auth_token: authToken,
  amd_enabled: false,
  conversation_relay: false,
};
const strangers = { ...configuration, auth_token: 'not-the-SECRET' };

let vendor: Vendor;
let host: VendorHost;
beforeEach(async () => {
  vendor = await startTwilio();
  host = vendorHost('twilio', { origin: vendor.origin });
});
afterEach(async () => {
  await host.close();
  await vendor.close();
});

/** Twilio's own client, with its requests sent to the loopback vendor. */
class LoopbackClient extends sdk.RequestClient {
  override request: sdk.RequestClient['request'] = (options) => {
    const { pathname, search } = new URL(options.uri);
    return super.request({ ...options, uri: `${vendor.origin}${pathname}${search}` });
  };
}

function sdkClient() {
  return sdk(accountSid, authToken, { httpClient: new LoopbackClient() });
}

/** A request without the order of its fields and without a client's own headers, which Twilio ignores. */
function facts(request: ReceivedRequest | undefined) {
  if (request === undefined) throw new Error('There was no such request');
  const fields = [...new URLSearchParams(request.body.toString('utf8'))];
  return {
    method: request.method,
    url: request.url,
    authorization: request.headers.authorization,
    contentType: request.method === 'POST' ? request.headers['content-type'] : undefined,
    fields: fields.map(([name, value]) => `${name}=${value}`).sort(),
  };
}

async function placedCall(): Promise<{ dial: ReceivedRequest; call: CarrierCall }> {
  const placed = await twilio.placeCall(configuration, outboundCall(host), host);
  if (placed.outcome !== 'placed') throw new Error('The call was not placed');
  const dial = vendor.dials.at(-1);
  if (dial === undefined) throw new Error('The vendor was not dialled');
  return { dial, call: { runId: 7, attempt: 1, callId: placed.callId, status: 'initiated' } };
}

describe('requests', () => {
  test.each([false, true])('a dial is the one of the SDK, machine detection: %s', async (amd_enabled) => {
    const placed = await twilio.placeCall({ ...configuration, amd_enabled }, outboundCall(host), host);
    const theirs = await sdkClient().calls.create({
      to: '+14155550100',
      from: '+14155550123',
      url: host.callbackUrl('answer'),
      method: 'POST',
      statusCallback: host.callbackUrl('status'),
      statusCallbackMethod: 'POST',
      statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
      timeout: 25,
      timeLimit: 240,
      ...(amd_enabled ? { machineDetection: 'Enable' } : {}),
    });
    expect(theirs.status).toBe('queued');
    expect(vendor.dials).toHaveLength(2);
    expect(facts(vendor.dials[0])).toEqual(facts(vendor.dials[1]));
    expect(placed).toEqual({
      outcome: 'placed',
      callId: 'CA00000000000000000000000000000001',
      callerNumber: '+14155550123',
    });
  });

  test('asking about a call, and ending it, are the requests of the SDK', async () => {
    const { call } = await placedCall();
    await twilio.askStatus?.(configuration, call, host);
    await sdkClient().calls(call.callId).fetch();
    await twilio.cancel?.(configuration, call, host, host);
    const again = await placedCall();
    await sdkClient().calls(again.call.callId).update({ status: 'canceled' });
    const [asked, fetched, cancelled, updated] = vendor.requests.map(facts);
    expect(asked).toEqual(fetched);
    expect(cancelled).toEqual({ ...updated, url: updated?.url.replace(again.call.callId, call.callId) });
  });

  test('asking for a number is the request of the SDK, except for its paging', async () => {
    await twilio.ownsNumber?.(configuration, verifiedCallerId, host);
    await sdkClient().incomingPhoneNumbers.list({ phoneNumber: verifiedCallerId });
    await sdkClient().outgoingCallerIds.list({ phoneNumber: verifiedCallerId });
    const [incoming, outgoing, theirIncoming, theirOutgoing] = vendor.requests.map(facts);
    expect(incoming).toEqual(theirIncoming);
    expect(outgoing).toEqual(theirOutgoing);
  });

  test('asking for the account is the request of the SDK', async () => {
    await twilio.prepare?.(configuration, host);
    await sdkClient().api.v2010.accounts(accountSid).fetch();
    const [ours, theirs] = vendor.requests.map(facts);
    expect(ours).toEqual(theirs);
  });
});

describe('refusals', () => {
  test('an invalid number is refused in Twilio’s words', async () => {
    vendor.play('refuse');
    expect(await twilio.placeCall(configuration, outboundCall(host), host)).toEqual({
      outcome: 'refused',
      detail: 'Twilio: 21211 The phone number you are attempting to call is not valid. (HTTP 400)',
    });
  });

  test('so is a country without permission', async () => {
    const call = outboundCall(host, { to: forbiddenDestination });
    expect(await twilio.placeCall(configuration, call, host)).toEqual({
      outcome: 'refused',
      detail: 'Twilio: 21215 Account not authorized to call this country. Enable its permission. (HTTP 400)',
    });
  });

  test('so are too many requests, without a retry', async () => {
    vendor.play('rate-limit');
    expect(await twilio.placeCall(configuration, outboundCall(host), host)).toEqual({
      outcome: 'not_sent',
      code: 'carrier_busy',
      retryAfterSeconds: 10,
      detail: 'Twilio: 20429 Too Many Requests (HTTP 429)',
    });
    expect(vendor.dials).toHaveLength(1);
  });

  test('so are wrong credentials, at a dial and on save', async () => {
    expect(await twilio.placeCall(strangers, outboundCall(host), host)).toEqual({
      outcome: 'refused',
      detail: 'Twilio: 20003 Authenticate (HTTP 401)',
    });
    await expect(twilio.prepare?.(strangers, host)).rejects.toMatchObject({
      kind: 'bad_request',
      detail: 'Twilio: 20003 Authenticate (HTTP 401)',
    });
  });

  test('the log of a dial without a reply has neither number nor credentials', async () => {
    vendor.play('reset');
    expect(await twilio.placeCall(configuration, outboundCall(host), host)).toEqual({ outcome: 'unknown' });
    expect(host.logLines).toHaveLength(1);
    expect(host.logLines.join()).not.toMatch(/SECRET|4155550/);
  });
});

describe('ending a call', () => {
  const sent = () => vendor.requests.map(({ body }) => body.toString('utf8'));

  test('a queued or ringing call is canceled, and an answered one completed', async () => {
    const { dial, call } = await placedCall();
    expect(await twilio.cancel?.(configuration, call, host, host)).toEqual({ outcome: 'accepted' });
    vendor.callback(dial, 'answered');
    const answered = { ...call, status: 'answered' as const };
    expect(await twilio.cancel?.(configuration, answered, host, host)).toEqual({ outcome: 'accepted' });
    expect(sent()).toEqual(['Status=canceled', 'Status=completed']);
  });

  test('a call that is answered before it can be canceled is also ended', async () => {
    const { dial, call } = await placedCall();
    vendor.callback(dial, 'answered');
    expect(await twilio.cancel?.(configuration, call, host, host)).toEqual({ outcome: 'accepted' });
    expect(sent()).toEqual(['Status=canceled', 'Status=completed']);
  });

  test('a call that has ended, and one that never existed, are gone', async () => {
    const { dial, call } = await placedCall();
    vendor.callback(dial, 'busy');
    expect(await twilio.cancel?.(configuration, call, host, host)).toEqual({ outcome: 'gone' });
    expect(await twilio.cancel?.(configuration, { ...call, callId: 'CAunknown' }, host, host)).toEqual({
      outcome: 'gone',
    });
  });

  test('a refusal has Twilio’s words', async () => {
    const { call } = await placedCall();
    expect(await twilio.cancel?.(strangers, call, host, host)).toEqual({
      outcome: 'refused',
      detail: 'Twilio: 20003 Authenticate (HTTP 401)',
    });
  });
});

describe('questions', () => {
  test.each([
    ['ringing', { status: 'ringing', rawStatus: 'ringing' }],
    ['answered', { status: 'answered', rawStatus: 'in-progress' }],
    ['completed', { ...ended('talk_ended'), rawStatus: 'completed', durationSeconds: 12 }],
    ['busy', { ...ended('busy'), rawStatus: 'busy' }],
    ['no-answer', { ...ended('no_answer'), rawStatus: 'no-answer' }],
    ['failed', { ...ended('failed'), rawStatus: 'failed' }],
    ['canceled', { ...ended('canceled'), rawStatus: 'canceled' }],
  ] satisfies [CallEvent, object][])('a call after "%s" has its current status', async (event, report) => {
    const { dial, call } = await placedCall();
    vendor.callback(dial, event);
    expect(await twilio.askStatus?.(configuration, call, host)).toMatchObject({
      ...report,
      callId: call.callId,
    });
  });

  test('only a number of the account, or a caller ID verified for it, may be used', async () => {
    const owned = (number: string) => twilio.ownsNumber?.(configuration, number, host);
    expect(await owned('+14155550123')).toBe(true);
    expect(await owned(verifiedCallerId)).toBe(true);
    expect(await owned(foreignNumber)).toBe(false);
  });

  test('an unknown call has no status; without Twilio a status request fails, and saving is allowed', async () => {
    const { call } = await placedCall();
    expect(await twilio.askStatus?.(configuration, { ...call, callId: 'CAunknown' }, host)).toBeNull();
    expect(await twilio.ownsNumber?.(strangers, '+14155550123', host)).toBeNull();
    await expect(twilio.askStatus?.(strangers, call, host)).rejects.toThrow('HTTP 401');
    await vendor.close();
    await expect(twilio.askStatus?.(configuration, call, host)).rejects.toThrow();
    expect(await twilio.ownsNumber?.(configuration, '+14155550123', host)).toBeNull();
    expect(await twilio.prepare?.(configuration, host)).toEqual(configuration);
    expect(host.logLines.join()).not.toMatch(/SECRET|4155550/);
    vendor = await startTwilio();
  });
});

describe('configuration', () => {
  test('surrounding spaces are removed, and machine detection and the relay are off by default', () => {
    const pasted = { account_sid: ` ${accountSid}\n`, auth_token: ` ${authToken} ` };
    expect(twilio.configuration.parse(pasted)).toEqual(configuration);
  });

  test.each([
    ['account_sid', 'SK00000000000000000000000000000001'],
    ['account_sid', `${accountSid}/../x`],
    ['account_sid', ''],
    ['auth_token', ''],
    ['auth_token', 'two words'],
    ['auth_token', 'nul\u0000'],
    ['auth_token', 'x'.repeat(201)],
  ])('%s cannot be %j', (field, value) => {
    const result = twilio.configuration.safeParse({ ...configuration, [field]: value });
    expect(result.error?.issues.map(({ path }) => path)).toEqual([[field]]);
  });
});
