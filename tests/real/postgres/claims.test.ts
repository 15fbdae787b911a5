/** Background jobs of two servers on one PostgreSQL: each piece of work is claimed by one of them. */
import { Client } from 'pg';
import { claimRecordings, deleteAwaited } from '../../../trigger-server/src/artifacts/store';
import { endAsLost } from '../../../trigger-server/src/calls/run-course';
import { claimDelivery } from '../../../trigger-server/src/events/deliveries/delivery-store';
import { markDue } from '../../../trigger-server/src/events/deliveries/due-store';
import { claimFollowUps } from '../../../trigger-server/src/runs/due/follow-ups';
import { claimOverdueRuns } from '../../../trigger-server/src/runs/due/overdue-runs';
import { DatabaseRefusal, type WriteSession } from '../../../trigger-server/src/storage/port';
import { readyToCall, type TestAgent } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import type { Account, TestServer } from '../../support/test-server';
import { deliverDue, receiversAllowed, startReceiver } from '../../support/webhooks';
import { replica, startCluster, type Cluster, type Replicas } from './replicas';

let cluster: Cluster;
let replicas: Replicas;
let first: TestServer;
let second: TestServer;
let account: Account;
let agent: TestAgent;

beforeAll(async () => {
  cluster = await startCluster();
}, 600_000);
afterAll(() => cluster.stop());

beforeEach(async () => {
  replicas = await cluster.start(2, { ...receiversAllowed, DEFAULT_ORG_CONCURRENCY_LIMIT: '1000' });
  first = replica(replicas, 0);
  second = replica(replicas, 1);
  // Their follow-ups would claim what the tests claim.
  await Promise.all([first.followUps.stop(), second.followUps.stop()]);
  ({ account, agent } = await readyToCall(first));
});
afterEach(() => replicas.close());

const past = '2026-11-01T00:00:00.000Z';
const now = '2026-11-23T12:00:00.000Z';
const leaseEnd = '2026-11-23T12:01:00.000Z';

