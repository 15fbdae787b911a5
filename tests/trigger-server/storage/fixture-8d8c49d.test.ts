/**
 * A database of the server of commit 8d8c49d (tests/fixtures/README.md) is migrated when it is opened. All of its data is
 * still there and works.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  TriggerClient,
  verifyWebhook,
  type Run,
  type WebhookDelivery,
  type WebhookSecret,
} from '@dograh-trigger/shared';
import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import { endOverdueRuns } from '../../../trigger-server/src/calls/watchdog';
import { fetchDueRecordings } from '../../support/fetch-recordings';
import { definitionWith, saveDraft } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import {
  account,
  archivedKey,
  archivedPath,
  bearerCredential,
  database,
  demoKey,
  disabledPath,
  foreignKey,
  keyedCalls,
  jane,
  login,
  plain,
  reminder,
  runs,
  secretsKey,
  unfinished,
  viaTwilio,
} from '../../support/fixture-8d8c49d';
import { startServerProcess } from '../../support/server-process';
import { startTestServer, type TestServer } from '../../support/test-server';
import { accountSid, authToken, startTwilio } from '../../support/vendors/twilio';
import type { Vendor } from '../../support/vendors/vendor';
import {
  completeCall,
  deliverDue,
  listDeliveries,
  readDelivery,
  receiversAllowed,
  startReceiver,
} from '../../support/webhooks';
import { feedbackOf } from '../artifacts/support';

let twilio: Vendor;
let server: TestServer;
beforeEach(async () => {
  twilio = await startTwilio();
  server = await startTestServer(
    { ...receiversAllowed, PUBLIC_BASE_URL: 'https://calls.example.com', TWILIO_API_BASE_URL: twilio.origin },
    database,
  );
});
afterEach(async () => {
  await server.close();
  await twilio.close();
});

async function get<Reply>(path: string, key = account.apiKey, status = 200): Promise<Reply> {
  const reply = await server.request.get(`/api/v1${path}`).set('X-API-Key', key).expect(status);
  return reply.body as Reply;
}

function trigger(path: string, body: object, headers: Record<string, string> = {}) {
  return server.request
    .post(`/api/v1/public/agent/${path}`)
    .set('X-API-Key', account.apiKey)
    .set(headers)
    .send(body);
}

/** What was said in the run. */
function spoken(run: Run): unknown[] {
  return feedbackOf(run)
    .filter(({ type }) => type === 'rtf-bot-text')
    .map(({ payload }) => payload.text);
}

test('the server process opens it, ends the sandbox calls that were under way, and starts new ones', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fixture-'));
  copyFileSync(database, join(folder, 'trigger.db'));
  const started = await startServerProcess({
    DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
    SECRETS_KEY: secretsKey,
    SANDBOX_STEP_MS: '0',
  });
  try {
    const client = new TriggerClient(axiosTransport({ apiKey: account.apiKey }), {
      baseUrl: started.baseUrl,
      sleep,
    });
    const ended = async (runId: number) => (await client.waitForRun(runId, { timeoutSeconds: 30 })).status;
    expect(await Promise.all([20, 21, 22].map(ended))).toEqual(['completed', 'completed', 'completed']);
    for (const environment of ['production', 'test'] as const) {
      const { runId } = await client.triggerCall({
        target: { triggerUuid: plain.triggerPath },
        environment,
        phoneNumber: '+14155550100',
      });
      expect(await ended(runId)).toBe('completed');
    }
    expect(started.output).toContain('Place a call in the sandbox');
    expect(await started.stop()).toBe(0);
  } finally {
    await started.stop('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});

test('users can sign in, active keys authenticate, and an archived one does not', async () => {
  const session = await server.request.post('/api/v1/auth/login').send(login).expect(200);
  const token = (session.body as { token: string }).token;
  const keys = await server.request
    .get('/api/v1/user/api-keys?include_archived=true')
    .set('Authorization', `Bearer ${token}`)
    .expect(200);
  expect(keys.body).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: 'test', is_active: true }),
      expect.objectContaining({ name: 'archived', is_active: false }),
    ]),
  );
  for (const [key, id] of [
    [demoKey, 1],
    [account.apiKey, 2],
    [foreignKey, 3],
  ] as const) {
    expect(await get('/user/auth/user', key)).toMatchObject({ id });
  }
  await get('/user/auth/user', archivedKey, 401);
  await get('/workflow/0/runs/8', foreignKey, 404);
});

