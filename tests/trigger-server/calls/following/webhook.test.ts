import { readRun, startCall } from '../../../support/calls';
import {
  agentAtDograh,
  endedRun,
  startPlayedDograh,
  type PlayedDograh,
} from '../../../support/followed-calls';
import type { TestAgent } from '../../../support/agents';
import { configurationsPath } from '../../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

const publicBaseUrl = 'https://trigger.example.com';

let dograh: PlayedDograh;
let server: TestServer;
let account: Account;
let agent: TestAgent;
let configurationId: number;
let path: string;

beforeEach(async () => {
  dograh = await startPlayedDograh();
  server = await startTestServer({
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
    PUBLIC_BASE_URL: publicBaseUrl,
  });
  account = await server.signUp();
  agent = await agentAtDograh(server, account, dograh);
  configurationId = await findConfigurationId();
  path = (await webhookUrl()).replace(publicBaseUrl, '');
});
afterEach(async () => {
  await server.close();
  await dograh.close();
});

async function findConfigurationId(): Promise<number> {
  const list = await server.request.get(configurationsPath).set('X-API-Key', account.apiKey).expect(200);
  const [{ id } = { id: 0 }] = (list.body as { configurations: { id: number }[] }).configurations;
  return id;
}

async function webhookUrl(): Promise<string> {
  const detail = await server.request
    .get(`${configurationsPath}/${String(configurationId)}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return (detail.body as { webhook_url: string }).webhook_url;
}

const start = () => startCall(server, account, agent, { phone_number: '+14155550100' });
const isCompleted = async (runId: number) => (await readRun(server, account, runId)).is_completed;

/** As Dograh posts it. */
const post = (runId: number, to = path) =>
  server.request
    .post(to)
    .set('X-Dograh-Workflow-Run-Id', String(runId))
    .send({ call_disposition: 'busy', status: 'forged' });

function end(id: number, fields: object = endedRun): void {
  dograh.runs.set(id, { ...dograh.runs.get(id), ...fields, id });
}

test('a call ends at once with what Dograh says of it, and nothing of the post counts', async () => {
  const runId = await start();
  end(501);
  await post(501).expect(200, { status: 'success' });
  expect(await readRun(server, account, runId)).toMatchObject({
    status: 'completed',
    gathered_context: { call_disposition: 'user_hangup', day: 'Monday' },
  });
});

test('a post about a call that goes on at Dograh ends nothing', async () => {
  const runId = await start();
  await post(501).expect(200);
  expect(await isCompleted(runId)).toBe(false);
});

test('a call whose files are not there yet is left to its turn', async () => {
  const runId = await start();
  end(501, { ...endedRun, transcript_url: null });
  await post(501).expect(200);
  expect(await isCompleted(runId)).toBe(false);
});

test('the same post twice, and one about a call that nobody knows, change nothing', async () => {
  const runId = await start();
  end(501);
  await post(501).expect(200);
  const { logs, ...ended } = await readRun(server, account, runId);
  await post(501).expect(200);
  await post(999).expect(200);
  expect(await readRun(server, account, runId)).toEqual({ ...ended, logs });
  expect(dograh.reads()).toHaveLength(1);
});

test('while Dograh cannot be read, a post is taken and ends nothing', async () => {
  const runId = await start();
  end(501);
  dograh.fault = () => ({ status: 503, body: 'Service Unavailable' });
  await post(501).expect(200);
  expect(await isCompleted(runId)).toBe(false);
});

test('without the signature of exactly this account, a post is refused, and Dograh is not asked', async () => {
  await start();
  end(501);
  const other = path.replace(`/${String(configurationId)}/`, `/${String(configurationId + 1)}/`);
  for (const forged of [other, `${path}x`, path.replace('/dograh/', '/twilio/')]) {
    await post(501, forged).expect(401, { detail: 'Invalid webhook signature', code: 'unauthenticated' });
  }
  expect(dograh.reads()).toHaveLength(0);
});

test('the address of another organization’s account does not end this call', async () => {
  const runId = await start();
  end(501);
  const owner = account;
  account = await server.signUp();
  await agentAtDograh(server, account, dograh);
  configurationId = await findConfigurationId();
  await post(501, (await webhookUrl()).replace(publicBaseUrl, '')).expect(200);
  expect(dograh.reads()).toHaveLength(0);
  expect((await readRun(server, owner, runId)).is_completed).toBe(false);
});
