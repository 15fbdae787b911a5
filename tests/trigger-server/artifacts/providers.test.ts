/** For each carrier: how recording is requested, how a recording is reported, and from where it may be fetched. */
import sdk from 'twilio';
import { Response as startXml } from 'plivo';
import type { AnsweredCall } from '../../../trigger-server/src/carriers/port/call';
import type { CallbackRequest } from '../../../trigger-server/src/carriers/port/callback';
import type { CallbackPurpose } from '../../../trigger-server/src/carriers/port/purpose';
import type { TelephonyProvider } from '../../../trigger-server/src/carriers/port/provider';
import { findProvider, providerNames } from '../../../trigger-server/src/carriers/registry';
import { startLocalServer, type LocalServer } from '../../support/local-server';
import { outboundCall, received, vendorHost, type VendorHost } from '../../support/vendors/host';
import { plivoCredentials } from '../../support/vendors/plivo';
import { telnyxSettings } from '../../support/vendors/telnyx';
import { accountSid, authToken } from '../../support/vendors/twilio';
import { vobizCredentials } from '../../support/vendors/vobiz';
import { vonageSettings } from '../../support/vendors/vonage';
import { sendWav, wav } from './carrier';
import { announcement, hungUp } from '../../support/vendors/instructions';

interface Recorder {
  settings: Record<string, unknown>;
  /** A callback that reports a recording at `url`. */
  callback: (url: string) => { purpose: CallbackPurpose; body: string };
  /** Addresses that belong to the carrier. */
  own: string[];
}

const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();

const recorders: Record<string, Recorder> = {
  twilio: {
    settings: { account_sid: accountSid, auth_token: authToken },
    callback: (url) => ({
      purpose: 'recording',
      body: form({ CallSid: 'CA1', RecordingStatus: 'completed', RecordingUrl: url }),
    }),
    own: [
      'https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1',
      'https://api.dublin.ie1.twilio.com/Recordings/RE1',
    ],
  },
  plivo: {
    settings: plivoCredentials,
    callback: (url) => ({ purpose: 'recording', body: form({ RecordUrl: url, RecordingID: '1' }) }),
    own: [
      'https://media.plivo.com/v1/Account/MA1/Recording/1.wav',
      'https://aps1.media.plivo.com/v1/Account/MA1/Recording/1.wav',
    ],
  },
  vobiz: {
    settings: vobizCredentials,
    callback: (url) => ({ purpose: 'recording', body: form({ Event: 'RecordStop', RecordUrl: url }) }),
    own: ['https://media.vobiz.ai/v1/Account/MA_1/Recording/1.wav'],
  },
  vonage: {
    settings: vonageSettings,
    callback: (url) => ({
      purpose: 'recording',
      body: JSON.stringify({ recording_url: url, recording_uuid: '1', size: 12222 }),
    }),
    own: ['https://api.nexmo.com/v1/files/1', 'https://api-us-3.vonage.com/v1/files/1'],
  },
};

/** The API has no recording flag for a single call, or fetching a recording is not documented. */
const withoutRecording = ['cloudonix', 'ari'];

let vendor: LocalServer;
let host: VendorHost;
beforeEach(async () => {
  vendor = await startLocalServer((request, response) => {
    if (request.url.startsWith('/v2/recordings?')) {
      const download_urls = { wav: `${vendor.url}/bucket/1.wav?signature=x` };
      response.end(JSON.stringify({ data: [{ id: '1', download_urls }] }));
    } else if (/[Rr]ecording|files|bucket/.test(request.url)) {
      sendWav(request, response);
    } else {
      response.writeHead(201).end(JSON.stringify({ sid: 'CA1', data: { call_control_id: 'v3:x' } }));
    }
  });
});
afterEach(async () => {
  await host.close();
  await vendor.close();
});

function provider(name: string): TelephonyProvider {
  host = vendorHost(name, { origin: vendor.url });
  const found = findProvider(name);
  if (found === undefined) throw new Error(`There is no provider ${name}`);
  return found;
}

function answeredCall(changes: Partial<AnsweredCall> = {}): AnsweredCall {
  return {
    runId: 7,
    attempt: 1,
    configurationId: 3,
    instructions: announcement('Hello'),
    ringTimeoutSeconds: 25,
    voicemail: null,
    maxCallDurationSeconds: 240,
    record: true,
    callbackUrl: (purpose) => host.callbackUrl(purpose),
    ...changes,
  };
}

