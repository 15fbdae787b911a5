/** A real Asterisk that rings real SIP phones, through the public trigger route of the real server: `npm run test:asterisk`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TriggerClient, type Run, type TelephonyConfiguration } from '@dograh-trigger/shared';
import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import request from 'supertest';
import { printedKey } from '../../support/printed-request';
import { createAgent, definitionWith, publish, saveDraft, type TestAgent } from '../../support/agents';
import { startServerProcess, type ServerProcess } from '../../support/server-process';
import { configurationsPath } from '../../support/telephony';
import { freeTcpPort } from '../../support/free-port';
import { until } from '../until';
import { installAsterisk } from './install';
import { ariUser, startPbx, type Pbx } from './pbx';

/** trunk.xml defines how these phones behave. */
const phone = {
  listens: '+14155550001',
  hangsUp: '+14155550002',
  isBusy: '+14155550003',
  declines: '+14155550004',
  rings: '+14155550005',
  isAway: '+14155550006',
  doesNotExist: '+14155559999',
};
const callerNumber = '+14155550100';
const greeting = 'Hello {{user.name}}, this is a reminder of your appointment tomorrow at nine.';

const folder = mkdtempSync(join(tmpdir(), 'asterisk-suite-'));
/** Started programs, which are always ended after the tests. */
const closers: (() => Promise<unknown>)[] = [];
let environment: Record<string, string>;
let pbx: Pbx;
let server: ServerProcess;
let client: TriggerClient;
let account: { apiKey: string; token: string; organizationId: number; userId: number };
let agent: TestAgent;
let trunk: number;

beforeAll(async () => {
  const root = installAsterisk();
  pbx = await startPbx(root);
  closers.push(() => pbx.close());
  const port = String(await freeTcpPort());
  environment = {
    DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
    PORT: port,
    PUBLIC_BASE_URL: `http://127.0.0.1:${port}`,
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
    DEFAULT_ORG_CONCURRENCY_LIMIT: '2',
    TTS_COMMAND: `chroot ${root} espeak-ng --stdout --stdin`,
  };
  server = await startServerProcess(environment);
  closers.push(() => server.stop());
  const apiKey = printedKey(server.output);
  account = { apiKey, token: '', organizationId: 0, userId: 0 };
  client = new TriggerClient(axiosTransport({ apiKey }), { baseUrl: server.baseUrl, sleep });
  trunk = await configure('Trunk', 'PJSIP/{number}@trunk');
  await api('post', `${configurationsPath}/${String(trunk)}/phone-numbers`, { address: callerNumber });
  agent = await agentThat({ ring_timeout_seconds: 5 });
}, 600_000);

afterAll(async () => {
  for (const close of closers.reverse()) await close();
  rmSync(folder, { recursive: true });
});

afterEach(async () => {
  expect(await countUnfinished()).toBe(0);
});

async function api(method: 'get' | 'post', path: string, body?: object): Promise<unknown> {
  const caller = request(server.baseUrl);
  const asked = method === 'get' ? caller.get(path) : caller.post(path);
  return (await asked.set('X-API-Key', account.apiKey).send(body).expect(200)).body;
}

async function isReady(configurationId: number): Promise<boolean> {
  const shown = await api('get', `${configurationsPath}/${String(configurationId)}`);
  return (shown as TelephonyConfiguration).setup_checklist?.ready_for_outbound === true;
}

/** Creates a connected configuration and returns its id. */
async function configure(name: string, dialTemplate: string): Promise<number> {
  const config = { provider: 'ari', ari_endpoint: pbx.endpoint, ...ariUser, dial_template: dialTemplate };
  const { id } = (await api('post', configurationsPath, { name, config })) as { id: number };
  await until('the server is connected to Asterisk', () => isReady(id));
  return id;
}

async function agentThat(configurations: {
  ring_timeout_seconds: number;
  max_call_duration?: number;
}): Promise<TestAgent> {
  const caller = { request: request(server.baseUrl) };
  const definition = definitionWith({ greeting });
  const made = await createAgent(caller, account, definition);
  await saveDraft(caller, account, made, { workflow_configurations: configurations });
  await publish(caller, account, made);
  return made;
}

