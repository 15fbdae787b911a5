/** Asterisk reports by events, once each. A call that it does not know, or no longer knows, has none. */
import { createAgent, type TestAgent } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { addCarrier } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { ariSettings, startAri, type Ari } from '../../support/vendors/ari';

const called = { phone_number: '+14155550100' };

let vendor: Ari;
let server: TestServer;
let account: Account;
let agent: TestAgent;

beforeEach(async () => {
  vendor = await startAri();
  server = await startTestServer({
    PUBLIC_BASE_URL: 'https://calls.example.test',
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
  });
  account = await server.signUp();
  agent = await createAgent(server, account);
  const config = { provider: 'ari', ...ariSettings(vendor) };
  const { id } = await addCarrier(server, account, config, { name: 'PBX', number: '+14155550123' });
  while (server.services.connections.faultOf(id) !== null) {
    await server.request.get('/api/v1/health');
  }
});
afterEach(async () => {
  await server.close();
  await vendor.close();
});

async function passSeconds(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await server.advance(1000);
    await server.request.get('/api/v1/health');
  }
}

test('a dial without a reply, of which Asterisk has no channel, ends within a minute', async () => {
  vendor.play('reset');
  const reply = await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send(called)
    .expect(504);
  const runId = Number(/\/runs\/(\d+)$/.exec(String(reply.headers.location))?.[1]);
  vendor.channels.clear();
  await passSeconds(60);
  expect(await readRun(server, account, runId)).toMatchObject({ status: 'failed', is_completed: true });
  expect(vendor.dials).toHaveLength(1);
});

test('a dialled call whose end was not reported ends within two minutes', async () => {
  const runId = await startCall(server, account, agent, called);
  vendor.channels.clear();
  await passSeconds(120);
  expect(await readRun(server, account, runId)).toMatchObject({ status: 'failed', is_completed: true });
});

test('a dialled call that still rings then stays open', async () => {
  const runId = await startCall(server, account, agent, called);
  await passSeconds(120);
  expect(await readRun(server, account, runId)).toMatchObject({ is_completed: false });
});
