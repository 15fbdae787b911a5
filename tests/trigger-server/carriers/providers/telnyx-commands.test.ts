/** The commands to Telnyx for an answered call. */
import type { AnsweredCall } from '../../../../trigger-server/src/carriers/port/call';
import type { CallbackRequest } from '../../../../trigger-server/src/carriers/port/callback';
import { telnyx } from '../../../../trigger-server/src/carriers/providers/telnyx';
import { createAgent, definitionWith } from '../../../support/agents';
import { readRun, startCall } from '../../../support/calls';
import { configurationsPath } from '../../../support/telephony';
import { startTestServer, type TestServer } from '../../../support/test-server';
import { outboundCall, received, vendorHost, type VendorHost } from '../../../support/vendors/host';
import { startTelnyx, telnyxSettings, telnyxWebhook, type Telnyx } from '../../../support/vendors/telnyx';
import { comparableRequest, telnyxSdk } from '../../../support/vendors/telnyx-sdk';
import { announcement, hungUp, streamTo, type Instructions } from '../../../support/vendors/instructions';

const configuration = telnyx.configuration.parse(telnyxSettings);
const { callbacks } = telnyx;
if (callbacks === null) throw new Error('Telnyx calls back');
const readStatus = (request: CallbackRequest) => callbacks.readStatus(request);

let vendor: Telnyx;
let host: VendorHost;
let callId: string;
beforeEach(async () => {
  vendor = await startTelnyx();
  host = vendorHost('telnyx', { origin: vendor.origin });
  await telnyx.placeCall(configuration, outboundCall(host), host);
  callId = vendor.callIdOf(vendor.dials[0]!);
});
afterEach(async () => {
  await host.close();
  await vendor.close();
});

const stream = streamTo('wss://media.example.test/socket', { run_id: '7' });

function webhook(type: string, payload: object = {}): CallbackRequest {
  return received(telnyxWebhook(host.callbackUrl('status'), type, payload));
}

describe('commands', () => {
  /** Passes a webhook about the placed call to the provider. */
  async function told(type: string, answer: Instructions, payload: object = {}): Promise<void> {
    const call: AnsweredCall = {
      runId: 7,
      attempt: 1,
      configurationId: 3,
      record: false,
      instructions: answer,
      ringTimeoutSeconds: 25,
      voicemail: null,
      maxCallDurationSeconds: 240,
      callbackUrl: (purpose) => host.callbackUrl(purpose),
    };
    const request = webhook(type, { call_control_id: callId, ...payload });
    await callbacks?.act?.(configuration, request, async () => call, host, false);
  }

  /** Telnyx's webhook about the last speech, with the state of the command. */
  const lastState = () => ({ client_state: vendor.commands.at(-1)?.fields.client_state });
  const actions = () => vendor.commands.map(({ action }) => action);

  test('an announcement is spoken with the command of the SDK, and the call ends after it', async () => {
    await told('call.answered', announcement('Hello, Jane & </Say><Dial>'));
    const state = Buffer.from('announcement:0:last').toString('base64');
    await telnyxSdk(vendor).calls.actions.speak(callId, {
      payload: 'Hello, Jane & </Say><Dial>',
      payload_type: 'text',
      voice: 'AWS.Polly.Joanna',
      client_state: state,
      command_id: 'announcement-0',
    });
    const [ours, theirs] = vendor.requests.map(comparableRequest);
    expect(ours).toEqual(theirs);
    expect(actions()).toEqual(['speak']);

    const spoken = readStatus(
      webhook('call.speak.started', { call_control_id: callId, client_state: state }),
    );
    expect(spoken).toMatchObject({ status: 'answered', greetingBegun: true });
    await told('call.speak.ended', announcement('Hello, Jane & </Say><Dial>'), lastState());
    expect(actions()).toEqual(['speak', 'hangup']);
  });

  test('a repeated webhook does not repeat a command', async () => {
    await told('call.answered', announcement('Hello'));
    await told('call.answered', announcement('Hello'));
    const state = lastState();
    await told('call.speak.ended', announcement('Hello'), state);
    await told('call.speak.ended', announcement('Hello'), state);
    expect(actions()).toEqual(['speak', 'hangup']);
  });

  test('a text longer than Telnyx’s limit is spoken in parts, and the greeting is logged once', async () => {
    const text = Array.from({ length: 1000 }, (_, at) => `word${String(at)}`).join(' ');
    await told('call.answered', announcement(text));
    const logged: unknown[] = [];
    while (actions().at(-1) === 'speak') {
      logged.push(readStatus(webhook('call.speak.started', lastState()))?.greetingBegun);
      await told('call.speak.ended', announcement(text), lastState());
    }
    expect(actions()).toEqual(['speak', 'speak', 'speak', 'hangup']);
    expect(logged).toEqual([true, undefined, undefined]);
    const spoken = vendor.commands.flatMap(({ action, fields }) =>
      action === 'speak' ? [fields.payload] : [],
    );
    expect(spoken.join(' ')).toBe(text);
  });

  test.each([
    ['there is nothing to say', 'call.answered', announcement(' ')],
    ['the run has ended', 'call.answered', hungUp],
    ['the run ended while the announcement was spoken', 'call.speak.ended', hungUp],
    ['the media socket could not be reached', 'streaming.failed', stream],
    ['the media socket was closed', 'streaming.stopped', stream],
  ] satisfies [string, string, Instructions][])('the call is ended when %s', async (_why, type, answer) => {
    await told(type, answer);
    expect(actions()).toEqual(['hangup']);
  });

  test.each([
    ['call.answered', stream],
    ['call.speak.ended', stream],
    ['call.initiated', announcement('Hello')],
    ['call.machine.detection.ended', announcement('Hello')],
    ['call.speak.started', announcement('Hello')],
    ['call.hangup', announcement('Hello')],
  ] satisfies [string, Instructions][])('no command follows %s', async (type, answer) => {
    await told(type, answer);
    expect(vendor.requests).toEqual([]);
  });

  test('no command follows an announcement that ended with the call', async () => {
    await told('call.speak.ended', announcement('Hello'), { status: 'call_hangup' });
    expect(vendor.requests).toEqual([]);
  });

  test('an announcement that Telnyx refuses ends the call, so that it is not silent', async () => {
    vendor.refuseNext(422);
    await told('call.answered', announcement('Hello'));
    expect(actions()).toEqual(['hangup']);
    expect(host.logLines.join()).not.toMatch(/SECRET|Hello|4155550/);
  });

  test.each([500, 429])(
    'a command that fails with HTTP %i is sent again at the next delivery of the webhook',
    async (status) => {
      vendor.refuseNext(status);
      await expect(told('call.answered', announcement('Hello'))).rejects.toMatchObject({
        kind: 'unavailable',
      });
      await told('call.answered', announcement('Hello'));
      expect(actions()).toEqual(['speak']);
    },
  );

  test('a command for a call that has ended is no error', async () => {
    await told('call.speak.ended', announcement('Hello'), lastState());
    await told('call.answered', announcement('Hello'));
    expect(actions()).toEqual(['hangup']);
    expect(host.logLines).toEqual([]);
  });
});