function trigger(number: string, configurationId = trunk, target = agent) {
  return request(server.baseUrl)
    .post(`/api/v1/public/agent/${target.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({
      phone_number: number,
      initial_context: { user: { name: 'Jane' } },
      telephony_configuration_id: configurationId,
    });
}

async function call(number: string, target = agent): Promise<number> {
  const reply = await trigger(number, trunk, target).expect(200);
  return (reply.body as { workflow_run_id: number }).workflow_run_id;
}

function ended(runId: number): Promise<Run> {
  return client.waitForRun(runId, { timeoutSeconds: 40, pollIntervalSeconds: 0.1 });
}

async function reaches(runId: number, status: Run['status']): Promise<void> {
  await until(`the call is ${String(status)}`, async () => (await client.getRun(runId)).status === status);
}

/** The number of calls in progress in the organization. */
async function countUnfinished(): Promise<number> {
  const agents = (await api('get', '/api/v1/workflow/fetch')) as { id: number }[];
  let unfinished = 0;
  for (const { id } of agents) {
    const { runs } = (await api('get', `/api/v1/workflow/${String(id)}/runs`)) as { runs: Run[] };
    unfinished += runs.filter((run) => !run.is_completed).length;
  }
  return unfinished;
}

function cancel(runId: number) {
  return request(server.baseUrl)
    .post(`/api/v1/workflow/0/runs/${String(runId)}/cancel`)
    .set('X-API-Key', account.apiKey)
    .expect(202);
}

function outcome(run: Run) {
  return {
    status: run.status,
    disposition: run.gathered_context?.call_disposition,
    seconds: run.usage_info?.call_duration_seconds,
  };
}

function spoken(run: Run): string[] {
  const { realtime_feedback_events: events = [] } = run.logs as {
    realtime_feedback_events?: { type: string; payload: { text?: string } }[];
  };
  return events.flatMap(({ type, payload }) => (type === 'rtf-bot-text' ? [payload.text ?? ''] : []));
}

/** A number of seconds of real time. */
function between(least: number, most: number): unknown {
  return {
    asymmetricMatch: (value: unknown) => typeof value === 'number' && value >= least && value <= most,
  };
}

test('a callee hears the whole announcement, and then the call is hung up', async () => {
  const run = await ended(await call(phone.listens));
  expect(outcome(run)).toEqual({ status: 'completed', disposition: 'end_call_tool', seconds: between(3, 8) });
  expect(spoken(run)).toEqual(['Hello Jane, this is a reminder of your appointment tomorrow at nine.']);
  expect(run.initial_context).toMatchObject({ caller_number: callerNumber });
});

test('a callee who answers and hangs up', async () => {
  const run = await ended(await call(phone.hangsUp));
  expect(outcome(run)).toEqual({ status: 'completed', disposition: 'user_hangup', seconds: between(1, 3) });
});

test.each([
  ['is busy', phone.isBusy, 'busy', 'busy'],
  ['declines', phone.declines, 'busy', 'declined'],
  ['does not answer within the ring timeout', phone.rings, 'no-answer', 'no_answer'],
  ['is out of reach', phone.isAway, 'no-answer', 'unavailable'],
  ['does not exist', phone.doesNotExist, 'failed', 'invalid_number'],
])('a callee who %s', async (_what, number, status, reason) => {
  const run = await ended(await call(number));
  expect(outcome(run)).toEqual({ status, disposition: status, seconds: 0 });
  expect(run.reason).toBe(reason);
});

test('a call to an unregistered phone is a 400, and its run has ended', async () => {
  const absent = await configure('Absent', 'PJSIP/{number}@absent');
  const reply = await trigger(phone.listens, absent).expect(400);
  expect(reply.body).toEqual({
    code: 'call_refused',
    detail:
      'Failed to initiate call: Asterisk: Allocation failed: the device of the dial template is unknown or not reachable (HTTP 500)',
  });
});

test('the caller cancels while the phone rings', async () => {
  const runId = await call(phone.rings);
  await reaches(runId, 'ringing');
  await cancel(runId);
  expect(outcome(await ended(runId))).toEqual({ status: 'canceled', disposition: 'canceled', seconds: 0 });
});

test('the caller cancels while the callee listens', async () => {
  const runId = await call(phone.listens);
  await reaches(runId, 'answered');
  await cancel(runId);
  expect(outcome(await ended(runId))).toEqual({
    status: 'completed',
    disposition: 'canceled',
    seconds: between(0, 2),
  });
});

test('two calls at once; a third has no slot until they are over', async () => {
  const both = [await call(phone.hangsUp), await call(phone.listens)];
  expect(await countUnfinished()).toBe(2);
  await trigger(phone.listens).expect(429);
  const runs = await Promise.all(both.map(ended));
  expect(runs.map(outcome)).toEqual([
    { status: 'completed', disposition: 'user_hangup', seconds: between(1, 3) },
    { status: 'completed', disposition: 'end_call_tool', seconds: between(3, 8) },
  ]);
});

test('a call that reaches its maximum duration is ended by Asterisk', async () => {
  const brief = await agentThat({ ring_timeout_seconds: 5, max_call_duration: 2 });
  const run = await ended(await call(phone.listens, brief));
  expect(outcome(run)).toEqual({
    status: 'completed',
    disposition: 'call_duration_exceeded',
    seconds: between(1, 3),
  });
});

test('after a restart of Asterisk between two calls it is used again; in the meantime calls are refused with the reason', async () => {
  expect(outcome(await ended(await call(phone.hangsUp)))).toMatchObject({ status: 'completed' });
  await pbx.crash();
  await until('the loss is noticed', async () => !(await isReady(trunk)));
  const refusal = await trigger(phone.listens).expect(400);
  expect((refusal.body as { detail: string }).detail).toContain('Asterisk is not connected');
  await pbx.start();
  await until('the server is connected again', () => isReady(trunk), 40);
  expect(outcome(await ended(await call(phone.hangsUp)))).toEqual({
    status: 'completed',
    disposition: 'user_hangup',
    seconds: between(1, 3),
  });
});

test('a restart of Asterisk during a call ends its run as completed, and the run says that nobody knows how', async () => {
  const runId = await call(phone.listens);
  await reaches(runId, 'answered');
  await pbx.crash();
  await pbx.start();
  expect(outcome(await ended(runId))).toMatchObject({ status: 'completed', disposition: 'unknown' });
  await until('the server is connected again', () => isReady(trunk), 40);
});

test('a restarted server continues a call in progress', async () => {
  const runId = await call(phone.listens);
  await until('the announcement is played', () => pbx.isAnnouncing());
  await server.stop('SIGKILL');
  server = await startServerProcess(environment);
  const run = await ended(runId);
  expect(outcome(run)).toEqual({ status: 'completed', disposition: 'end_call_tool', seconds: between(3, 9) });
});