async function query(text: string): Promise<void> {
  const client = new Client({ connectionString: replicas.url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

const call = (extras: { callback_url?: string } = {}) =>
  startCall(first, account, agent, { phone_number: '+14155550100', ...extras });

/** Both servers claim at the same time, again and again, until neither finds anything. @returns the ids that each got. */
async function claimAll(claim: (session: WriteSession) => Promise<number[]>): Promise<[number[], number[]]> {
  const claimed: [number[], number[]] = [[], []];
  const storages = [first.services.storage, second.services.storage];
  for (let found = 1; found > 0;) {
    const batches = await Promise.all(storages.map((storage) => storage.write(claim)));
    batches.forEach((ids, index) => claimed[index]?.push(...ids));
    found = batches.flat().length;
  }
  return claimed;
}

function expectEachOnce(claimed: [number[], number[]], count: number): void {
  const all = claimed.flat();
  expect(all).toHaveLength(count);
  expect(new Set(all).size).toBe(count);
  for (const own of claimed) expect(own.length).toBeGreaterThan(0);
}

/** So many runs that are under way, copies of one. */
async function manyRuns(count: number): Promise<void> {
  const runId = await call();
  await query(`insert into runs select (jsonb_populate_record(runs, jsonb_build_object('id', ${runId} + n))).*
    from runs cross join generate_series(1, ${count - 1}) as n where id = ${runId}`);
}

/** A recording of each run, which is due. */
async function awaitRecordings(): Promise<void> {
  await query(`insert into awaited_recordings (run_id, url, attempts, next_attempt_at)
    select id, 'https://carrier.example/' || id, 0, '${past}' from runs`);
}

test('each follow-up is claimed by one server', async () => {
  await manyRuns(200);
  await query(`update runs set follow_up_at = '${past}'`);
  const claimed = await claimAll(async (session) =>
    (await claimFollowUps(session, { now, leaseEnd, limit: 20, others: [] })).map(({ id }) => id),
  );
  expectEachOnce(claimed, 200);
});

test('each overdue run is claimed by one server', async () => {
  await manyRuns(200);
  await query(`update runs set deadline_at = '${past}'`);
  const claimed = await claimAll(async (session) =>
    (await claimOverdueRuns(session, { now, leaseEnd, limit: 20 })).map(({ id }) => id),
  );
  expectEachOnce(claimed, 200);
});

test('each awaited recording is claimed by one server', async () => {
  await manyRuns(200);
  await awaitRecordings();
  const claimed = await claimAll(async (session) =>
    (await claimRecordings(session, { now, leaseEnd, limit: 20 })).map(({ run_id }) => run_id),
  );
  expectEachOnce(claimed, 200);
});

test('each due event is marked and claimed by one server', async () => {
  await call({ callback_url: 'https://receiver.example/' });
  await query(`insert into webhook_deliveries (uuid, organization_id, run_id, source, receiver, status, attempt_count,
      attempts_before_retry, next_attempt_at, created_at, request)
    select 'uuid-' || n, 1, 1, 'callback_url', '1 receiver.example', 'pending', 0, 0, '${past}', '${past}', '{}'
    from generate_series(1, 200) as n`);
  const sessions = [first.services.storage, second.services.storage];
  let marked = 0;
  for (let found = 1; found > 0;) {
    const counts = await Promise.all(
      sessions.map((storage) => storage.write((session) => markDue(session, { now, limit: 50 }))),
    );
    found = counts.reduce((sum, count) => sum + count, 0);
    marked += found;
  }
  expect(marked).toBe(200);
  const ids = await first.services.storage.read.run<{ id: number }>(
    first.services.storage.read.builder.selectFrom('webhook_deliveries').select('id').compile(),
  );
  const claimed: number[] = [];
  await Promise.all(
    sessions.map((storage) =>
      storage.write(async (session) => {
        for (const { id } of ids.rows) {
          const delivery = await claimDelivery(session, { id, body: 'x', leaseEnd });
          if (delivery !== undefined) claimed.push(delivery.id);
        }
      }),
    ),
  );
  expect(new Set(claimed).size).toBe(claimed.length);
});

test('two servers that send at the same time send each event once', async () => {
  const receiver = await startReceiver();
  try {
    for (let index = 0; index < 30; index += 1) await call({ callback_url: `${receiver.url}/${index}` });
    await query(`update runs set follow_up_at = null`);
    await query(`insert into webhook_deliveries (uuid, organization_id, run_id, source, receiver, status, attempt_count,
        attempts_before_retry, next_attempt_at, created_at, request)
      select 'uuid-' || id, organization_id, id, 'callback_url', organization_id || ' receiver ' || id % 5, 'pending', 0, 0,
        '${past}', '${past}', '{"method":"POST","url":"${receiver.url}","headers":{},"credentialUuid":null,"payloadTemplate":null,"event":"call.completed","sourceId":null}'
      from runs`);
    await Promise.all([deliverDue(first), deliverDue(second), deliverDue(first), deliverDue(second)]);
    const ids = receiver.requests.map(({ headers }) => headers['webhook-id']);
    expect(ids).toHaveLength(30);
    expect(new Set(ids).size).toBe(30);
  } finally {
    await receiver.close();
  }
});

describe('a server that was paused, and whose work another one has taken over', () => {
  test('does not end a run that the other one watches now', async () => {
    const runId = await call();
    await query(`update runs set deadline_at = '${past}'`);
    const claim = (at: string, until: string) => (session: WriteSession) =>
      claimOverdueRuns(session, { now: at, leaseEnd: until, limit: 1 });
    expect(await first.services.storage.write(claim(now, leaseEnd))).toHaveLength(1);
    const later = '2026-11-23T12:01:00.001Z';
    const taken = await second.services.storage.write(claim(later, '2026-11-23T12:02:00.000Z'));
    expect(taken).toHaveLength(1);
    const isEnded = await first.services.storage.write((session) =>
      endAsLost(first.services, session, { runId, leaseEnd, reason: 'No report came.', lostAt: null }),
    );
    expect(isEnded).toBe(false);
    expect((await readRun(first, account, runId)).is_completed).toBe(false);
  });

  test('does not end the wait for a recording that the other one fetches', async () => {
    await call();
    await awaitRecordings();
    const claim = (at: string) => (session: WriteSession) =>
      claimRecordings(session, { now: at, leaseEnd, limit: 1 });
    const [own] = await first.services.storage.write(claim(now));
    const [taken] = await second.services.storage.write(claim(leaseEnd));
    if (own === undefined || taken === undefined) throw new Error('Both must have claimed it');
    expect(await first.services.storage.write((session) => deleteAwaited(session, own))).toBe(false);
    expect(await second.services.storage.write((session) => deleteAwaited(session, taken))).toBe(true);
  });
});

describe('a server that stops in the middle of a write', () => {
  /** Another process, which holds the organization's lock (`lockNumbers` of `storage/postgres/writes.ts`). */
  async function holdLock(settings: string): Promise<Client> {
    const client = new Client({ connectionString: replicas.url });
    client.on('error', () => undefined);
    await client.connect();
    await client.query(settings);
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock(1, $1::int)', [account.organizationId]);
    return client;
  }

  const trigger = () =>
    first.request
      .post(`/api/v1/public/agent/${agent.triggerPath}`)
      .set('X-API-Key', account.apiKey)
      .send({ phone_number: '+14155550100' });

  test('a request that waits for its lock for too long gets 503: nothing was dialled', async () => {
    const holder = await holdLock('set idle_in_transaction_session_timeout = 0');
    const reply = await trigger();
    expect(reply.status).toBe(503);
    expect(reply.headers['retry-after']).toBe('5');
    expect(reply.body).toMatchObject({ code: 'database_unavailable' });
    await holder.query('rollback');
    expect((await trigger()).status).toBe(200);
    await holder.end();
  }, 30_000);

  test('its locks are gone after five seconds, and its write is rolled back', async () => {
    const waiter = new Int32Array(new SharedArrayBuffer(4));
    let runs = 0;
    const write = first.services.storage.write(async (session) => {
      runs += 1;
      await session.lock('organization', account.organizationId);
      // The whole process stands still, as after SIGSTOP.
      Atomics.wait(waiter, 0, 0, 6000);
      await session.lock('run', 1);
    });
    await expect(write).rejects.toBeInstanceOf(DatabaseRefusal);
    expect(runs).toBe(1);
    expect((await trigger()).status).toBe(200);
  }, 30_000);
});
