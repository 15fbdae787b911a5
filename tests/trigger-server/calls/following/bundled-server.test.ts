/** The Dograh is a second server of this project, as a process, with its extensions off: then it answers as Dograh does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { createAgent, definitionWith, type TestAgent } from '../../../support/agents';
import { readRun, startCall } from '../../../support/calls';
import { agentAtDograh, followByHand } from '../../../support/followed-calls';
import { freeTcpPort } from '../../../support/free-port';
import { startServerProcess, type ServerProcess } from '../../../support/server-process';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

const dograhKey = `dgr_${'b'.repeat(43)}`;

let folder: string;
let port: number;
let dograh: ServerProcess;
let there: { request: ReturnType<typeof request> };
let server: TestServer;
let account: Account;
let agent: TestAgent;
let pass: (seconds: number) => Promise<void>;

const startDograh = async (stepMilliseconds: number): Promise<void> => {
  dograh = await startServerProcess({
    PORT: String(port),
    EXTENSIONS: '',
    DATABASE_URL: `file:${join(folder, 'dograh.db')}`,
    ARTIFACTS_DIR: join(folder, 'artifacts'),
    BOOTSTRAP_API_KEY: dograhKey,
    SANDBOX_STEP_MS: String(stepMilliseconds),
  });
  there = { request: request(dograh.baseUrl) };
};

const thereAs = { apiKey: dograhKey } as Account;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dograh-'));
  port = await freeTcpPort();
  await startDograh(100);
  const held = await createAgent(there, thereAs, definitionWith({ greeting: 'Hello {{user.name}}' }));
  server = await startTestServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  account = await server.signUp();
  agent = await agentAtDograh(
    server,
    account,
    { url: dograh.baseUrl, key: dograhKey, agent: `workflow/${held.uuid}` },
    { recording_enabled: false },
  );
  pass = followByHand(server);
});
afterEach(async () => {
  await server.close();
  await dograh.stop('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const start = (number = '+14155550100') =>
  startCall(server, account, agent, { phone_number: number, initial_context: { user: { name: 'Jane' } } });

/** Follows the call until it has ended. Jest's time limit ends the test of one that does not. */
async function untilEnded(runId: number) {
  for (;;) {
    await pass(2);
    const run = await readRun(server, account, runId);
    if (run.is_completed) return run;
  }
}

/** How many calls the other server has placed. */
async function callsThere(): Promise<number> {
  const list = await there.request.get('/api/v1/organizations/usage/runs').set('X-API-Key', dograhKey);
  return (list.body as { total_count: number }).total_count;
}

test('a call runs through it to its end, with the transcript', async () => {
  const run = await untilEnded(await start());
  expect(run).toMatchObject({
    status: 'completed',
    reason: null,
    gathered_context: { provider: 'dograh', call_disposition: 'end_call_tool' },
  });
  const { pathname } = new URL(run.transcript_public_url ?? '', server.baseUrl);
  expect((await server.request.get(pathname).expect(200)).text).toContain('assistant: Hello Jane');
  expect(await callsThere()).toBe(1);
});

test.each([
  ['+15005550011', 'busy', 'busy'],
  ['+15005550012', 'no-answer', 'no_answer'],
  ['+15005550014', 'canceled', 'canceled'],
])('the ending of %s is copied: %s', async (number, status, reason) => {
  expect(await untilEnded(await start(number))).toMatchObject({ status, reason });
});

test('it was killed and restarted in mid-call: one call, which ends truly', async () => {
  await dograh.stop('SIGKILL');
  await startDograh(2000);
  const runId = await start();
  await pass(3);
  expect((await readRun(server, account, runId)).is_completed).toBe(false);
  await dograh.stop('SIGKILL');
  await pass(30);
  expect((await readRun(server, account, runId)).is_completed).toBe(false);
  await startDograh(100);
  expect(await untilEnded(runId)).toMatchObject({ status: 'completed', reason: null });
  expect(await callsThere()).toBe(1);
});

test('its key was revoked in mid-call, and is valid again: one call, which ends truly', async () => {
  const keys = await there.request.get('/api/v1/user/api-keys').set('X-API-Key', dograhKey).expect(200);
  const [{ id } = { id: 0 }] = keys.body as { id: number }[];
  const other = await there.request
    .post('/api/v1/user/api-keys')
    .set('X-API-Key', dograhKey)
    .send({ name: 'other' })
    .expect(200);
  const otherKey = (other.body as { api_key: string }).api_key;
  const runId = await start();
  await there.request
    .delete(`/api/v1/user/api-keys/${String(id)}`)
    .set('X-API-Key', otherKey)
    .expect(200);
  await pass(60);
  expect((await readRun(server, account, runId)).is_completed).toBe(false);
  const path = `/api/v1/user/api-keys/${String(id)}/reactivate`;
  await there.request.put(path).set('X-API-Key', otherKey).expect(200);
  expect(await untilEnded(runId)).toMatchObject({ status: 'completed', reason: null });
  expect(await callsThere()).toBe(1);
});