describe('through the whole server', () => {
  const publicBaseUrl = 'https://calls.example.test';
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer({
      PUBLIC_BASE_URL: publicBaseUrl,
      SIGNUP_ENABLED: 'true',
      TELNYX_API_BASE_URL: vendor.origin,
    });
  });
  afterEach(() => server.close());

  test('an answered call hears the rendered greeting once, and the run logs it once', async () => {
    const account = await server.signUp();
    const post = (path: string) => server.request.post(path).set('X-API-Key', account.apiKey);
    const created = await post(configurationsPath)
      .send({ name: 'Carrier', config: { provider: 'telnyx', ...telnyxSettings } })
      .expect(200);
    const { id } = created.body as { id: number };
    await post(`${configurationsPath}/${String(id)}/phone-numbers`)
      .send({ address: '+14155550123' })
      .expect(200);
    const agent = await createAgent(server, account, definitionWith({ greeting: 'Hi {{user.name}} <b>' }));
    const runId = await startCall(server, account, agent, {
      phone_number: '+14155550100',
      initial_context: { user: { name: 'Jane' } },
    });

    const dial = vendor.dials.at(-1)!;
    const { webhook_url: url } = JSON.parse(dial.body.toString()) as { webhook_url: string };
    const deliver = async (type: string, payload: object = {}) => {
      const { headers, body } = telnyxWebhook(url, type, {
        call_control_id: vendor.callIdOf(dial),
        ...payload,
      });
      await server.request.post(url.slice(publicBaseUrl.length)).set(headers).send(body).expect(200);
    };
    await deliver('call.answered');
    await deliver('call.answered');
    const state = { client_state: vendor.commands[0]?.fields.client_state };
    await deliver('call.speak.started', state);
    await deliver('call.speak.started', state);
    await deliver('call.speak.ended', state);
    await deliver('call.hangup', { hangup_cause: 'normal_clearing', hangup_source: 'caller' });

    expect(vendor.commands.map(({ action, fields }) => [action, fields.payload])).toEqual([
      ['speak', 'Hi Jane <b>'],
      ['hangup', undefined],
    ]);
    const run = await readRun(server, account, runId);
    expect(run).toMatchObject({
      status: 'completed',
      gathered_context: { call_disposition: 'end_call_tool' },
    });
    const { realtime_feedback_events: spoken } = run.logs as { realtime_feedback_events: object[] };
    expect(spoken).toEqual([expect.objectContaining({ payload: { text: 'Hi Jane <b>' } })]);
  });
});
