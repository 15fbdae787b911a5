/** Twilio's callbacks and our replies, with its SDK as the oracle: the same signatures, the same documents. */
import fc from 'fast-check';
import sdk from 'twilio';
import type { AnsweredCall } from '../../../../trigger-server/src/carriers/port/call';
import { twilio } from '../../../../trigger-server/src/carriers/providers/twilio';
import { ended } from '../../../../trigger-server/src/carriers/port/report';
import { standing } from '../../../support/standing';
import { received, vendorHost } from '../../../support/vendors/host';
import { accountSid, authToken, twilioCallback } from '../../../support/vendors/twilio';
import { announcement, hungUp, streamTo, type Instructions } from '../../../support/vendors/instructions';

const configuration = {
  account_sid: accountSid,
  auth_token: authToken,
  amd_enabled: false,
  conversation_relay: false,
};
const strangers = { ...configuration, auth_token: 'not-the-SECRET' };
const { callbacks } = twilio;
if (callbacks === null) throw new Error('Twilio calls back');

describe('signatures', () => {
  const url = 'https://calls.example.test/api/v1/telephony/callbacks/twilio/status/7/0/token';
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
    expect(callbacks.verify({ ...configuration, auth_token }, request)).toBe(true);
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
  ])('a callback %s: we and the SDK decide %s', (_what, accepted, callback) => {
    const request = received(callback);
    const form = Object.fromEntries(new URLSearchParams(request.body.toString()));
    expect(
      sdk.validateRequest(authToken, request.header('X-Twilio-Signature') ?? '', callback.url, form),
    ).toBe(accepted);
    expect(callbacks.verify(configuration, request)).toBe(accepted);
  });

  test('a public URL with a port may be signed with it or without it', () => {
    const ported = url.replace('.test/', '.test:8443/');
    for (const signedUrl of [ported, url]) {
      const callback = { ...twilioCallback(signedUrl, fields), url: ported };
      expect(
        sdk.validateRequest(authToken, callback.headers['x-twilio-signature'] ?? '', ported, fields),
      ).toBe(true);
      expect(callbacks.verify(configuration, received(callback))).toBe(true);
    }
  });

  test('nothing is accepted with another account’s token', () => {
    expect(callbacks.verify(strangers, received(signed))).toBe(false);
  });

  test('an invalid URL is refused without an error', () => {
    expect(callbacks.verify(configuration, received({ ...signed, url: 'not an address' }))).toBe(false);
  });

  test('any form that the SDK signs is accepted, and refused after a value got longer', () => {
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
          expect(callbacks.verify(configuration, send(entries))).toBe(true);
          const [[key, value], ...others] = entries as [[string, string], ...[string, string][]];
          expect(callbacks.verify(configuration, send([[key, `${value}x`], ...others]))).toBe(false);
        },
      ),
    );
  });
});

describe('reports', () => {
  const url = 'https://calls.example.test/status';
  const read = (fields: Record<string, string>) =>
    callbacks.readStatus(received(twilioCallback(url, fields)));

  test.each([
    ['queued', 'initiated'],
    ['initiated', 'initiated'],
    ['ringing', 'ringing'],
    ['in-progress', 'answered'],
    ['completed', 'talk_ended'],
    ['busy', 'busy'],
    ['no-answer', 'no_answer'],
    ['canceled', 'canceled'],
    ['failed', 'failed'],
    ['transferred', 'unknown'],
    ['Completed', 'unknown'],
    ['constructor', 'unknown'],
  ])('CallStatus %s means %s, and the word is kept', (word, meaning) => {
    const report = read({ CallSid: 'CA1', CallStatus: word });
    expect(standing(report)).toBe(meaning);
    expect(report).toMatchObject({ rawStatus: word, callId: 'CA1' });
  });

  test('the seconds of a completed call are read, unless they are not a number', () => {
    expect(read({ CallStatus: 'completed', CallDuration: '12' })).toMatchObject({ durationSeconds: 12 });
    expect(read({ CallStatus: 'completed', CallDuration: 'long' })).not.toHaveProperty('durationSeconds');
  });

  test('a failed call has the SIP response that ended it', () => {
    expect(read({ CallStatus: 'failed', SipResponseCode: '404' })).toEqual({
      ...ended('invalid_number'),
      rawStatus: 'failed:sip_404',
      carrierReason: 'failed',
      sipCode: 404,
    });
  });

  test.each([
    ['machine_start', 'machine'],
    ['machine_end_beep', 'machine'],
    ['human', 'human'],
    ['fax', 'fax'],
    ['unknown', 'unknown'],
    ['robot', 'unknown'],
  ])('who answered (%s) is %s, and the word is kept', (raw, who) => {
    expect(read({ CallStatus: 'in-progress', AnsweredBy: raw })).toEqual({
      status: 'answered',
      rawStatus: 'in-progress',
      answeredBy: { who, raw },
    });
  });

  test('a form without CallStatus is a bad request', () => {
    const forms: Record<string, string>[] = [{}, { CallSid: 'CA1' }, { CallStatus: '' }];
    for (const fields of forms) {
      expect(() => read(fields)).toThrow(expect.objectContaining({ kind: 'bad_request' }));
    }
  });
});

