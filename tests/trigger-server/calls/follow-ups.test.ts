/** A follow-up is a row with a due time, so any process can continue a call. Each step runs once. */
import { FollowUps, followUps } from '../../../trigger-server/src/calls/follow-ups';
import { providers } from '../../../trigger-server/src/carriers/registry';
import { createServices } from '../../../trigger-server/src/compose';
import type { Services } from '../../../trigger-server/src/services';
import { readyToCall, type TestAgent } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { plansOf } from '../../support/query-plans';
import { addRuns } from '../../support/runs';
import { isOnPostgres } from '../../support/test-database';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import type { CompiledQuery } from 'kysely';

const stepMilliseconds = 300;
const leaseMilliseconds = 30_000;
/** From the end that makes room to the claim. */
const claimMilliseconds = 20;

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeEach(async () => {
  server = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '1000' });
  ({ account, agent } = await readyToCall(server));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await server.close();
});

const call = () => startCall(server, account, agent, { phone_number: '+14155550100' });

/** Another process on the same database. */
function otherProcess(): Services {
  const { config, storage, clock, secrets, log, carrier } = server.services;
  return createServices(config, { storage, clock, secrets, log, carrier });
}

/** The carrier's reports about a call, in order. */
async function reportsOf(runId: number): Promise<unknown[]> {
  const { logs } = await readRun(server, account, runId);
  return (logs?.telephony_status_callbacks as { status: string }[]).map(({ status }) => status);
}

const dueAt = async (runId: number) => {
  const { read } = server.services.storage;
  const row = await read.first(
    read.builder.selectFrom('runs').select('follow_up_at').where('id', '=', runId).compile(),
  );
  return row?.follow_up_at ?? null;
};

async function makeDue(mode: string): Promise<number> {
  const [runId = 0] = await addRuns(server, account, agent, [{ ended: null }]);
  const now = server.clock.steady().toISOString();
  await server.services.storage.write((session) =>
    session.run(
      session.builder.updateTable('runs').set({ mode, follow_up_at: now }).where('id', '=', runId).compile(),
    ),
  );
  return runId;
}

test('a call continues in the next process from any step, and no report is repeated', async () => {
  const runIds: number[] = [];
  for (let step = 0; step < 3; step += 1) {
    runIds.push(await call());
    await server.advance(stepMilliseconds);
  }
  await server.followUps.stop();
  await server.advance(60_000);
  const statuses = async () =>
    Promise.all(runIds.map(async (runId) => (await readRun(server, account, runId)).status));
  expect(await statuses()).toEqual(['completed', 'answered', 'ringing']);
  const next = await followUps(otherProcess()).start();
  await server.advance(5000);
  await next.stop();
  expect(await statuses()).toEqual(['completed', 'completed', 'completed']);
  for (const runId of runIds) expect(await reportsOf(runId)).toEqual(['ringing', 'answered', 'completed']);
});

test('two processes at the same time run each step once', async () => {
  const runIds = [];
  for (let count = 0; count < 20; count += 1) runIds.push(await call());
  const followed = jest.spyOn(providers.sandbox, 'followUp');
  const other = new FollowUps(otherProcess());
  other.start();
  for (let step = 1; step <= 3; step += 1) {
    // Sets the alarm of the second process for the same moment as that of the first.
    await other.followUpDue();
    await server.advance(stepMilliseconds);
    expect(followed).toHaveBeenCalledTimes(step * 20);
  }
  await other.stop();
  for (const runId of runIds) expect(await reportsOf(runId)).toEqual(['ringing', 'answered', 'completed']);
});

describe('a step that outlives its lease', () => {
  let end: () => void;
  let followed: jest.SpyInstance;
  let runId: number;
  beforeEach(async () => {
    const hanging = new Promise<void>((resolve) => (end = resolve));
    followed = jest.spyOn(providers.sandbox, 'followUp').mockImplementationOnce(() => hanging);
    runId = await call();
    await server.advance(stepMilliseconds);
  });
  afterEach(() => {
    end();
  });

  test('is not begun again while it is under way, and is repeated after that', async () => {
    for (let lease = 0; lease < 3; lease += 1) await server.advance(leaseMilliseconds);
    expect(followed).toHaveBeenCalledTimes(1);
    end();
    await server.advance(leaseMilliseconds);
    expect((await readRun(server, account, runId)).status).toBe('ringing');
  });

  test('is repeated by another process once its own has stopped, and not before its lease ends', async () => {
    const stopped = server.followUps.stop();
    const next = await followUps(otherProcess()).start();
    await server.advance(leaseMilliseconds - 1);
    expect((await readRun(server, account, runId)).status).toBe('initiated');
    await server.advance(1);
    expect((await readRun(server, account, runId)).status).toBe('ringing');
    await next.stop();
    end();
    await stopped;
  });
});

test('at most fifty calls are followed up at once, and the next ones begin within 20 ms of the first that ends', async () => {
  const ends: (() => void)[] = [];
  jest
    .spyOn(providers.sandbox, 'followUp')
    .mockImplementation(() => new Promise<void>((resolve) => ends.push(resolve)));
  for (let count = 0; count < 60; count += 1) await call();
  await server.advance(stepMilliseconds);
  expect(ends).toHaveLength(50);
  ends[0]?.();
  await server.advance(1);
  // Others that end meanwhile make room, too, so that one claim takes up several.
  ends[1]?.();
  await server.advance(claimMilliseconds - 2);
  expect(ends).toHaveLength(50);
  await server.advance(1);
  expect(ends).toHaveLength(52);
  // A follow-up begins only after another one has made room for it.
  while (ends.length < 60) {
    for (const end of ends) end();
    await server.advance(claimMilliseconds);
  }
  for (const end of ends) end();
});

test('a call of a provider that this build lacks is no longer followed up', async () => {
  const runId = await makeDue('telegraph');
  await server.followUps.followUpDue();
  await server.advance(0);
  expect(await dueAt(runId)).toBeNull();
});

test('a call whose connection belongs to another process stays due for that process', async () => {
  const runId = await makeDue('ari');
  const leaseEnd = new Date(server.clock.steady().getTime() + leaseMilliseconds).toISOString();
  await server.followUps.followUpDue();
  await server.advance(0);
  expect(await dueAt(runId)).toBe(leaseEnd);
  const followed: number[] = [];
  server.services.connections.keep(1, {
    fault: () => null,
    close: () => undefined,
    followUp: (due) => Promise.resolve(void followed.push(due.runId)),
  });
  await server.advance(leaseMilliseconds);
  expect(followed).toEqual([runId]);
});

// The plans are SQLite’s own.
if (!isOnPostgres) {
  test('due calls are found by an index, however many calls have ended', async () => {
    const queries: CompiledQuery[] = [];
    server.storage.tap({ beforeQuery: (query) => queries.push(query) });
    await call();
    await server.advance(stepMilliseconds);
    server.storage.untap();
    const due = queries.filter(({ sql }) => sql.includes('"follow_up_at"') && sql.includes('order by'));
    expect(due.length).toBeGreaterThan(1);
    for (const plan of plansOf(server.databaseFile, due)) {
      expect(plan.filter(({ table, index }) => table === 'runs' && index === null)).toEqual([]);
    }
  });
}
