/** Plivo, with its SDK as the oracle: same requests, same documents. Signatures are in `plivo-signatures.test.ts`. */
import axios, { getAdapter } from 'axios';
import { Client, Response as startXml, validateV3Signature } from 'plivo';
import { configuration } from '../../../../trigger-server/src/carriers/providers/plivo/configuration';
import { plivo } from '../../../../trigger-server/src/carriers/providers/plivo';
import type { AnsweredCall } from '../../../../trigger-server/src/carriers/port/call';
import type { CallbackRequest } from '../../../../trigger-server/src/carriers/port/callback';
import type { CallbackPurpose } from '../../../../trigger-server/src/carriers/port/purpose';
import { telephonyProviderContract } from '../../../contracts/telephony-provider';
import { ended } from '../../../../trigger-server/src/carriers/port/report';
import { standing } from '../../../support/standing';
import { outboundCall, received, vendorHost, type VendorHost } from '../../../support/vendors/host';
import {
  foreignPlivoSuffix,
  plivoCredentials,
  signPlivo,
  startPlivo,
  type PlivoDial,
} from '../../../support/vendors/plivo';
import type { CallEvent, Vendor } from '../../../support/vendors/vendor';
import { announcement, hungUp, streamTo, type Instructions } from '../../../support/vendors/instructions';

telephonyProviderContract({
  name: 'plivo',
  startVendor: startPlivo,
  configuration: () => plivoCredentials,
  environment: (vendor) => ({ PLIVO_API_BASE_URL: vendor.origin }),
  signs: { status: true, answer: true },
});

const settings = configuration.parse(plivoCredentials);
const callbacks = plivo.callbacks!;

function form(fields: Record<string, string>, purpose: CallbackPurpose = 'hangup'): CallbackRequest {
  const url = `https://calls.example.test/${purpose}`;
  return received(
    { method: 'POST', url, headers: signPlivo(url, fields), body: new URLSearchParams(fields).toString() },
    purpose,
  );
}