test('every agent is as it was left', async () => {
  const agents = await get<{ name: string; status: string; total_runs: number }[]>('/workflow/fetch');
  expect(agents.map(({ name, status, total_runs: runs }) => [name, status, runs]).sort()).toEqual([
    ['Archived', 'archived', 0],
    ['Plain', 'active', 8],
    ['Reminder', 'active', 15],
    ['Silent', 'active', 0],
    ['Streaming', 'active', 0],
    ['Trigger disabled', 'active', 0],
    ['Without trigger', 'active', 0],
  ]);
  expect(await get('/workflow/fetch/7')).toMatchObject({
    workflow_configurations: { answer: 'stream', stream_url: 'wss://voice.example.com/media' },
  });
  expect(await get('/workflow/fetch/3')).toMatchObject({
    version_status: 'draft',
    template_context_variables: { order: 'number 4711' },
    workflow_configurations: { recording_enabled: true, max_call_duration: 120 },
  });
  expect(await get('/workflow/3/versions')).toMatchObject([
    { version_number: 3, status: 'draft' },
    { version_number: 2, status: 'published' },
    { version_number: 1, status: 'archived' },
  ]);
});

test('triggers run the published agent and the draft; those of archived and disabled agents are closed', async () => {
  const call = async (mode: string) => {
    const reply = await trigger(`${mode}${reminder.triggerPath}`, {
      phone_number: '+14155550100',
      initial_context: mode === '' ? jane : { user: jane.user },
    }).expect(200);
    await server.advance(5000);
    return readRun(server, account, (reply.body as { workflow_run_id: number }).workflow_run_id);
  };
  expect(spoken(await call(''))).toEqual(['Hello Jane, your order 7 is on its way.']);
  const tried = await call('test/');
  expect(spoken(tried)).toEqual(['This is the draft, Jane.']);
  expect(tried.initial_context).toMatchObject({ order: 'number 4711' });
  await trigger(archivedPath, { phone_number: '+14155550100' }).expect(404);
  await trigger(disabledPath, { phone_number: '+14155550100' }).expect(404);
});

test('a run of every state reads as it was', async () => {
  const read: unknown[] = [];
  for (const [id] of runs) {
    const run = await readRun(server, account, id);
    const { call_disposition: disposition } = run.gathered_context ?? {};
    read.push([id, run.status, disposition, run.mode, run.recording_url ?? null, run.artifacts_ready]);
  }
  expect(read).toEqual(runs);
  expect(spoken(await readRun(server, account, 9))).toEqual(['This is the draft, Jane.']);
  expect((await readRun(server, account, 8)).initial_context).toMatchObject({
    ...jane,
    called_number: '+14155550101',
  });
  const page = await get<{ total_count: number }>('/organizations/usage/runs?limit=100');
  expect(page.total_count).toBe(23);
  expect((await get<{ codes: string[] }>('/organizations/disposition-codes')).codes).toContain('sold');
});

