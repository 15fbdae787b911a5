/** Twilio, with its own SDK as the oracle: same requests, same signatures, same documents. */
import fc from 'fast-check';
import sdk from 'twilio';
import type { AnsweredCall, CarrierCall } from '../../../../trigger-server/src/telephony/provider';
import { twilio } from '../../../../trigger-server/src/telephony/providers/twilio';
import { telephonyProviderContract } from '../../../contracts/telephony-provider';
import type { ReceivedRequest } from '../../../support/local-server';
import { outboundCall, received, vendorHost, type VendorHost } from '../../../support/vendors/host';
import {
  accountSid,
  authToken,
  forbiddenDestination,
  foreignNumber,
  startTwilio,
  twilioCallback,
  verifiedCallerId,
} from '../../../support/vendors/twilio';
import type { CallEvent, Vendor } from '../../../support/vendors/vendor';

telephonyProviderContract({
  name: 'twilio',
  startVendor: startTwilio,
  configuration: () => ({ account_sid: accountSid, auth_token: authToken }),
  environment: (vendor) => ({ TWILIO_API_BASE_URL: vendor.origin }),
  signs: { status: true, answer: true },
});

const configuration = { account_sid: accountSid, auth_token: authToken, amd_enabled: false };
const strangers = { ...configuration, auth_token: 'not-the-SECRET' };
const { callbacks } = twilio;
if (callbacks?.answer === undefined) throw new Error('Twilio asks for documents');
const { verify, readStatus, answer } = callbacks;

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

/** Twilio's own client, led to the loopback vendor. */
class LoopbackClient extends sdk.RequestClient {
  override request: sdk.RequestClient['request'] = (options) => {
    const { pathname, search } = new URL(options.uri);
    return super.request({ ...options, uri: `${vendor.origin}${pathname}${search}` });
  };
}

function sdkClient() {
  return sdk(accountSid, authToken, { httpClient: new LoopbackClient() });
}