describe('plivo: requests', () => {
  let vendor: Vendor;
  let host: VendorHost;

  beforeEach(async () => {
    vendor = await startPlivo();
    host = vendorHost('plivo', { origin: vendor.origin });
  });
  afterEach(async () => {
    await host.close();
    await vendor.close();
  });

  /** The vendor's SDK, with its requests sent to the loopback vendor. */
  function sdk(): Client {
    const { auth_id, auth_token } = plivoCredentials;
    return new Client(auth_id, auth_token);
  }
  const usualAdapter = axios.defaults.adapter;
  beforeEach(() => {
    axios.defaults.adapter = (request) =>
      getAdapter('http')({
        ...request,
        url: request.url?.replace('https://api.plivo.com', vendor.origin) ?? '',
      });
  });
  afterEach(() => {
    axios.defaults.adapter = usualAdapter;
  });

  const placed = async () => {
    const result = await plivo.placeCall(settings, outboundCall(host), host);
    if (result.outcome !== 'placed') throw new Error('The loopback vendor refused the dial');
    return {
      runId: 7,
      attempt: 1,
      callId: result.callId,
      status: 'initiated' as const,
      dial: vendor.dials[0]!,
    };
  };

  test.each([false, true])(
    'a dial is the request that Plivo’s SDK sends, machine detection configured: %s',
    async (amd_enabled) => {
      await plivo.placeCall({ ...settings, amd_enabled }, outboundCall(host), host);
      await sdk().calls.create('14155550123', '14155550100', host.callbackUrl('answer'), {
        answerMethod: 'POST',
        ringUrl: host.callbackUrl('ring'),
        ringMethod: 'POST',
        hangupUrl: host.callbackUrl('hangup'),
        hangupMethod: 'POST',
        ringTimeout: 25,
        timeLimit: 240,
        ...(amd_enabled
          ? {
              machineDetection: 'true',
              machineDetectionUrl: host.callbackUrl('status'),
              machineDetectionMethod: 'POST',
            }
          : {}),
      });
      const [ours, theirs] = vendor.dials.map(({ method, url, headers, body }) => ({
        method,
        url,
        authorization: headers.authorization,
        contentType: headers['content-type'],
        fields: JSON.parse(body.toString('utf8')) as PlivoDial,
      }));
      expect(ours).toEqual(theirs);
    },
  );

  test('hanging up is the request that Plivo’s SDK sends, for a live call and for one in the queue', async () => {
    const { callId } = await placed();
    await plivo.cancel!(settings, { runId: 7, attempt: 1, callId, status: 'initiated' }, host, host);
    await sdk()
      .calls.hangup(callId)
      .catch(() => 'there is no live call of this id');
    await sdk()
      .calls.cancel(callId)
      .catch(() => 'the loopback vendor sends no JSON');
    const sent = vendor.requests.map(({ method, url, headers }) => [method, url, headers.authorization]);
    expect(sent.slice(0, 2)).toEqual(sent.slice(2));
  });

  test('a call is cancelled in the queue by its request’s id, and live by its own; afterwards it is gone', async () => {
    const { dial, ...queued } = await placed();
    expect(await plivo.cancel!(settings, queued, host, host)).toEqual({ outcome: 'accepted' });
    const ringing = callbacks.readStatus(received(vendor.callback(dial, 'ringing')!, 'ring'))!;
    expect(ringing.callId).not.toBe(queued.callId);
    const live = { runId: 7, attempt: 1, callId: ringing.callId!, status: 'ringing' as const };
    expect(await plivo.cancel!(settings, live, host, host)).toEqual({ outcome: 'accepted' });
    vendor.callback(dial, 'canceled');
    expect(await plivo.cancel!(settings, live, host, host)).toEqual({ outcome: 'gone' });
  });

  test('a call is searched for in the queue, among live calls and among records', async () => {
    const { dial, ...queued } = await placed();
    expect(await plivo.askStatus!(settings, queued, host)).toEqual({
      status: 'initiated',
      rawStatus: 'queued',
    });
    const { callId = '' } = callbacks.readStatus(received(vendor.callback(dial, 'ringing')!, 'ring'))!;
    const call = { runId: 7, attempt: 1, callId, status: 'ringing' as const };
    expect(await plivo.askStatus!(settings, call, host)).toMatchObject({ status: 'ringing', callId });
    vendor.callback(dial, 'completed');
    expect(await plivo.askStatus!(settings, call, host)).toEqual({
      ...ended('callee_hung_up'),
      carrierReason: 'Normal Hangup',
      rawStatus: 'hangup:normal_hangup',
      durationSeconds: 12,
      callId,
    });
    vendor.callback(dial, 'busy');
    expect(await plivo.askStatus!(settings, call, host)).toEqual({
      ...ended('busy'),
      carrierReason: 'Busy Line',
      rawStatus: 'hangup:busy_line',
      callId,
    });
  });

  test('an unknown call has no status; without Plivo a status request fails, and saving is allowed', async () => {
    const call = { runId: 7, attempt: 1, callId: 'other/../id', status: 'initiated' as const };
    expect(await plivo.askStatus!(settings, call, host)).toBeNull();
    expect(vendor.requests.at(-1)?.url).toContain('/Call/other%2F..%2Fid/');
    const silent = vendorHost('plivo', { origin: 'http://127.0.0.1:9' });
    await expect(plivo.askStatus!(settings, call, silent)).rejects.toThrow();
    expect(await plivo.ownsNumber!(settings, '+15551230002', silent)).toBeNull();
    expect(await plivo.prepare!(settings, silent)).toEqual(settings);
    expect(silent.logLines.join()).not.toContain('SECRET');
    await silent.close();
  });

  test('a number belongs to the account or not, by Plivo’s reply', async () => {
    expect(await plivo.ownsNumber!(settings, '+15551230002', host)).toBe(true);
    expect(await plivo.ownsNumber!(settings, `+1555123${foreignPlivoSuffix}`, host)).toBe(false);
  });

  test('a refusal has Plivo’s own words', async () => {
    vendor.play('refuse');
    expect(await plivo.placeCall(settings, outboundCall(host), host)).toEqual({
      outcome: 'refused',
      detail: 'Plivo: from: is not yours (HTTP 400)',
    });
  });

  test('without a caller ID nothing is dialled', async () => {
    expect(await plivo.placeCall(settings, outboundCall(host, { from: null }), host)).toMatchObject({
      outcome: 'refused',
    });
    expect(vendor.dials).toEqual([]);
  });
});

describe('plivo: reports', () => {
  const report = (fields: Record<string, string>, purpose?: CallbackPurpose) =>
    callbacks.readStatus(form(fields, purpose));

  test.each([
    ['ringing', 'ringing'],
    ['in-progress', 'answered'],
    ['completed', 'talk_ended'],
    ['busy', 'busy'],
    ['no-answer', 'no_answer'],
    ['timeout', 'unreachable'],
    ['cancel', 'canceled'],
    ['failed', 'failed'],
    ['Busy', 'busy'],
    ['on-hold', 'unknown'],
    ['toString', 'unknown'],
  ])('CallStatus %s is %s, and the word is kept', (word, meaning) => {
    const said = report({ CallStatus: word, CallUUID: 'u-1' });
    expect(standing(said)).toBe(meaning);
    expect(said).toMatchObject({ rawStatus: word, callId: 'u-1' });
  });

  test.each<[CallEvent, string]>([
    ['ringing', 'ringing'],
    ['completed', 'callee_hung_up'],
    ['busy', 'busy'],
    ['no-answer', 'no_answer'],
    ['failed', 'invalid_number'],
    ['canceled', 'canceled'],
  ])('the loopback vendor’s signature of "%s" is accepted, also by Plivo’s SDK', async (event, meaning) => {
    const vendor = await startPlivo();
    const host = vendorHost('plivo', { origin: vendor.origin });
    await plivo.placeCall(settings, outboundCall(host), host);
    const callback = vendor.callback(vendor.dials[0]!, event)!;
    expect(callbacks.verify(settings, received(callback))).toBe(true);
    expect(standing(callbacks.readStatus(received(callback)))).toBe(meaning);
    const { 'x-plivo-signature-v3': signature = '', 'x-plivo-signature-v3-nonce': nonce = '' } =
      callback.headers;
    const fields = Object.fromEntries(new URLSearchParams(callback.body));
    expect(
      validateV3Signature('POST', callback.url, nonce, plivoCredentials.auth_token, signature, fields),
    ).toBe(true);
    await host.close();
    await vendor.close();
  });
});