test('carriers, numbers and the policy are there, their secrets masked, and a call goes out through Twilio', async () => {
  const { configurations } = await get<{ configurations: { name: string; is_default_outbound: boolean }[] }>(
    '/organizations/telephony-configs',
  );
  expect(configurations).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: 'Sandbox', provider: 'sandbox', is_default_outbound: true }),
      expect.objectContaining({ name: 'Twilio', provider: 'twilio', phone_number_count: 1 }),
      expect.objectContaining({ name: 'Plivo', provider: 'plivo', phone_number_count: 1 }),
      expect.objectContaining({ name: 'Vonage', provider: 'vonage' }),
      expect.objectContaining({ name: 'Telnyx', provider: 'telnyx' }),
      expect.objectContaining({
        name: 'Vobiz',
        inactive: true,
        inactive_reason: 'The carrier refused the credentials.',
      }),
      expect.objectContaining({ name: 'Cloudonix', provider: 'cloudonix' }),
      expect.objectContaining({ name: 'Asterisk', provider: 'ari' }),
    ]),
  );
  const masked = (secret: string) => '*'.repeat(secret.length - 4) + secret.slice(-4);
  expect(await get('/organizations/telephony-configs/4')).toMatchObject({
    credentials: { account_sid: masked(accountSid), auth_token: masked(authToken) },
  });
  expect(await get('/organizations/telephony-configs/10')).toMatchObject({
    name: 'Asterisk',
    credentials: { app_password: masked('fixture-asterisk-password'), dial_template: 'PJSIP/{number}@trunk' },
  });
  const { phone_numbers: numbers } = await get<{ phone_numbers: object[] }>(
    '/organizations/telephony-configs/4/phone-numbers',
  );
  expect(numbers).toMatchObject([
    { id: 1, address: '+14155550199', label: 'Main', is_active: true, is_default_caller_id: true },
    { id: 2, address: '+14155550198', is_active: false },
  ]);
  expect(await get('/organizations/destination-policy')).toMatchObject({
    allowed_calling_codes: ['1', '44'],
    blocked_prefixes: ['+4470'],
    daily_calls_per_key: 1000,
    allowed_number_types: ['shared_cost'],
  });
  expect(await get('/organizations/do-not-call')).toMatchObject({
    entries: [{ number: '+14155550911', source: 'policy', until: null, is_active: true }],
  });
  const refused = await trigger(plain.triggerPath, { phone_number: '+14155550911' }).expect(422);
  expect(refused.body).toMatchObject({ code: 'do_not_call' });
  await trigger(plain.triggerPath, { phone_number: '+447012345678' }).expect(422);

  const reply = await trigger(plain.triggerPath, { phone_number: '+14155550100', ...viaTwilio }).expect(200);
  expect(twilio.dials).toHaveLength(1);
  expect(twilio.dials[0]?.body.toString()).toContain(`From=${encodeURIComponent('+14155550199')}`);
  expect(
    await readRun(server, account, (reply.body as { workflow_run_id: number }).workflow_run_id),
  ).toMatchObject({ mode: 'twilio', status: 'initiated' });
});

test('deliveries of every status are listed with their attempts', async () => {
  const ofStatus = (status: string) => listDeliveries(server, account, `?limit=100&status=${status}`);
  const known = (await ofStatus('succeeded')).concat(
    await ofStatus('dead_letter'),
    await ofStatus('canceled'),
    await ofStatus('pending'),
  );
  expect(known).toHaveLength(47);
  const of = async (match: (delivery: WebhookDelivery) => boolean) => {
    const found = known.find(match);
    return readDelivery(server, account, found?.id ?? '');
  };
  expect(
    await of(({ workflow_run_id: run, source }) => run === 8 && source === 'callback_url'),
  ).toMatchObject({
    status: 'succeeded',
    attempts: [
      { number: 1, status_code: 503, response: 'thank you' },
      { number: 2, status_code: 200, error: null },
    ],
  });
  expect(await of(({ status }) => status === 'dead_letter')).toMatchObject({
    source_id: 'hopeless',
    attempts: [{ status_code: null, error: expect.stringContaining('address is not valid') as string }],
  });
  expect(await of(({ status }) => status === 'canceled')).toMatchObject({
    workflow_run_id: 15,
    attempts: [],
  });
  // The stop of the server cut off this attempt: it had begun, and its outcome is unknown.
  expect(await of(({ workflow_run_id: run }) => run === 16)).toMatchObject({
    status: 'pending',
    attempts: [
      {
        number: 1,
        status_code: null,
        error: expect.stringContaining('The server stopped during this attempt') as string,
      },
    ],
  });
  expect(await of(({ workflow_run_id: run }) => run === 17)).toMatchObject({
    status: 'pending',
    attempts: [],
  });
  expect(await get('/hooks')).toMatchObject([
    { target_url: 'http://10.0.0.9/all', workflow_uuid: null },
    { target_url: 'http://10.0.0.9/plain', workflow_uuid: plain.uuid },
  ]);
});

