/** Cloudonix: dials as documented, and the meaning of session updates. There is no SDK to compare with. */
import { Problem } from '../../../../trigger-server/src/problem';
import type { CarrierCall } from '../../../../trigger-server/src/carriers/port/call';
import { cloudonix } from '../../../../trigger-server/src/carriers/providers/cloudonix';
import { telephonyProviderContract } from '../../../contracts/telephony-provider';
import type { Outcome } from '../../../../trigger-server/src/carriers/port/outcomes';
import { ended } from '../../../../trigger-server/src/carriers/port/report';
import { standing } from '../../../support/standing';
import type { ReceivedRequest } from '../../../support/local-server';
import { bearerToken, domain, sessionAfter, startCloudonix } from '../../../support/vendors/cloudonix';
import { outboundCall, received, vendorHost, type VendorHost } from '../../../support/vendors/host';
import type { CallEvent, Vendor } from '../../../support/vendors/vendor';
import { announcement, hungUp, streamTo, type Instructions } from '../../../support/vendors/instructions';

telephonyProviderContract({
  name: 'cloudonix',
  startVendor: startCloudonix,
  configuration: () => ({ bearer_token: bearerToken, domain_id: domain }),
  environment: (vendor) => ({ CLOUDONIX_API_BASE_URL: vendor.origin }),
  signs: { status: false, answer: false },
  asksForNoAnswer: true,
});

const configuration = { bearer_token: bearerToken, domain_id: domain };
const strangers = { ...configuration, bearer_token: 'another-SECRET' };
const { callbacks } = cloudonix;
if (callbacks === null) throw new Error('Cloudonix calls back');

let vendor: Vendor;
let host: VendorHost;
beforeEach(async () => {
  vendor = await startCloudonix();
  host = vendorHost('cloudonix', { origin: vendor.origin });
});
afterEach(async () => {
  await host.close();
  await vendor.close();
});

async function placedCall(): Promise<{ dial: ReceivedRequest; call: CarrierCall }> {
  const placed = await cloudonix.placeCall(configuration, outboundCall(host), host);
  if (placed.outcome !== 'placed') throw new Error('The call was not placed');
  const dial = vendor.dials.at(-1);
  if (dial === undefined) throw new Error('The vendor was not dialled');
  return { dial, call: { runId: 7, attempt: 1, callId: placed.callId, status: 'initiated' } };
}

const declaration = '<?xml version="1.0" encoding="UTF-8"?>';

describe('a dial', () => {
  /** After an announcement Cloudonix requests this URL, and the reply ends the call. */
  const askWhatComesNext = () => `<Redirect method="POST">${host.callbackUrl('announcement')}</Redirect>`;

  test('contains its document, its limits in seconds and the URL for the session’s updates', async () => {
    const placed = await cloudonix.placeCall(configuration, outboundCall(host), host);
    expect(placed).toEqual({
      outcome: 'placed',
      callId: '00000000000000000000000000000001',
      callerNumber: '+14155550123',
    });
    expect(vendor.dials).toHaveLength(1);
    const [{ method, url, headers, body }] = vendor.dials as [ReceivedRequest];
    expect({ method, url, authorization: headers.authorization, type: headers['content-type'] }).toEqual({
      method: 'POST',
      url: `/calls/${domain}/application`,
      authorization: `Bearer ${bearerToken}`,
      type: 'application/json',
    });
    expect(JSON.parse(body.toString())).toEqual({
      destination: '+14155550100',
      'caller-id': '+14155550123',
      cxml: `${declaration}<Response><Say language="en-US">Hello</Say>${askWhatComesNext()}</Response>`,
      callback: host.callbackUrl('status'),
      timeout: 25,
      timeLimit: 240,
    });
  });

  test.each([
    ['my-trunk', 'my-trunk'],
    ['', undefined],
  ])('a configured trunk %j is sent as %j', async (trunk, sent) => {
    await cloudonix.placeCall({ ...configuration, trunk }, outboundCall(host), host);
    expect((JSON.parse(String(vendor.dials[0]?.body)) as { trunk?: string }).trunk).toBe(sent);
  });

  async function cxmlFor(answer: Instructions): Promise<string> {
    await cloudonix.placeCall(
      configuration,
      outboundCall(host, { loadInstructions: async () => answer }),
      host,
    );
    return (JSON.parse(String(vendor.dials.at(-1)?.body)) as { cxml: string }).cxml;
  }

  test('a greeting is spoken as data, whatever it contains', async () => {
    const text = '</Say><Dial>+19005550100</Dial><Say> & "co"';
    expect(await cxmlFor(announcement(text))).toBe(
      `${declaration}<Response><Say language="en-US">&lt;/Say&gt;&lt;Dial&gt;+19005550100&lt;/Dial&gt;&lt;Say&gt; &amp; &quot;co&quot;</Say>${askWhatComesNext()}</Response>`,
    );
  });

  test.each([
    ['an empty greeting', announcement(' ')],
    ['a run that has ended', hungUp],
  ])('%s only hangs up', async (_what, answer) => {
    expect(await cxmlFor(answer)).toBe(`${declaration}<Response><Hangup/></Response>`);
  });

  test('a stream is connected with its parameters, and the call ends with it', async () => {
    const xml = await cxmlFor(
      streamTo('wss://agent.example.test/media?a=1&b=2', { run_id: '7', context: '{"name":"<Jane>"}' }),
    );
    expect(xml).toBe(
      `${declaration}<Response><Connect><Stream url="wss://agent.example.test/media?a=1&amp;b=2">` +
        '<Parameter name="run_id" value="7"/>' +
        '<Parameter name="context" value="{&quot;name&quot;:&quot;&lt;Jane&gt;&quot;}"/>' +
        '</Stream></Connect><Hangup/></Response>',
    );
  });

  test('is refused in Cloudonix’s words, and neither number nor key is in the log', async () => {
    vendor.play('refuse');
    expect(await cloudonix.placeCall(configuration, outboundCall(host), host)).toEqual({
      outcome: 'refused',
      detail: 'Cloudonix: Invalid destination (HTTP 400)',
    });
    expect(await cloudonix.placeCall(strangers, outboundCall(host), host)).toEqual({
      outcome: 'refused',
      detail: 'Cloudonix: Unauthorized (HTTP 401)',
    });
    vendor.play('reset');
    expect(await cloudonix.placeCall(configuration, outboundCall(host), host)).toEqual({
      outcome: 'unknown',
    });
    expect(host.logLines.join()).not.toMatch(/SECRET|4155550/);
  });
});

