import { createAgent, type TestAgent } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { addConfiguration } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;

async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startTestServer(environment);
  account = await server.signUp();
  agent = await createAgent(server, account);
  await addConfiguration(server, account, { name: 'Sandbox', is_default_outbound: true });
}

beforeEach(() => start());
afterEach(() => server.close());

function cancel(runId: number, by: Account = account) {
  return server.request
    .post(`/api/v1/workflow/0/runs/${String(runId)}/cancel`)
    .set('X-API-Key', by.apiKey)
    .send();
}

test('cancelling a ringing call is a 202, and the run ends as canceled', async () => {
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
  await server.advance(300);
  expect((await readRun(server, account, runId)).status).toBe('ringing');
  const reply = await cancel(runId).expect(202);
  expect(reply.body).toEqual({ status: 'canceling', workflow_run_id: runId });
  expect(await readRun(server, account, runId)).toMatchObject({
    status: 'canceled',
    is_completed: true,
    gathered_context: { call_disposition: 'canceled', call_tags: ['not_connected', 'telephony_canceled'] },
  });
});

test('cancelling an answered call hangs it up: its status is completed, its disposition canceled', async () => {
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
  await server.advance(600);
  expect((await readRun(server, account, runId)).status).toBe('answered');
  await cancel(runId).expect(202);
  expect(await readRun(server, account, runId)).toMatchObject({
    status: 'completed',
    gathered_context: { call_disposition: 'canceled' },
  });
});

test('a cancelled sandbox call does not change when its script ends', async () => {
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
  await cancel(runId).expect(202);
  const { logs: _before, ...ended } = await readRun(server, account, runId);
  await server.advance(10_000);
  const { logs: _after, ...later } = await readRun(server, account, runId);
  expect(later).toEqual(ended);
});

test('cancelling a call that has ended is a 409', async () => {
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
  await server.advance(10_000);
  const reply = await cancel(runId).expect(409);
  expect(reply.body).toMatchObject({ detail: 'The call has already ended' });
});

test('cancelling another organization’s call is a 404, and the call goes on', async () => {
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
  await cancel(runId, await server.signUp()).expect(404);
  expect((await readRun(server, account, runId)).is_completed).toBe(false);
});

test('without the extension the route does not exist, as on plain Dograh', async () => {
  await server.close();
  await start({ EXTENSIONS: '' });
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
  await cancel(runId).expect(404);
});
