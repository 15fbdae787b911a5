/** The connection to a PBX, of which two servers on one PostgreSQL may have only one. */
import type { TelephonyConfiguration } from '@dograh-trigger/shared';
import { createAgent, type TestAgent } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { configurationsPath } from '../../support/telephony';
import type { Account, TestServer } from '../../support/test-server';
import { ariSettings, channelOf, startAri, type Ari } from '../../support/vendors/ari';
import type { CallEvent } from '../../support/vendors/vendor';
import { replica, startCluster, type Cluster, type Replicas } from './replicas';

let cluster: Cluster;
let replicas: Replicas;
let first: TestServer;
let second: TestServer;
let vendor: Ari;
let account: Account;
let configurationId: number;

beforeAll(async () => {
  cluster = await startCluster();
}, 600_000);
afterAll(() => cluster.stop());

beforeEach(async () => {
  vendor = await startAri();
  replicas = await cluster.start(2, {
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
    PUBLIC_BASE_URL: 'https://calls.example.test',
  });
  first = replica(replicas, 0);
  second = replica(replicas, 1);
  account = await first.signUp();
  const created = await first.request
    .post(configurationsPath)
    .set('X-API-Key', account.apiKey)
    .send({ name: 'PBX', is_default_outbound: true, config: { provider: 'ari', ...ariSettings(vendor) } })
    .expect(200);
  configurationId = (created.body as { id: number }).id;
  await vendor.connected(1);
  await until(first, () => first.services.connections.faultOf(configurationId) === null);
  await rounds();
});
afterEach(async () => {
  await replicas.close();
  await vendor.close();
});

/** Both servers renew and read the leases, as they do every two seconds. */
async function rounds(): Promise<void> {
  // The first one writes its state after it has read it, so the second one reads it in the next round.
  for (const server of [first, second, first, second]) await server.services.connectionKeeper.keep();
}

/** Each round is a real request, so that this process also handles what the other side did. */
async function until(server: TestServer, isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2000; turn += 1) {
    if (isSo()) return;
    await server.request.get('/api/v1/health').expect(200);
  }
  throw new Error('It never came to be');
}

/** Time passes without a round of any server. */
async function pass(seconds: number): Promise<void> {
  await replicas.clock.advance(seconds * 1000, () => Promise.resolve());
}

async function readiness(server: TestServer): Promise<TelephonyConfiguration['setup_checklist']> {
  const reply = await server.request
    .get(`${configurationsPath}/${configurationId}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return (reply.body as TelephonyConfiguration).setup_checklist;
}

/** An event of the call that was dialled last. */
function happen(event: CallEvent): void {
  const dial = vendor.dials.at(-1);
  if (dial === undefined) throw new Error('Nothing was dialled');
  vendor.happen(channelOf(dial), event);
}

const call = (server: TestServer, agent: TestAgent) =>
  startCall(server, account, agent, { phone_number: '+14155550100' });

test('one server is connected, and the other one shows that the configuration is ready', async () => {
  expect(vendor.connections).toBe(1);
  expect(second.services.connections.own()).toEqual([]);
  expect(await readiness(second)).toMatchObject({ ready_for_outbound: true });
});

test('the other server shows why the connection cannot be used', async () => {
  vendor.refusesUser = true;
  vendor.cut();
  await until(first, () => first.services.connections.faultOf(configurationId) !== null);
  await rounds();
  const reason = (await readiness(first))?.outbound_blocked_reason;
  expect(reason).toContain('Asterisk is not connected');
  expect((await readiness(second))?.outbound_blocked_reason).toBe(reason);
});

test('settings that are changed at one server are used by the one that is connected', async () => {
  await second.request
    .put(`${configurationsPath}/${configurationId}`)
    .set('X-API-Key', account.apiKey)
    .send({ config: { provider: 'ari', ...ariSettings(vendor), dial_template: 'SIP/{number}@trunk' } })
    .expect(200);
  await rounds();
  await vendor.connected(2);
  await until(first, () => vendor.connections === 1);
  expect(first.services.connections.own()).toEqual([configurationId]);
});

test('a call that one server dials is followed by the one that is connected', async () => {
  const agent = await createAgent(first, account);
  const runId = await call(second, agent);
  expect(vendor.dials).toHaveLength(1);
  happen('ringing');
  await untilRun(runId, ({ status }) => status === 'ringing');
  happen('answered');
  await untilRun(runId, ({ status }) => status === 'answered');
});

test('when the server with the connection is gone, the other one connects within 15 s, and follows the calls up', async () => {
  const agent = await createAgent(first, account);
  const runId = await call(first, agent);
  happen('ringing');
  await untilRun(runId, ({ status }) => status === 'ringing');
  // It is killed: its socket closes, and it renews nothing.
  first.services.connections.closeAll();
  happen('answered');
  await pass(11);
  await second.services.connectionKeeper.keep();
  expect(second.services.connections.own()).toEqual([]);
  await pass(1);
  await second.services.connectionKeeper.keep();
  expect(second.services.connections.own()).toEqual([configurationId]);
  await untilRun(runId, ({ status }) => status === 'answered');
});

test('a server that was paused handles no event of a call that the other one has now, and closes its connection', async () => {
  // Its timers do not run, as those of a paused process.
  replicas.clock.pass(12_000);
  await second.services.connectionKeeper.keep();
  await vendor.connected(2);
  const agent = await createAgent(second, account);
  const runId = await call(second, agent);
  // Both are connected still, and this fake sends the events to both.
  happen('ringing');
  happen('answered');
  await untilRun(runId, ({ status }) => status === 'answered');
  await vendor.requested('POST', /\/play\//);
  await first.services.connectionKeeper.keep();
  expect(first.services.connections.own()).toEqual([]);
  expect(second.services.connections.own()).toEqual([configurationId]);
  expect(vendor.requests.filter(({ url }) => url.includes('/play/'))).toHaveLength(1);
});

test('a server that stops hands its connection over, and closes it only when the other one has it', async () => {
  await first.services.connectionKeeper.handOver();
  expect(vendor.connections).toBe(1);
  expect(first.services.connections.own()).toEqual([configurationId]);
  await second.services.connectionKeeper.keep();
  await vendor.connected(2);
  expect(second.services.connections.own()).toEqual([configurationId]);
});

test('a server without PostgreSQL closes the connection when its lease ends, and connects and follows the calls up when it can renew it', async () => {
  const agent = await createAgent(first, account);
  const runId = await call(first, agent);
  happen('ringing');
  await untilRun(runId, ({ status }) => status === 'ringing');
  await pass(11);
  expect(first.services.connections.own()).toEqual([configurationId]);
  await pass(1);
  expect(first.services.connections.own()).toEqual([]);
  await until(first, () => vendor.connections === 0);
  happen('answered');

  await first.services.connectionKeeper.keep();
  expect(first.services.connections.own()).toEqual([configurationId]);
  await untilRun(runId, ({ status }) => status === 'answered');
});

async function untilRun(runId: number, isSo: (run: { status?: string }) => boolean): Promise<void> {
  for (let turn = 0; turn < 500; turn += 1) {
    if (isSo(await readRun(first, account, runId))) return;
  }
  throw new Error('The run never came to be so');
}