describe('documents', () => {
  /** These documents need no request to Twilio. */
  const host = vendorHost('twilio', { origin: 'http://127.0.0.1:9' });
  afterAll(() => host.close());
  const request = () => received(twilioCallback('https://calls.example.test/answer', {}), 'answer');

  const callOf = (instructions: Instructions): AnsweredCall => ({
    runId: 7,
    attempt: 1,
    configurationId: 3,
    record: false,
    instructions,
    ringTimeoutSeconds: 25,
    voicemail: null,
    maxCallDurationSeconds: 240,
    callbackUrl: (purpose) => host.callbackUrl(purpose),
  });

  async function document(instructions: Instructions) {
    const call = callOf(instructions);
    const given = await callbacks?.answer?.(call, request(), host);
    expect(given?.contentType).toBe('text/xml');
    return spelled(String(given?.body));
  }

  const inProgress = { CallSid: 'CA1', CallStatus: 'in-progress' };

  /**
   * XML may have these three characters as themselves or as entities. A character that could open a tag must be an
   * entity.
   */
  function spelled(xml: string): string {
    return xml.replaceAll('&quot;', '"').replaceAll('&apos;', "'").replaceAll('&gt;', '>');
  }

  test.each([
    'Hello Jane',
    'Zoë & “Co”',
    '</Say><Dial>+19005550100</Dial><Say>',
    '&lt;Hangup/&gt; ]]>',
    'It\'s "5"',
  ])(
    'an announcement, followed by a request for the next document, is the document of the SDK: %s',
    async (text) => {
      const theirs = new sdk.twiml.VoiceResponse();
      theirs.say({ language: 'en-US' }, text);
      theirs.redirect({ method: 'POST' }, host.callbackUrl('announcement'));
      const ours = await document(announcement(text));
      expect(ours).toBe(spelled(theirs.toString()));
      expect(ours).not.toContain('<Dial>');
    },
  );

  test('after an announcement that was heard the call is hung up', () => {
    const theirs = new sdk.twiml.VoiceResponse();
    theirs.hangup();
    expect(callbacks.afterSpeech?.(callOf(announcement('Hello')), 'announcement')).toEqual({
      contentType: 'text/xml',
      body: theirs.toString(),
    });
    const asked = received(
      twilioCallback('https://calls.example.test/announcement', inProgress),
      'announcement',
    );
    expect(callbacks.readStatus(asked)).toMatchObject({ status: 'answered', announcementHeard: true });
  });

  test.each([
    ['an empty announcement', announcement(' \n')],
    ['a run that has ended', hungUp],
  ])('%s only hangs up', async (_what, instruction) => {
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
    expect(await document(streamTo(url, parameters))).toBe(spelled(theirs.toString()));
  });

  test('a parameter is left out if its name and value reach 500 characters', async () => {
    const fits = 'x'.repeat(499 - 'greeting'.length);
    const xml = await document(
      streamTo('wss://agent.example.test/media', { run_id: '7', greeting: fits, context2: `${fits}x` }),
    );
    expect(xml).toContain(`<Parameter name="greeting" value="${fits}"/>`);
    expect(xml).toContain('<Parameter name="run_id" value="7"/>');
    expect(xml).not.toContain('context2');
  });
});