test('stored credentials open, and events are signed with the secret and with the one before it', async () => {
  const receiver = await startReceiver();
  try {
    const { secret } = await get<WebhookSecret>('/organizations/webhook-secret');
    expect(
      (await get<{ credential_type: string }[]>('/credentials/')).map(({ credential_type: type }) => type),
    ).toEqual(['none', 'api_key', 'bearer_token', 'basic_auth', 'custom_header']);
    const definition = definitionWith({ triggerPath: plain.triggerPath });
    definition.nodes.push({
      id: 'crm',
      type: 'webhook',
      data: { name: 'CRM', endpoint_url: receiver.url, credential_uuid: bearerCredential },
    });
    await saveDraft(server, account, plain, { workflow_definition: definition });
    await trigger(`test/${plain.triggerPath}`, { phone_number: '+14155550100' }).expect(200);
    await server.advance(5000);
    await deliverDue(server);
    const [event] = receiver.requests;
    expect(event?.headers.authorization).toBe('Bearer fixture-bearer-token');
    const { headers = {}, body = Buffer.alloc(0) } = event ?? {};
    const now = server.clock.now();
    expect(verifyWebhook(secret, { headers, body, now })).toEqual({ ok: true });
    expect(String(headers['webhook-signature']).split(' ')).toHaveLength(2);
  } finally {
    await receiver.close();
  }
});

test('what was under way is taken up and ends, and nobody is dialled', async () => {
  await server.followUps.followUpDue();
  await server.advance(60_000);
  await endOverdueRuns(server.services);
  await fetchDueRecordings(server.services);
  const ends: unknown[] = [];
  for (const id of unfinished) ends.push([id, (await readRun(server, account, id)).status]);
  expect(ends).toEqual([
    [18, 'error'],
    [19, 'error'],
    [20, 'completed'],
    [21, 'completed'],
    [22, 'completed'],
    [23, 'error'],
  ]);
  // One recording could be fetched. The carrier of the other call never reported an address.
  expect(await readRun(server, account, 14)).toMatchObject({
    artifacts_ready: true,
    recording_url: 'recordings/14.wav',
  });
  expect(await readRun(server, account, 11)).toMatchObject({ artifacts_ready: true, recording_url: null });
  expect(twilio.dials).toHaveLength(0);
  // Each run has pending events for the hook. Run 18 also has one for its callback URL.
  const owed = await listDeliveries(server, account, '?limit=100&status=pending');
  for (const id of unfinished) {
    expect(owed.some(({ workflow_run_id: run, source }) => run === id && source === 'hook')).toBe(true);
  }
  expect(owed.some(({ workflow_run_id: run, source }) => run === 18 && source === 'callback_url')).toBe(true);
});

test('a repeat of a call that was made there dials nobody while its key is kept', async () => {
  const runCount = async () => (await get<{ total_count: number }>('/organizations/usage/runs')).total_count;
  const before = await runCount();
  for (const [key, path, body] of keyedCalls) {
    const reply = await trigger(path, body, { 'Idempotency-Key': key });
    // 422: the server compares requests by other rules now, but it never forgets a key because of that.
    expect([key, [200, 400, 504, 422].includes(reply.status)]).toEqual([key, true]);
  }
  expect(twilio.dials).toHaveLength(0);
  expect(await runCount()).toBe(before);

  // The key of this call was used more than a day ago.
  await trigger(
    reminder.triggerPath,
    { phone_number: '+14155550100', initial_context: jane },
    { 'Idempotency-Key': 'expired' },
  ).expect(200);
  expect(await runCount()).toBe(before + 1);
});

test('new calls and their events go on where it stopped', async () => {
  const receiver = await startReceiver();
  try {
    const runId = await completeCall(server, account, plain, { callback_url: receiver.url });
    expect(runId).toBe(24);
    await deliverDue(server);
    expect(receiver.requests).toHaveLength(1);
    expect(await startCall(server, account, plain, { phone_number: '+14155550100' })).toBe(25);
  } finally {
    await receiver.close();
  }
});