/** A request as Twilio reads it: neither the order of fields nor a client's own headers matter. */
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
  return { dial, call: { runId: 7, callId: placed.callId, status: 'initiated' } };
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
    await twilio.cancel?.(configuration, call, host);
    const again = await placedCall();
    await sdkClient().calls(again.call.callId).update({ status: 'completed' });
    const [asked, fetched, cancelled, updated] = vendor.requests.map(facts);
    expect(asked).toEqual(fetched);
    expect(cancelled).toEqual({ ...updated, url: updated?.url.replace(again.call.callId, call.callId) });
  });

  test('asking for a number is the request of the SDK, but for its paging', async () => {
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

  test('so are too many requests, and they are not tried again', async () => {
    vendor.play('rate-limit');
    expect(await twilio.placeCall(configuration, outboundCall(host), host)).toEqual({
      outcome: 'refused',
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

  test('neither number nor credentials are in the log of a dial that got no reply', async () => {
    vendor.play('reset');
    expect(await twilio.placeCall(configuration, outboundCall(host), host)).toEqual({ outcome: 'unknown' });
    expect(host.logLines).toHaveLength(1);
    expect(host.logLines.join()).not.toMatch(/SECRET|4155550/);
  });
});

describe('ending a call', () => {
  test('Twilio ends a call that waits or rings', async () => {
    const { call } = await placedCall();
    expect(await twilio.cancel?.(configuration, call, host)).toEqual({ outcome: 'accepted' });
  });

  test('a call that has ended, and one that never was, are gone', async () => {
    const { dial, call } = await placedCall();
    vendor.callback(dial, 'busy');
    expect(await twilio.cancel?.(configuration, call, host)).toEqual({ outcome: 'gone' });
    expect(await twilio.cancel?.(configuration, { ...call, callId: 'CAunknown' }, host)).toEqual({
      outcome: 'gone',
    });
  });

  test('a refusal is told in Twilio’s words', async () => {
    const { call } = await placedCall();
    expect(await twilio.cancel?.(strangers, call, host)).toEqual({
      outcome: 'refused',
      detail: 'Twilio: 20003 Authenticate (HTTP 401)',
    });
  });
});

describe('questions', () => {
  test.each([
    ['ringing', { status: 'ringing', rawStatus: 'ringing' }],
    ['answered', { status: 'answered', rawStatus: 'in-progress' }],
    ['completed', { status: 'completed', rawStatus: 'completed', durationSeconds: 12 }],
    ['busy', { status: 'busy', rawStatus: 'busy' }],
    ['no-answer', { status: 'no-answer', rawStatus: 'no-answer' }],
    ['failed', { status: 'failed', rawStatus: 'failed' }],
    ['canceled', { status: 'canceled', rawStatus: 'canceled' }],
  ] satisfies [CallEvent, object][])('a call after "%s" is told as it stands', async (event, report) => {
    const { dial, call } = await placedCall();
    vendor.callback(dial, event);
    expect(await twilio.askStatus?.(configuration, call, host)).toEqual({ ...report, callId: call.callId });
  });

  test('a number of the account, and a caller ID verified for it, may be used; another may not', async () => {
    const owned = (number: string) => twilio.ownsNumber?.(configuration, number, host);
    expect(await owned('+14155550123')).toBe(true);
    expect(await owned(verifiedCallerId)).toBe(true);
    expect(await owned(foreignNumber)).toBe(false);
  });

  test('what Twilio does not say is not known, and keeps nobody from saving', async () => {
    const { call } = await placedCall();
    expect(await twilio.askStatus?.(configuration, { ...call, callId: 'CAunknown' }, host)).toBeNull();
    expect(await twilio.ownsNumber?.(strangers, '+14155550123', host)).toBeNull();
    await vendor.close();
    expect(await twilio.askStatus?.(configuration, call, host)).toBeNull();
    expect(await twilio.ownsNumber?.(configuration, '+14155550123', host)).toBeNull();
    expect(await twilio.prepare?.(configuration, host)).toEqual(configuration);
    expect(host.logLines.join()).not.toMatch(/SECRET|4155550/);
    vendor = await startTwilio();
  });
});

describe('signatures', () => {
  const url = 'https://calls.example.test/api/v1/telephony/callbacks/twilio/status/7/token';
  const fields = { CallSid: 'CA1', CallStatus: 'completed', CallDuration: '12', To: '+14155550100' };

  test.each([
    [
      'twilio-auth-token',
      'https://example.test/api/v1/telephony/twiml?workflow_id=7&workflow_run_id=123&organization_id=11',
      { CallSid: 'CA123', CallStatus: 'in-progress' },
      'lZV4765ydCzoSbAudJsxtBG37yo=',
    ],
    [
      '12345',
      'https://mycompany.com/myapp.php?foo=1&bar=2',
      {
        CallSid: 'CA1234567890ABCDE',
        Caller: '+14158675309',
        Digits: '1234',
        From: '+14158675309',
        To: '+18005551212',
      },
      'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
    ],
  ])('the published signature made with %s is accepted', (auth_token, signedUrl, form, signature) => {
    const request = received({
      method: 'POST',
      url: signedUrl,
      headers: { 'x-twilio-signature': signature },
      body: new URLSearchParams(form).toString(),
    });
    expect(verify({ ...configuration, auth_token }, request)).toBe(true);
  });

  const signed = twilioCallback(url, fields);
  const { 'x-twilio-signature': signature = '' } = signed.headers;
  const body = (form: Record<string, string>) => new URLSearchParams(form).toString();
  test.each([
    ['as Twilio sent it', true, signed],
    [
      'with its fields in another order',
      true,
      { ...signed, body: signed.body?.split('&').reverse().join('&') },
    ],
    ['with another value', false, { ...signed, body: body({ ...fields, CallStatus: 'busy' }) }],
    ['with a field more', false, { ...signed, body: body({ ...fields, AnsweredBy: 'human' }) }],
    ['with a field less', false, { ...signed, body: body({ CallSid: 'CA1' }) }],
    ['without a body', false, { ...signed, body: '' }],
    ['at another run', false, { ...signed, url: url.replace('/7/', '/8/') }],
    ['at another host', false, { ...signed, url: url.replace('calls.', 'evil.') }],
    ['with a query', false, { ...signed, url: `${url}?run=8` }],
    ['over plain HTTP', false, { ...signed, url: url.replace('https:', 'http:') }],
    [
      'signed for the URL with its port',
      true,
      { ...twilioCallback(url.replace('.test/', '.test:443/'), fields), url },
    ],
    [
      'signed for another port',
      false,
      { ...twilioCallback(url.replace('.test/', '.test:8443/'), fields), url },
    ],
    ['without a signature', false, { ...signed, headers: {} }],
    ['with an empty signature', false, { ...signed, headers: { 'x-twilio-signature': '' } }],
    [
      'with half a signature',
      false,
      { ...signed, headers: { 'x-twilio-signature': signature.slice(0, 14) } },
    ],
    ['with something else', false, { ...signed, headers: { 'x-twilio-signature': 'é'.repeat(28) } }],
  ])('a callback %s: we and the SDK say %s', (_what, accepted, callback) => {
    const request = received(callback);
    const form = Object.fromEntries(new URLSearchParams(request.body.toString()));
    expect(
      sdk.validateRequest(authToken, request.header('X-Twilio-Signature') ?? '', callback.url, form),
    ).toBe(accepted);
    expect(verify(configuration, request)).toBe(accepted);
  });

  test('a public address with a port of its own is signed with it or without it', () => {
    const ported = url.replace('.test/', '.test:8443/');
    for (const signedUrl of [ported, url]) {
      const callback = { ...twilioCallback(signedUrl, fields), url: ported };
      expect(
        sdk.validateRequest(authToken, callback.headers['x-twilio-signature'] ?? '', ported, fields),
      ).toBe(true);
      expect(verify(configuration, received(callback))).toBe(true);
    }
  });

  test('another account’s token accepts nothing', () => {
    expect(verify(strangers, received(signed))).toBe(false);
  });

  test('an address that is none is refused, not thrown at', () => {
    expect(verify(configuration, received({ ...signed, url: 'not an address' }))).toBe(false);
  });

  test('whatever form the SDK signs is accepted, and refused once a value is longer', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 });
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}$/);
    fc.assert(
      fc.property(
        fc.dictionary(name, fc.oneof(text, fc.array(text, { minLength: 1 })), { minKeys: 1 }),
        (form) => {
          const entries = Object.entries(form).flatMap(([key, value]) =>
            [value].flat().map((one): [string, string] => [key, one]),
          );
          const headers = { 'x-twilio-signature': sdk.getExpectedTwilioSignature(authToken, url, form) };
          const send = (list: [string, string][]) =>
            received({ method: 'POST', url, headers, body: new URLSearchParams(list).toString() });
          expect(verify(configuration, send(entries))).toBe(true);
          const [[key, value], ...others] = entries as [[string, string], ...[string, string][]];
          expect(verify(configuration, send([[key, `${value}x`], ...others]))).toBe(false);
        },
      ),
    );
  });
});

