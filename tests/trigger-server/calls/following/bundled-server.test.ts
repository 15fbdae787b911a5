/** The Dograh is a second server of this project, as a process, with its extensions off: then it answers as Dograh does. */
import type { TestAgent } from '../../../support/agents';
import { startBundledDograh, type BundledDograh } from '../../../support/bundled-dograh';
import { readRun, startCall } from '../../../support/calls';
import { agentAtDograh, followByHand } from '../../../support/followed-calls';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

let dograh: BundledDograh;
let server: TestServer;
let account: Account;
let agent: TestAgent;
let pass: (seconds: number) => Promise<void>;

beforeEach(async () => {
  dograh = await startBundledDograh();
  const held = await dograh.addAgent();
  server = await startTestServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  account = await server.signUp();
  agent = await agentAtDograh(
    server,
    account,
    { url: dograh.baseUrl(), key: dograh.key, agent: `workflow/${held.uuid}` },
    { recording_enabled: false },
  );
  pass = followByHand(server);
});
afterEach(async () => {
  await server.close();
  await dograh.close();
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

test('a call runs through it to its end, with the transcript', async () => {
  const run = await untilEnded(await start());
  expect(run).toMatchObject({
    status: 'completed',
    reason: null,
    gathered_context: { provider: 'dograh', call_disposition: 'end_call_tool' },
  });
  const { pathname } = new URL(run.transcript_public_url ?? '', server.baseUrl);
  expect((await server.request.get(pathname).expect(200)).text).toContain('assistant: Hello Jane');
  expect(await dograh.calls()).toBe(1);
});

test.each([
  ['+15005550011', 'busy', 'busy'],
  ['+15005550012', 'no-answer', 'no_answer'],
  ['+15005550014', 'canceled', 'canceled'],
])('the ending of %s is copied: %s', async (number, status, reason) => {
  expect(await untilEnded(await start(number))).toMatchObject({ status, reason });
});

test('it was killed and restarted in mid-call: one call, which ends truly', async () => {
  await dograh.kill();
  await dograh.start(2000);
  const runId = await start();
  await pass(3);
  expect((await readRun(server, account, runId)).is_completed).toBe(false);
  await dograh.kill();
  await pass(30);
  expect((await readRun(server, account, runId)).is_completed).toBe(false);
  await dograh.start(100);
  expect(await untilEnded(runId)).toMatchObject({ status: 'completed', reason: null });
  expect(await dograh.calls()).toBe(1);
});

test('its key was revoked in mid-call, and is valid again: one call, which ends truly', async () => {
  const keys = await dograh.request().get('/api/v1/user/api-keys').set('X-API-Key', dograh.key).expect(200);
  const [{ id } = { id: 0 }] = keys.body as { id: number }[];
  const other = await dograh
    .request()
    .post('/api/v1/user/api-keys')
    .set('X-API-Key', dograh.key)
    .send({ name: 'other' })
    .expect(200);
  const otherKey = (other.body as { api_key: string }).api_key;
  const runId = await start();
  await dograh
    .request()
    .delete(`/api/v1/user/api-keys/${String(id)}`)
    .set('X-API-Key', otherKey)
    .expect(200);
  await pass(60);
  expect((await readRun(server, account, runId)).is_completed).toBe(false);
  const path = `/api/v1/user/api-keys/${String(id)}/reactivate`;
  await dograh.request().put(path).set('X-API-Key', otherKey).expect(200);
  expect(await untilEnded(runId)).toMatchObject({ status: 'completed', reason: null });
  expect(await dograh.calls()).toBe(1);
});
