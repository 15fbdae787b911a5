/** The sandbox, which rings nobody, never replaces a real account unless it was chosen. A call through another account says so. */
import type { TelephonyConfiguration } from '@dograh-trigger/shared';
import { ended } from '../../../trigger-server/src/carriers/port/report';
import { createAgent, createSandbox, type TestAgent } from '../../support/agents';
import { countRuns, readRun } from '../../support/calls';
import { replyJson, startLocalServer, type LocalServer } from '../../support/local-server';
import { addTwilio, configurationsPath } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { deliverDue, startReceiver, type Receiver } from '../../support/webhooks';

const publicBaseUrl = { PUBLIC_BASE_URL: 'https://calls.example.test', SIGNUP_ENABLED: 'true' };

let carrier: LocalServer;
let dials: number;
let server: TestServer;
let account: Account;
let agent: TestAgent;

beforeEach(async () => {
  dials = 0;
  carrier = await startLocalServer((request, response) => {
    if (request.url.endsWith('/Calls.json')) replyJson(response, 201, { sid: `CA${String((dials += 1))}` });
    else replyJson(response, 503, {});
  });
});
afterEach(async () => {
  await server.close();
  await carrier.close();
});

async function start(environment: Record<string, string>): Promise<void> {
  server = await startTestServer({ TWILIO_API_BASE_URL: carrier.url, ...environment });
  account = await server.signUp();
  agent = await createAgent(server, account);
}

function trigger(body: object = {}) {
  return server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: '+14155550100', ...body });
}

/** Creates the sandbox, as on every new server, and then a real default account. */
async function sandboxAndPbx(): Promise<void> {
  await createSandbox(server, account);
  await server.request
    .post(configurationsPath)
    .set('X-API-Key', account.apiKey)
    .send({
      name: 'PBX',
      is_default_outbound: true,
      config: {
        provider: 'ari',
        ari_endpoint: 'http://127.0.0.1:9',
        app_name: 'dograh',
        app_password: 'secret',
        dial_template: 'PJSIP/{number}@trunk',
      },
    })
    .expect(200);
}

describe('a default account that is not ready, beside the sandbox, is a 400 with the reason, and no run', () => {
  test('an unreachable PBX: with Retry-After, because the server reconnects', async () => {
    await start({ ...publicBaseUrl, ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
    await sandboxAndPbx();
    const reply = await trigger().expect(400);
    expect(reply.body).toMatchObject({
      code: 'carrier_unreachable',
      detail: expect.stringMatching(
        /^'PBX' is not ready for outbound calls\. Asterisk is not connected: /,
      ) as string,
    });
    expect(reply.headers['retry-after']).toBe('10');
    expect(await countRuns(server, account)).toBe(0);
  });

  test('Twilio without a number: final', async () => {
    await start(publicBaseUrl);
    await createSandbox(server, account);
    await addTwilio(server, account, { name: 'Line', is_default_outbound: true });
    const reply = await trigger().expect(400);
    expect(reply.body).toMatchObject({
      code: 'telephony_not_ready',
      detail: expect.stringContaining('Outbound calls need a number to dial from.') as string,
    });
    expect(reply.headers).not.toHaveProperty('retry-after');
    expect(await countRuns(server, account)).toBe(0);
  });

  test('Twilio without PUBLIC_BASE_URL', async () => {
    await start({});
    await createSandbox(server, account);
    await addTwilio(server, account, { name: 'Line', is_default_outbound: true, number: '+14155550123' });
    const reply = await trigger().expect(400);
    expect(reply.body).toMatchObject({ detail: expect.stringContaining('PUBLIC_BASE_URL') as string });
    expect(await countRuns(server, account)).toBe(0);
  });
});

test('if another real account replaces the default, the reply, the run and the event name the default and the reason', async () => {
  await start({ ...publicBaseUrl, ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  const receiver: Receiver = await startReceiver();
  await sandboxAndPbx();
  await addTwilio(server, account, { name: 'Line', number: '+14155550123' });
  const reply = await trigger({ callback_url: receiver.url }).expect(200);
  expect(dials).toBe(1);
  expect(reply.headers['call-mode']).toBe('twilio');
  expect(reply.headers['call-fallback']).toMatch(/^PBX; Asterisk%20is%20not%20connected%3A%20/);
  const { workflow_run_id: runId } = reply.body as { workflow_run_id: number };
  const fallback = {
    name: 'PBX',
    provider: 'ari',
    reason: expect.stringMatching(/^Asterisk is not connected: /) as string,
  };
  expect(await readRun(server, account, runId)).toMatchObject({ mode: 'twilio', fallback_from: fallback });

  const end = { ...ended('busy'), rawStatus: 'busy' };
  await server.services.callReports('twilio').report({ runId, attempt: 1 }, [end]);
  await deliverDue(server);
  const [event] = receiver.requests;
  expect(JSON.parse(event?.body.toString('utf8') ?? '')).toMatchObject({
    data: { id: runId, mode: 'twilio', fallback_from: fallback },
  });
  await receiver.close();
});

test('the reply, the run and the event of a sandbox call say that it is one', async () => {
  await start({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  const receiver = await startReceiver();
  await createSandbox(server, account);
  const reply = await trigger({ callback_url: receiver.url }).expect(200);
  expect(reply.headers['call-mode']).toBe('sandbox');
  expect(reply.headers).not.toHaveProperty('call-fallback');
  await server.advance(60_000);
  await deliverDue(server);
  const { workflow_run_id: runId } = reply.body as { workflow_run_id: number };
  expect(await readRun(server, account, runId)).toMatchObject({ mode: 'sandbox', fallback_from: null });
  const [event] = receiver.requests;
  expect(JSON.parse(event?.body.toString('utf8') ?? '')).toMatchObject({ data: { mode: 'sandbox' } });
  await receiver.close();
});

describe('a reply that makes an account the default warns if it is not ready', () => {
  const warning =
    /^'Line' is the default now, and it is not ready for outbound calls\. Outbound calls need a number/;

  test('when it is added as the default, and when it becomes the default later', async () => {
    await start(publicBaseUrl);
    await createSandbox(server, account);
    const added = await addTwilio(server, account, { name: 'Line', is_default_outbound: true });
    expect(added.warnings).toEqual([expect.stringMatching(warning)]);
    const made = await makeDefault(added);
    expect(made.warnings).toEqual([expect.stringMatching(warning)]);
  });

  test('but not if it is ready, or added without becoming the default', async () => {
    await start(publicBaseUrl);
    const first = await addTwilio(server, account, { name: 'First' });
    expect(first).not.toHaveProperty('warnings');
    const ready = await addTwilio(server, account, { name: 'Ready', number: '+14155550123' });
    expect(await makeDefault(ready)).not.toHaveProperty('warnings');
  });

  test('but not on plain Dograh', async () => {
    await start({ ...publicBaseUrl, EXTENSIONS: '' });
    const added = await addTwilio(server, account, { name: 'Line', is_default_outbound: true });
    expect(added).not.toHaveProperty('warnings');
  });
});

async function makeDefault({ id }: { id: number }): Promise<TelephonyConfiguration> {
  const reply = await server.request
    .post(`${configurationsPath}/${String(id)}/set-default-outbound`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return reply.body as TelephonyConfiguration;
}