describe('ending a call', () => {
  test('the session is destroyed; a second request finds it gone', async () => {
    const { call } = await placedCall();
    expect(await cloudonix.cancel?.(configuration, call, host, host)).toEqual({ outcome: 'accepted' });
    expect(await cloudonix.cancel?.(configuration, call, host, host)).toEqual({ outcome: 'gone' });
    expect(vendor.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(
      Array(2).fill(`DELETE /calls/${domain}/sessions/${call.callId}`),
    );
  });

  test('a refusal has Cloudonix’s words', async () => {
    const { call } = await placedCall();
    expect(await cloudonix.cancel?.(strangers, call, host, host)).toEqual({
      outcome: 'refused',
      detail: 'Cloudonix: Unauthorized (HTTP 401)',
    });
  });
});

describe('questions', () => {
  test('a session has its current status', async () => {
    const { dial, call } = await placedCall();
    const ask = () => cloudonix.askStatus?.(configuration, call, host);
    expect(await ask()).toEqual({ status: 'initiated', rawStatus: 'processing', callId: call.callId });
    vendor.callback(dial, 'completed');
    expect(await ask()).toEqual({
      ...ended('talk_ended'),
      carrierReason: 'answer',
      rawStatus: 'answer',
      callId: call.callId,
      durationSeconds: 12,
    });
    expect(vendor.requests[0]).toMatchObject({
      method: 'GET',
      url: `/calls/${domain}/sessions/${call.callId}`,
      headers: { authorization: `Bearer ${bearerToken}` },
    });
  });

  test('an unknown call has no status, and a refused request is an error', async () => {
    const { call } = await placedCall();
    expect(await cloudonix.askStatus?.(configuration, { ...call, callId: 'unknown' }, host)).toBeNull();
    await expect(cloudonix.askStatus?.(strangers, call, host)).rejects.toThrow('HTTP 401');
  });

  test('a key without access to the domain, and a domain that does not exist, are not saved', async () => {
    expect(await cloudonix.prepare?.(configuration, host)).toEqual(configuration);
    await expect(cloudonix.prepare?.(strangers, host)).rejects.toEqual(
      new Problem('bad_request', 'Cloudonix: Unauthorized (HTTP 401)'),
    );
    const missing = { ...configuration, domain_id: 'missing.cloudonix.net' };
    await expect(cloudonix.prepare?.(missing, host)).rejects.toEqual(
      new Problem('bad_request', 'Cloudonix: Not found (HTTP 404)'),
    );
  });

  test('when Cloudonix cannot be reached, saving is allowed', async () => {
    await vendor.close();
    expect(await cloudonix.prepare?.(configuration, host)).toEqual(configuration);
    vendor = await startCloudonix();
  });
});

describe('session updates', () => {
  const read = (body: unknown) =>
    callbacks.readStatus(
      received({
        method: 'POST',
        url: 'https://calls.example.test/status',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    );

  test('have no signature of the carrier, so only our own in the URL is required', () => {
    const callback = { method: 'POST', url: 'https://calls.example.test/status', headers: {} } as const;
    expect(callbacks.verify(configuration, received(callback))).toBe(true);
  });

  test.each([
    ['new', 'initiated'],
    ['queued', 'initiated'],
    ['initiated', 'initiated'],
    ['processing', 'initiated'],
    ['ringing', 'ringing'],
    ['connected', 'answered'],
    ['answer', 'answered'],
    ['answered', 'answered'],
    ['in-progress', 'answered'],
    ['completed', 'talk_ended'],
    ['busy', 'busy'],
    ['BUSY', 'busy'],
    ['noanswer', 'no_answer'],
    ['no-answer', 'no_answer'],
    ['timeout', 'no_answer'],
    ['cancel', 'canceled'],
    ['canceled', 'canceled'],
    ['cancelled', 'canceled'],
    ['failed', 'failed'],
    ['congestion', 'overloaded'],
    ['denied', 'declined'],
    ['nocredit', 'refused'],
    ['error', 'failed'],
    ['parked', 'unknown'],
    ['constructor', 'unknown'],
  ])('%s means %s, and the word is kept', (status, expected) => {
    const report = read({ token: 't1', status });
    expect(standing(report)).toBe(expected);
    expect(report).toMatchObject({ rawStatus: status, callId: 't1' });
  });

  const answered = { callStartTime: 1_000, callAnswerTime: 6_000 };
  const over = { callEndTime: 18_500 };
  test.each([
    ['was answered', { status: 'answer', ...answered }, 'talk_ended'],
    ['was answered, and says busy', { status: 'busy', ...answered }, 'talk_ended'],
    ['was answered, and uses a word we do not know', { status: 'parked', ...answered }, 'talk_ended'],
    ['was answered, and ended in error', { status: 'error', ...answered }, 'broken_off'],
    ['was connected, without a time of answer', { status: 'connected' }, 'talk_ended'],
    ['rang, and says no more', { status: 'ringing' }, 'no_answer'],
    ['never rang, and says no more', { status: 'processing' }, 'failed'],
    ['was not answered, and uses a word we do not know', { status: 'parked' }, 'failed'],
    ['was not answered, and says nothing', {}, 'failed'],
    ['was busy', { status: 'busy' }, 'busy'],
  ])('an ended session that %s never stays open', (_what, session, expected) => {
    expect(standing(read({ token: 't1', ...session, ...over }))).toBe(expected);
  });

  test.each([
    ['numbers', { callAnswerTime: 6_000, callEndTime: 18_500 }, 12.5],
    ['texts', { callAnswerTime: '6000', callEndTime: '18500' }, 12.5],
    ['dates', { answerTime: '2026-11-23T12:00:05Z', endTime: '2026-11-23T12:00:17Z' }, 12],
  ])('the duration is calculated from its times as %s', (_what, times, durationSeconds) => {
    expect(read({ token: 't1', status: 'answer', ...times })).toEqual({
      ...ended('talk_ended'),
      carrierReason: 'answer',
      rawStatus: 'answer',
      callId: 't1',
      durationSeconds,
    });
  });

  test.each([
    ['busy', 'busy'],
    ['no-answer', 'no_answer'],
    ['failed', 'overloaded'],
    ['canceled', 'canceled'],
  ] satisfies [CallEvent, Outcome][])(
    'a session that ends as %s is read so, alone and in a list',
    (event, outcome) => {
      const session = sessionAfter('t1', event);
      expect(standing(read(session))).toBe(outcome);
      expect(read([session])).toEqual(read(session));
    },
  );

  test('an update without a status is no report', () => {
    expect(read({ token: 't1', profile: {} })).toBeNull();
  });

  test.each(['', 'not json', '"text"', 'null', '[]', '7'])('a body of %j is a bad request', (body) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ kind: 'bad_request' }));
  });
});

describe('configuration', () => {
  test.each([
    ['example', 'example.cloudonix.net'],
    [' Example ', 'example.cloudonix.net'],
    ['Example.Cloudonix.Net', 'example.cloudonix.net'],
    ['pbx.example.com', 'pbx.example.com'],
  ])('the domain %j is %s', (domain_id, expected) => {
    expect(cloudonix.configuration.parse({ ...configuration, domain_id }).domain_id).toBe(expected);
  });

  test.each([
    ['domain_id', ''],
    ['domain_id', 'example/../other'],
    ['domain_id', 'a b'],
    ['domain_id', `x${'y'.repeat(250)}`],
    ['bearer_token', ''],
    ['bearer_token', 'two words'],
    ['bearer_token', 'nul\u0000'],
    ['bearer_token', 'x'.repeat(501)],
    ['trunk', 'two\nlines'],
  ])('%s cannot be %j', (field, value) => {
    const result = cloudonix.configuration.safeParse({ ...configuration, [field]: value });
    expect(result.error?.issues.map(({ path }) => path)).toEqual([[field]]);
  });
});