describe('reports', () => {
  const url = 'https://calls.example.test/status';
  const read = (fields: Record<string, string>) => readStatus(received(twilioCallback(url, fields)));

  test.each([
    ['queued', 'initiated'],
    ['initiated', 'initiated'],
    ['ringing', 'ringing'],
    ['in-progress', 'answered'],
    ['completed', 'completed'],
    ['busy', 'busy'],
    ['no-answer', 'no-answer'],
    ['canceled', 'canceled'],
    ['failed', 'failed'],
    ['transferred', 'unknown'],
    ['Completed', 'unknown'],
    ['constructor', 'unknown'],
  ])('CallStatus %s means %s, and the word is kept', (word, status) => {
    expect(read({ CallSid: 'CA1', CallStatus: word })).toEqual({ status, rawStatus: word, callId: 'CA1' });
  });

  test('the seconds of a completed call are read; what is no number is left out', () => {
    expect(read({ CallStatus: 'completed', CallDuration: '12' })).toMatchObject({ durationSeconds: 12 });
    expect(read({ CallStatus: 'completed', CallDuration: 'long' })).not.toHaveProperty('durationSeconds');
  });

  test('a failed call keeps the SIP response that ended it', () => {
    expect(read({ CallStatus: 'failed', SipResponseCode: '404' })).toEqual({
      status: 'failed',
      rawStatus: 'failed:sip_404',
    });
  });

  test.each([
    ['machine_start', 'voicemail_detected'],
    ['machine_end_beep', 'voicemail_detected'],
    ['machine_end_silence', 'voicemail_detected'],
    ['machine_end_other', 'voicemail_detected'],
    ['human', undefined],
    ['fax', undefined],
    ['unknown', undefined],
  ])(
    'who answered (%s) goes to the run, and a machine is the reason of its end',
    (answered_by, disposition) => {
      expect(read({ CallStatus: 'in-progress', AnsweredBy: answered_by })).toEqual({
        status: 'answered',
        rawStatus: 'in-progress',
        gathered: { answered_by },
      });
      expect(read({ CallStatus: 'completed', AnsweredBy: answered_by })?.disposition).toBe(disposition);
    },
  );

  test('a form without CallStatus is a bad request', () => {
    for (const fields of [{}, { CallSid: 'CA1' }, { CallStatus: '' }]) {
      expect(() => read(fields)).toThrow(expect.objectContaining({ kind: 'bad_request' }));
    }
  });
});

