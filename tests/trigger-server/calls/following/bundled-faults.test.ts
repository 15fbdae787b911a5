/** Faults on the way to a second server as a process, which answers as Dograh does: one call each, and a true run. */
import Libsql from 'libsql';
import type { TestAgent } from '../../../support/agents';
import { startBundledDograh, type BundledDograh } from '../../../support/bundled-dograh';
import { readRun } from '../../../support/calls';
import { startDroppingProxy, type DroppingProxy } from '../../../support/dropping-proxy';
import { agentAtDograh, followByHand } from '../../../support/followed-calls';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

// It starts processes, and the machine may be busy.
jest.setTimeout(180_000);

let dograh: BundledDograh;
let proxy: DroppingProxy;
let server: TestServer;
let account: Account;
let agent: TestAgent;
let pass: (seconds: number) => Promise<void>;

async function begin(extensions: string): Promise<void> {
  dograh = await startBundledDograh(extensions);
  proxy = await startDroppingProxy(dograh.baseUrl());
  const held = await dograh.addAgent();
  server = await startTestServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  account = await server.signUp();
  agent = await agentAtDograh(
    server,
    account,
    { url: proxy.url, key: dograh.key, agent: `workflow/${held.uuid}` },
    { recording_enabled: false },
  );
  pass = followByHand(server);
}
afterEach(async () => {
  await server.close();
  await proxy.close();
  await dograh.close();
});

/** @returns the status of the reply, and the id of the run. */
async function start(): Promise<{ status: number; runId: number }> {
  const reply = await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: '+14155550100', initial_context: { user: { name: 'Jane' } } });
  return { status: reply.status, runId: Number(/\d+$/.exec(reply.get('Location') ?? '')?.[0]) };
}

/** Follows the call until it has ended. Jest's time limit ends the test of one that does not. */
async function untilEnded(runId: number) {
  for (;;) {
    await pass(2);
    const run = await readRun(server, account, runId);
    if (run.is_completed) return run;
  }
}

const truly = { status: 'completed', reason: null, gathered_context: { call_disposition: 'end_call_tool' } };

describe('a plain server', () => {
  beforeEach(() => begin(''));

  test('its reply was lost after the dial: the call is found in its list at once', async () => {
    proxy.losses = ['reply lost'];
    const { status, runId } = await start();
    expect(status).toBe(200);
    expect(await untilEnded(runId)).toMatchObject(truly);
    expect(await dograh.calls()).toBe(1);
  });

  test('the reply was lost, and the list could not be read for a while: the call is found later', async () => {
    proxy.losses = ['reply lost'];
    proxy.lossBreaksList = true;
    const { status, runId } = await start();
    expect(status).toBe(504);
    await pass(10);
    expect((await readRun(server, account, runId)).is_completed).toBe(false);
    Object.assign(proxy, { isListBroken: false, lossBreaksList: false });
    expect(await untilEnded(runId)).toMatchObject(truly);
    expect(await dograh.calls()).toBe(1);
  });

  test('it was killed after the dial whose reply was lost, and restarted: the call is found', async () => {
    await dograh.kill();
    await dograh.start(2000);
    proxy.losses = ['reply lost'];
    proxy.lossBreaksList = true;
    const { runId } = await start();
    await dograh.kill();
    Object.assign(proxy, { isListBroken: false, lossBreaksList: false });
    await dograh.start(100);
    expect(await untilEnded(runId)).toMatchObject(truly);
    expect(await dograh.calls()).toBe(1);
  });

  test('the request was lost before the dial: it is not sent again, and the run does not claim an end', async () => {
    proxy.losses = ['request lost'];
    const { status, runId } = await start();
    expect(status).toBe(504);
    await pass(30);
    expect(await readRun(server, account, runId)).toMatchObject({ is_completed: false, status: 'initiated' });
    expect(await dograh.calls()).toBe(0);
  });

  test('its run was deleted: the run here ends in error, and does not say how the call ended', async () => {
    await dograh.kill();
    await dograh.start(2000);
    const { runId } = await start();
    await pass(3);
    await dograh.kill();
    const database = new Libsql(dograh.databaseFile);
    database.exec('PRAGMA foreign_keys = OFF; DELETE FROM runs');
    database.close();
    await dograh.start(100);
    expect(await untilEnded(runId)).toMatchObject({ status: 'error', reason: 'no_report' });
    expect(proxy.dialled()).toBe(1);
  });
});

test('a server that keeps keys: a request that was lost before the dial is sent again, and one call is placed', async () => {
  await begin('idempotency-key');
  proxy.losses = ['request lost'];
  const { status, runId } = await start();
  expect(status).toBe(200);
  expect(await untilEnded(runId)).toMatchObject(truly);
  expect(await dograh.calls()).toBe(1);
});
