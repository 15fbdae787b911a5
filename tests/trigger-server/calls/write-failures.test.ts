/** A failed write to the database loses no call, repeats no dial and leaks no slot. */
import { followUps } from '../../../trigger-server/src/calls/follow-ups';
import { endUndialled, recovery, resumeCalls } from '../../../trigger-server/src/calls/resume-calls';
import { listUnfinishedRuns } from '../../../trigger-server/src/runs/unfinished-runs';
import { readyToCall, type TestAgent } from '../../support/agents';
import { nextServer } from '../../support/next-server';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeEach(async () => {
  server = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '1' });
  ({ account, agent } = await readyToCall(server));
});
afterEach(() => server.close());

/** Lets the writes with these numbers fail, as on a full disk. The next write has the number 1. */
function failWrites(...numbers: number[]): void {
  let count = 0;
  server.storage.tap({
    beforeWrite() {
      count += 1;
      if (numbers.includes(count)) throw new Error('disk full');
    },
  });
}

function trigger(phone_number = '+14155550100', key = 'k') {
  return server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .set('Idempotency-Key', key)
    .send({ phone_number });
}

async function readRun(location: string | undefined) {
  const run = await server.request.get(String(location)).set('X-API-Key', account.apiKey).expect(200);
  return run.body as { status: string; gathered_context: Record<string, unknown> };
}

test('a call that cannot be recorded is not dialled, and its key stays free', async () => {
  failWrites(1);
  await trigger().expect(500);
  const reply = await trigger().expect(200);
  expect(reply.headers).not.toHaveProperty('idempotency-replayed');
});

test('an outcome that cannot be written is a 504, and a repeat gets the outcome once it is written', async () => {
  failWrites(2);
  const first = await trigger().expect(504);
  expect(first.headers.location).toMatch(/^\/api\/v1\/workflow\/\d+\/runs\/\d+$/);
  await server.advance(60_000);
  const again = await trigger().expect(200);
  expect(again.headers['idempotency-replayed']).toBe('true');
  expect(await readRun(first.headers.location)).toMatchObject({ status: 'completed' });
});

test('a call that was dialled is not ended as one that was not, while its outcome is not written yet', async () => {
  failWrites(2);
  const first = await trigger().expect(504);
  await endUndialled(server.services);
  expect(await readRun(first.headers.location)).toMatchObject({ status: 'initiated' });
  await server.advance(60_000);
  expect(await readRun(first.headers.location)).toMatchObject({ status: 'completed' });
});

test('a refusal that cannot be written ends its run later, and the slot is free again', async () => {
  failWrites(2, 3);
  const first = await trigger('+15005550001').expect(504);
  await server.advance(60_000);
  expect(await readRun(first.headers.location)).toMatchObject({ status: 'error' });
  await trigger('+14155550100', 'other').expect(200);
});

test.each([
  ['be claimed', [1, 2, 3]],
  ['be written', [2, 3]],
])('a step of the sandbox that cannot %s is repeated, and the call ends', async (_what, failing) => {
  const worker = await followUps(server.services).start();
  const reply = await trigger().expect(200);
  failWrites(...failing);
  await server.advance(60_000);
  await worker.stop();
  expect(await readRun(reply.headers.location)).toMatchObject({
    status: 'completed',
    gathered_context: { call_disposition: 'end_call_tool' },
  });
});

test('simultaneous repeats for the last free slot are replayed or a 409, never a 429', async () => {
  const replies = await Promise.all(Array.from({ length: 6 }, () => trigger()));
  for (const { status } of replies) expect([200, 409]).toContain(status);
});

test('after a crash, the sandbox number whose dial fails does not become an answered call', async () => {
  const first = await trigger('+15005550001').expect(400);
  await server.storage.write((session) =>
    session.run(
      session.builder
        .updateTable('runs')
        .set({ status: 'initiated', completed_at: null, dial_outcome: null })
        .compile(),
    ),
  );
  await resumeCalls(nextServer(server));
  await server.advance(60_000);
  expect(await readRun(first.headers.location)).toMatchObject({ status: 'failed' });
});

test('an unfinished call of a provider that this build lacks ends at start, with the reason', async () => {
  const reply = await trigger().expect(200);
  await server.storage.write((session) =>
    session.run(session.builder.updateTable('runs').set({ mode: 'telegraph' }).compile()),
  );
  const worker = await recovery(nextServer(server)).start();
  await worker.stop();
  const run = await readRun(reply.headers.location);
  expect(run).toMatchObject({
    status: 'error',
    gathered_context: { error: "Provider 'telegraph' is unavailable." },
  });
  expect(await listUnfinishedRuns(server.services.storage.read)).toEqual([]);
});