function request(purpose: CallbackPurpose, body = ''): CallbackRequest {
  return received(
    { method: 'POST', url: `https://calls.example.test/${purpose}`, headers: {}, body },
    purpose,
  );
}

async function answerTo(name: string, changes: Partial<AnsweredCall> = {}): Promise<string> {
  const document = await provider(name).callbacks?.answer?.(answeredCall(changes), request('answer'), host);
  return String(document?.body);
}

async function open(name: string, url: string): Promise<Buffer> {
  const carrier = provider(name);
  const stream = await carrier.openRecording?.(settingsFor(carrier, name), { url }, host);
  const parts: Buffer[] = [];
  for await (const part of stream ?? []) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function settingsFor(carrier: TelephonyProvider, name: string): Record<string, unknown> {
  return carrier.configuration.parse(name === 'telnyx' ? telnyxSettings : (recorders[name]?.settings ?? {}));
}

async function dial(name: string, record: boolean): Promise<void> {
  const carrier = provider(name);
  await carrier.placeCall(settingsFor(carrier, name), outboundCall(host, { record }), host);
}

test('every carrier records, or is known not to', () => {
  host = vendorHost('none', { origin: vendor.url });
  const recording = providerNames.filter((name) =>
    Object.keys(findProvider(name) ?? {}).includes('openRecording'),
  );
  expect([...recording, ...withoutRecording].sort()).toEqual([...providerNames].sort());
  expect(recording.map(String).sort()).toEqual(
    [...Object.keys(recorders), 'dograh', 'sandbox', 'telnyx'].sort(),
  );
});

describe.each(Object.entries(recorders))('%s', (name, { callback, own }) => {
  test('its callback says where the recording is', () => {
    const { purpose, body } = callback('https://files.test/1');
    expect(provider(name).callbacks?.readRecording?.(request(purpose, body))).toEqual({
      url: 'https://files.test/1',
    });
  });

  test('a callback without a recording, or with another purpose, reports none', () => {
    const carrier = provider(name);
    const read = (purpose: CallbackPurpose, body: string) =>
      carrier.callbacks?.readRecording?.(request(purpose, body));
    expect(read('recording', '')).toBeNull();
    expect(read('status', callback('https://files.test/1').body)).toBeNull();
  });

  test.each(own)('its own address gets its credentials: %s', async (url) => {
    expect((await open(name, url)).equals(wav)).toBe(true);
    const [asked] = vendor.requests;
    expect(asked?.url).toBe(new URL(url).pathname);
    const proof = asked?.headers.authorization ?? asked?.headers['x-auth-token'];
    expect(proof).toEqual(expect.stringMatching(/.{10}/));
  });

  test.each([
    'https://files.example/1',
    'https://s3.amazonaws.com/recordings/1.mp3',
    'http://127.0.0.1/1',
    '',
  ])('any other address gets nothing: %j', async (url) => {
    await expect(open(name, url)).rejects.toThrow('the carrier named an address that is not its own');
    expect(vendor.requests).toEqual([]);
  });
});

/** Twilio's own client, redirected to the loopback. */
class LoopbackClient extends sdk.RequestClient {
  override request: sdk.RequestClient['request'] = (options) =>
    super.request({ ...options, uri: `${vendor.url}${new URL(options.uri).pathname}` });
}

describe('twilio', () => {
  test('the dial asks for what its own SDK would ask for', async () => {
    await dial('twilio', true);
    await sdk(accountSid, authToken, { httpClient: new LoopbackClient() }).calls.create({
      to: '+14155550100',
      from: '+14155550123',
      url: host.callbackUrl('answer'),
      record: true,
      recordingStatusCallback: host.callbackUrl('recording'),
      recordingStatusCallbackMethod: 'POST',
      recordingStatusCallbackEvent: ['completed'],
    });
    const [ours, theirs] = vendor.requests.map(({ body }) =>
      [...new URLSearchParams(body.toString('utf8'))].filter(([field]) => field.startsWith('Record')).sort(),
    );
    expect(ours).toHaveLength(4);
    expect(ours).toEqual(theirs);
  });

  test('only a finished recording is reported', () => {
    const body = form({ RecordingStatus: 'in-progress', RecordingUrl: 'https://files.test/1' });
    expect(provider('twilio').callbacks?.readRecording?.(request('recording', body))).toBeNull();
  });
});

interface PlivoXml {
  addRecord(attributes: Record<string, string>): void;
  toXML(): string;
}

describe.each(['plivo', 'vobiz'])('%s', (name) => {
  test('a recorded call is recorded from the first word, as the API’s own SDK writes it', async () => {
    const xml = await answerTo(name);
    const oracle: PlivoXml = startXml();
    const url = host.callbackUrl('recording');
    oracle.addRecord({
      recordSession: 'true',
      redirect: 'false',
      maxLength: '240',
      fileFormat: 'wav',
      action: url,
      method: 'POST',
      callbackUrl: url,
      callbackMethod: 'POST',
    });
    const record = /<Record [^>]*\/>/.exec(oracle.toXML())?.[0] ?? 'none';
    expect(xml).toContain(`<Response>${record}<Speak language="en-US">Hello</Speak>`);
  });

  test('neither a call that is not recorded nor one that is hung up has a Record', async () => {
    expect(await answerTo(name, { record: false })).not.toContain('Record');
    expect(await answerTo(name, { instructions: hungUp })).not.toContain('Record');
  });
});

describe('vonage', () => {
  test('the record action stands first and has no condition to end, so that it runs beside the rest', async () => {
    const actions = JSON.parse(await answerTo('vonage')) as { action: string }[];
    expect(actions).toEqual([
      { action: 'record', format: 'wav', eventUrl: [host.callbackUrl('recording')], eventMethod: 'POST' },
      { action: 'talk', text: 'Hello', language: 'en-US' },
    ]);
    expect(await answerTo('vonage', { record: false })).not.toContain('record');
    expect(await answerTo('vonage', { instructions: hungUp })).not.toContain('record');
  });
});

describe('telnyx', () => {
  const saved = (payload: object) =>
    request('status', JSON.stringify({ data: { event_type: 'call.recording.saved', payload } }));

  test('the dial asks for a recording from the answer on', async () => {
    await dial('telnyx', true);
    await dial('telnyx', false);
    const [recorded, unrecorded] = vendor.requests.map(({ body }) => JSON.parse(body.toString('utf8')));
    expect(recorded).toMatchObject({
      record: 'record-from-answer',
      record_channels: 'single',
      record_format: 'wav',
    });
    expect(Object.keys(unrecorded as object).filter((key) => key.startsWith('record'))).toEqual([]);
  });

  test('a saved recording is asked for by its call, says nothing about the call, and is fetched without the API key', async () => {
    const { callbacks } = provider('telnyx');
    const webhook = saved({ call_leg_id: 'leg 1', recording_urls: { wav: 'https://evil.example/1.wav' } });
    expect(callbacks?.readStatus(webhook)).toBeNull();
    const recording = callbacks?.readRecording?.(webhook);
    await host.close();
    expect((await open('telnyx', recording?.url ?? '')).equals(wav)).toBe(true);
    expect(
      vendor.requests.map(({ url, headers }) => [decodeURIComponent(url), headers.authorization]),
    ).toEqual([
      ['/v2/recordings?filter[call_leg_id]=leg 1', `Bearer ${telnyxSettings.api_key}`],
      ['/bucket/1.wav?signature=x', undefined],
    ]);
  });

  test('other webhooks report no recording', () => {
    const { callbacks } = provider('telnyx');
    expect(callbacks?.readRecording?.(saved({}))).toBeNull();
    const hangup = JSON.stringify({ data: { event_type: 'call.hangup', payload: { call_leg_id: '1' } } });
    expect(callbacks?.readRecording?.(request('status', hangup))).toBeNull();
  });

  test('an address that is not the question for a recording is not asked', async () => {
    await expect(open('telnyx', 'https://api.telnyx.com/v2/balance')).rejects.toThrow(
      'the carrier named no recording of a call',
    );
    expect(vendor.requests).toEqual([]);
  });
});

test('the sandbox opens its own recordings alone', async () => {
  await expect(open('sandbox', 'sandbox:../7')).rejects.toThrow('this is no recording of the sandbox');
});