describe('documents', () => {
  const request = () => received(twilioCallback('https://calls.example.test/answer', {}), 'answer');

  async function document(instruction: AnsweredCall['answer']) {
    const call: AnsweredCall = {
      runId: 7,
      answer: instruction,
      maxCallDurationSeconds: 240,
      callbackUrl: (purpose) => host.callbackUrl(purpose),
    };
    const { contentType, body } = await answer(call, request(), host);
    expect(contentType).toBe('text/xml');
    return spelled(String(body));
  }

  /** XML may spell these three as themselves or as entities; what could open a tag must not. */
  function spelled(xml: string): string {
    return xml.replaceAll('&quot;', '"').replaceAll('&apos;', "'").replaceAll('&gt;', '>');
  }

  test.each([
    'Hello Jane',
    'Zoë & “Co”',
    '</Say><Dial>+19005550100</Dial><Say>',
    '&lt;Hangup/&gt; ]]>',
    'It\'s "5"',
  ])('an announcement is the document of the SDK: %s', async (text) => {
    const theirs = new sdk.twiml.VoiceResponse();
    theirs.say(text);
    theirs.hangup();
    const ours = await document({ mode: 'announce', text });
    expect(ours).toBe(spelled(theirs.toString()));
    expect(ours).not.toContain('<Dial>');
  });

  test.each([
    ['an empty announcement', { mode: 'announce', text: ' \n' } as const],
    ['a run that has ended', { mode: 'hangup' } as const],
  ])('%s just hangs up', async (_what, instruction) => {
    const theirs = new sdk.twiml.VoiceResponse();
    theirs.hangup();
    expect(await document(instruction)).toBe(theirs.toString());
  });

  test('a stream is the document of the SDK, with its parameters as data', async () => {
    const url = 'wss://agent.example.test/media';
    const parameters = { run_id: '7', context: '{"name":"<Jane> & \'Bo\'"}' };
    const theirs = new sdk.twiml.VoiceResponse();
    const stream = theirs.connect().stream({ url });
    for (const [name, value] of Object.entries(parameters)) stream.parameter({ name, value });
    expect(await document({ mode: 'stream', url, parameters })).toBe(spelled(theirs.toString()));
  });

  test('a parameter is left out where its name and value reach 500 characters', async () => {
    const fits = 'x'.repeat(499 - 'greeting'.length);
    const xml = await document({
      mode: 'stream',
      url: 'wss://agent.example.test/media',
      parameters: { run_id: '7', greeting: fits, context2: `${fits}x` },
    });
    expect(xml).toContain(`<Parameter name="greeting" value="${fits}"/>`);
    expect(xml).toContain('<Parameter name="run_id" value="7"/>');
    expect(xml).not.toContain('context2');
  });
});

describe('configuration', () => {
  test('spaces around what was pasted do not matter, and detection is off unless wished', () => {
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
