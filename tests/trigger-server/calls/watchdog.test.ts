import { endOverdueRuns, watchdog } from '../../../trigger-server/src/calls/watchdog';
import type { RunningWorker } from '../../../trigger-server/src/workers/worker';
import { createAgent, type TestAgent } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { addRuns } from '../../support/runs';
import { addConfiguration } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;
let worker: RunningWorker;

// Each step of the sandbox takes ten minutes, so that its calls exceed every limit.
beforeEach(async () => {
  server = await startTestServer({ SANDBOX_STEP_MS: '600000', DEFAULT_ORG_CONCURRENCY_LIMIT: '1' });
  account = await server.signUp();
  agent = await createAgent(server, account);
  await addConfiguration(server, account, { name: 'Sandbox', is_default_outbound: true });
  worker = await watchdog(server.services).start();
});
afterEach(async () => {
  await worker.stop();
  await server.close();
});

const call = () => startCall(server, account, agent, { phone_number: '+14155550100' });

test('a call is not ended during its longest ringing and talking time and a minute of grace', async () => {
  const runId = await call();
  await server.advance((30 + 300 + 60) * 1000);
  expect((await readRun(server, account, runId)).is_completed).toBe(false);
});

test('after that the call is ended, and its slot is free', async () => {
  const runId = await call();
  await server.advance((30 + 300 + 60 + 15) * 1000);
  expect((await readRun(server, account, runId)).is_completed).toBe(true);
  expect((await readRun(server, account, await call())).is_completed).toBe(false);
});

test('a call whose connection was lost counts until its last sign of life', async () => {
  const deadlineAt = server.clock.steady().toISOString();
  const [runId = 0] = await addRuns(server, account, agent, [{ ended: null, deadlineAt }]);
  const reports = server.services.callReports('sandbox');
  await reports.report({ runId, attempt: 1 }, [{ status: 'answered', rawStatus: 'picked up' }]);
  await server.advance(10_000);
  const lostAt = server.clock.steady();
  server.services.connections.keep(1, {
    fault: () => ({ reason: 'The carrier is gone.', isTemporary: true }),
    lostAt: () => lostAt,
    close: () => undefined,
  });
  await server.advance(60_000);
  expect(await readRun(server, account, runId)).toMatchObject({
    status: 'error',
    usage_info: { call_duration_seconds: 10 },
  });
});

test('one round ends all overdue calls, however many there are', async () => {
  const overdue = { ended: null, deadlineAt: server.clock.now().toISOString() };
  await addRuns(server, account, agent, Array(121).fill(overdue));
  // Without the worker, the call below is the only round.
  await worker.stop();
  await server.advance((30 + 300 + 61) * 1000);
  await endOverdueRuns(server.services);
  const { read } = server.services.storage;
  const { rows } = await read.run(
    read.builder.selectFrom('runs').select('id').where('completed_at', 'is', null).compile(),
  );
  expect(rows).toEqual([]);
});

test('a call whose stored credentials cannot be read is ended as an error that says why', async () => {
  const runId = await call();
  await server.services.storage.write((session) =>
    session.run(
      session.builder
        .updateTable('telephony_configurations')
        .set({ credentials: 'sealed under another SECRETS_KEY' })
        .compile(),
    ),
  );
  await server.advance((30 + 300 + 60 + 15) * 1000);
  expect(await readRun(server, account, runId)).toMatchObject({
    status: 'error',
    gathered_context: {
      error: 'No report came from the carrier, and its stored credentials cannot be read.',
    },
  });
});

test('a call whose configuration is gone is ended as an error that says why', async () => {
  const runId = await call();
  await server.services.storage.write((session) =>
    session.run(session.builder.deleteFrom('telephony_configurations').compile()),
  );
  await server.advance((30 + 300 + 60 + 15) * 1000);
  expect(await readRun(server, account, runId)).toMatchObject({
    status: 'error',
    is_completed: true,
    gathered_context: {
      call_disposition: 'error',
      error: 'No report came from the carrier, and its configuration is gone.',
    },
  });
});