describe('plivo: answers', () => {
  /** Plivo's own builder of answer documents. */
  interface PlivoXml {
    addSpeak(text: string, attributes: Record<string, string>): void;
    addStream(url: string, attributes: Record<string, string>): void;
    addHangup(): void;
    toXML(): string;
  }

  const answerTo = async (answer: Instructions, fields: Record<string, string> = { Event: 'StartApp' }) => {
    const host = vendorHost('plivo', { origin: 'http://127.0.0.1:9' });
    const call: AnsweredCall = {
      runId: 7,
      attempt: 1,
      configurationId: 3,
      record: false,
      instructions: answer,
      ringTimeoutSeconds: 25,
      voicemail: null,
      maxCallDurationSeconds: 300,
      callbackUrl: (purpose) => host.callbackUrl(purpose),
    };
    const document = await callbacks.answer!(call, form(fields, 'answer'), host);
    await host.close();
    expect(document.contentType).toBe('application/xml');
    return String(document.body);
  };
  /** In the form of the SDK: without a declaration, and with unescaped quotes. It is the same XML. */
  const plain = (document: string) =>
    document
      .replace('<?xml version="1.0" encoding="UTF-8"?>', '')
      .replaceAll('&quot;', '"')
      .replaceAll('&apos;', "'");

  test.each(['Hi Jane', 'It’s "R&D" <3 \'ok\'', '</Speak><Dial><Number>1</Number></Dial>'])(
    'announce speaks %j and hangs up, with the document of Plivo’s SDK',
    async (text) => {
      const theirs: PlivoXml = startXml();
      theirs.addSpeak(text, { language: 'en-US' });
      theirs.addHangup();
      expect(plain(await answerTo(announcement(text)))).toBe(theirs.toXML());
    },
  );

  test('a stream is bidirectional and keeps the call open, with the document of Plivo’s SDK', async () => {
    const theirs: PlivoXml = startXml();
    theirs.addStream('wss://agent.example.test/media?a=1&b=2', {
      bidirectional: 'true',
      keepCallAlive: 'true',
      contentType: 'audio/x-mulaw;rate=8000',
      extraHeaders: 'runId=7,agentUuid=0b0e7f0c3f6e4f0a9d5b2f6b7a1c2d3e',
    });
    const document = await answerTo(
      streamTo('wss://agent.example.test/media?a=1&b=2', {
        run_id: '7',
        agent_uuid: '0b0e7f0c-3f6e-4f0a-9d5b-2f6b7a1c2d3e',
        greeting: 'Hi, Jane',
        context: '{"user":{"name":"Jane"}}',
      }),
    );
    expect(plain(document)).toBe(theirs.toXML());
  });

  test('parameters beyond 512 bytes are left out', async () => {
    const parameters = { run_id: '7', long: 'a'.repeat(510), short: 'b' };
    const document = await answerTo(streamTo('wss://agent.example.test', parameters));
    expect(document).toContain('extraHeaders="runId=7,short=b"');
  });

  test.each([[hungUp], [announcement(' ')]])('a call without a text is only hung up: %j', async (answer) => {
    const theirs: PlivoXml = startXml();
    theirs.addHangup();
    expect(plain(await answerTo(answer))).toBe(theirs.toXML());
  });

  test('an event at the answer URL starts nothing', async () => {
    const document = await answerTo(announcement('Hi'), { Event: 'Hangup' });
    expect(plain(document)).toBe('<Response/>');
  });
});

describe('plivo: configuration', () => {
  test('credentials are trimmed, secret and without characters that a header or a path does not allow', () => {
    expect(configuration.parse({ auth_id: ' MA1 ', auth_token: ' t ', application_id: 'x' })).toEqual({
      auth_id: 'MA1',
      auth_token: 't',
      amd_enabled: false,
    });
    for (const auth_id of ['', 'a/b', '../x', 'a\u0000b', 'x'.repeat(65)]) {
      expect(configuration.safeParse({ auth_id, auth_token: 't' }).success).toBe(false);
    }
    for (const auth_token of ['', 'a b', 'a\r\nb', 'a\u0000b', 'x'.repeat(201)]) {
      expect(configuration.safeParse({ auth_id: 'MA1', auth_token }).success).toBe(false);
    }
  });

  test('credentials that Plivo refuses are refused in its words', async () => {
    const vendor = await startPlivo();
    const host = vendorHost('plivo', { origin: vendor.origin });
    host.http = async () => ({ status: 401, body: '{"error":"Authentication credentials not valid"}' });
    await expect(plivo.prepare!(settings, host)).rejects.toMatchObject({
      kind: 'bad_request',
      detail: 'Plivo: Authentication credentials not valid (HTTP 401)',
    });
    await host.close();
    await vendor.close();
  });
});
