/** A receiver that is down does not delay events to others. */
import type { CompiledQuery } from 'kysely';
import { Dispatcher } from '../../../trigger-server/src/events/deliveries/dispatcher';
import { readyToCall, type TestAgent } from '../../support/agents';
import { plansOf } from '../../support/query-plans';
import { isOnPostgres } from '../../support/test-database';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import {
  completeCall,
  deliverDue,
  receiversAllowed,
  startReceiver,
  type Receiver,
} from '../../support/webhooks';

let server: TestServer;
let dead: Receiver;
let alive: Receiver;
let account: Account;
let agent: TestAgent;

beforeEach(async () => {
  server = await startTestServer(receiversAllowed);
  ({ account, agent } = await readyToCall(server));
  dead = await startReceiver();
  dead.status = null;
  alive = await startReceiver();
});
afterEach(async () => {
  await dead.close();
  await alive.close();
  await server.close();
});

/** Closing the dead end ends the requests that it has not answered. */
async function stop(dispatcher: Dispatcher): Promise<void> {
  const stopped = dispatcher.stop();
  await dead.close();
  await stopped;
}

const copiesAtOnce = 500;

/** Inserts copies of the only delivery. The n-th copy has the changes that `changed` returns. */
async function multiply(
  count: number,
  changed: (
    delivery: { receiver: string },
    n: number,
  ) => { receiver?: string; next_attempt_at?: string } = () => ({}),
): Promise<void> {
  await server.services.storage.write(async (session) => {
    const { builder } = session;
    const { id: _id, ...delivery } = (await session.first(
      builder.selectFrom('webhook_deliveries').selectAll().compile(),
    ))!;
    const copies = Array.from({ length: count }, (_, index) => ({
      ...delivery,
      uuid: `${delivery.uuid}-${String(index + 1)}`,
      ...changed(delivery, index + 1),
    }));
    for (let from = 0; from < count; from += copiesAtOnce) {
      const some = copies.slice(from, from + copiesAtOnce);
      await session.run(builder.insertInto('webhook_deliveries').values(some).compile());
    }
  });
}

interface Look {
  query: CompiledQuery;
  /** The number of rows that it returned or changed. */
  rows: number;
}

/** Records every query from now on. */
function watchQueries(): Look[] {
  const looks: Look[] = [];
  server.storage.tap({ afterQuery: (query, rows) => looks.push({ query, rows }) });
  return looks;
}

/** The deliveries that were attempted so far. */
async function attempted(): Promise<{ url: string; attempts: number }[]> {
  const { read } = server.services.storage;
  const { rows } = await read.run(
    read.builder
      .selectFrom('webhook_deliveries')
      .select(['request', 'attempt_count'])
      .where('attempt_count', '>', 0)
      .compile(),
  );
  return rows.map((row) => ({
    url: (JSON.parse(row.request) as { url: string }).url,
    attempts: row.attempt_count,
  }));
}

/**
 * Sends due events until `heard` resolves.
 * @returns the number of attempted deliveries to this path of the dead end, which has answered none of them.
 */
async function triedAtDeadEnd(path: string, heard: () => Promise<unknown>): Promise<number> {
  const dispatcher = new Dispatcher(server.services);
  const received = heard();
  dispatcher.dispatch();
  await received;
  await stop(dispatcher);
  return (await attempted()).filter(({ url }) => url === `${dead.url}${path}`).length;
}

const aliveHears = () => alive.next();
const deadEndHears = (path: string) => async () => {
  while (!dead.requests.some(({ url }) => url === path)) await dead.next();
};

test('ten thousand events for a receiver that never answers delay no other receiver: at most four of them run in parallel', async () => {
  await completeCall(server, account, agent, { callback_url: `${dead.url}/dead` });
  await multiply(9999);
  await completeCall(server, account, agent, { callback_url: `${alive.url}/alive` });
  expect(await triedAtDeadEnd('/dead', aliveHears)).toBeLessThanOrEqual(4);
  expect((await attempted()).filter(({ url }) => url === `${alive.url}/alive`)).toHaveLength(1);
});

test('receivers take turns: of two with much to do neither waits for the other', async () => {
  const other = await startReceiver();
  try {
    for (let call = 0; call < 12; call += 1) {
      await completeCall(server, account, agent, { callback_url: `${alive.url}/a` });
    }
    for (let call = 0; call < 12; call += 1) {
      await completeCall(server, account, agent, { callback_url: `${other.url}/b` });
    }
    await deliverDue(server);
    const { read } = server.services.storage;
    const { rows } = await read.run(
      read.builder
        .selectFrom('webhook_attempts')
        .innerJoin('webhook_deliveries', 'webhook_deliveries.id', 'webhook_attempts.delivery_id')
        .select('webhook_deliveries.receiver')
        .orderBy('webhook_attempts.id')
        .compile(),
    );
    expect(rows).toHaveLength(24);
    // The two receivers never differ by more than twice the number of events that may be under way to one.
    let ahead = 0;
    for (const { receiver } of rows) {
      ahead += receiver === rows[0]?.receiver ? 1 : -1;
      expect(Math.abs(ahead)).toBeLessThanOrEqual(8);
    }
  } finally {
    await other.close();
  }
});

test('an organization with a thousand dead receivers leaves room for another’s', async () => {
  await completeCall(server, account, agent, { callback_url: `${dead.url}/dead` });
  // Each copy has its own receiver, as with the wildcard domain of a tenant.
  await multiply(1000, (_, n) => ({ receiver: `${account.organizationId} dead-${String(n)}` }));
  const second = await readyToCall(server);
  await completeCall(server, second.account, second.agent, { callback_url: `${alive.url}/alive` });
  expect(await triedAtDeadEnd('/dead', aliveHears)).toBeLessThanOrEqual(16);
});

test('a hook that never answers holds back no other hook of the same organization at the same host', async () => {
  await completeCall(server, account, agent, { callback_url: `${dead.url}/hanging` });
  await multiply(50);
  await completeCall(server, account, agent, { callback_url: `${dead.url}/other?call=1` });
  expect(await triedAtDeadEnd('/hanging', deadEndHears('/other?call=1'))).toBeLessThanOrEqual(4);
});

test('a host with a thousand hooks that never answer leaves room for the organization’s other hosts', async () => {
  await completeCall(server, account, agent, { callback_url: `${dead.url}/dead` });
  // Each copy has its own address at the same host.
  await multiply(1000, ({ receiver }, n) => ({ receiver: receiver.slice(0, -6) + String(100_000 + n) }));
  await completeCall(server, account, agent, { callback_url: `${alive.url}/alive` });
  expect(await triedAtDeadEnd('/dead', aliveHears)).toBeLessThanOrEqual(12);
});

test('two organizations with the same host do not share a queue', async () => {
  const second = await readyToCall(server);
  await completeCall(server, account, agent, { callback_url: `${dead.url}/mine` });
  await multiply(50);
  await completeCall(server, second.account, second.agent, { callback_url: `${dead.url}/theirs` });
  expect(await triedAtDeadEnd('/mine', deadEndHears('/theirs'))).toBeLessThanOrEqual(4);
});

const waiting = 'webhook_deliveries_waiting';
const noted = 'webhook_deliveries_due';

// The plans are SQLite’s own.
if (!isOnPostgres) {
  test('each query finds its few due deliveries by an index, without scanning others', async () => {
    await completeCall(server, account, agent, { callback_url: alive.url });
    // Each copy has its own receiver, and its next attempt is years away.
    await multiply(5000, (_, n) => ({
      receiver: `${account.organizationId} later-${String(n)}`,
      next_attempt_at: '2999-01-01T00:00:00.000Z',
    }));
    const looks = watchQueries();
    await deliverDue(server);
    expect(alive.requests).toHaveLength(1);
    const queries = looks.map(({ query }) => query).filter(({ sql }) => sql.includes('"webhook_deliveries"'));
    const steps = plansOf(server.databaseFile, queries)
      .flat()
      .filter(({ table }) => table === 'webhook_deliveries');
    expect(steps).toContainEqual(expect.objectContaining({ index: waiting, by: ['next_attempt_at<'] }));
    expect(steps).toContainEqual(expect.objectContaining({ index: noted, by: ['receiver>'] }));
    for (const { index, by } of steps) {
      // One row by its id, the index of due deliveries that are not noted yet, or the index of noted ones.
      const isNarrow =
        index === 'id' ||
        (index === waiting && by[0] === 'next_attempt_at<') ||
        (index === noted && /^receiver[>=]$/.test(by[0] ?? ''));
      expect({ index, by, isNarrow }).toMatchObject({ isNarrow: true });
    }
    const { read } = server.services.storage;
    const stillNoted = read.builder.selectFrom('webhook_deliveries').select('id').where('is_due', '=', 1);
    expect((await read.run(stillNoted.compile())).rows).toEqual([]);
  });
}

test('however much becomes due at once, no query touches more than a hundred of it', async () => {
  await completeCall(server, account, agent, { callback_url: `${dead.url}/dead` });
  await multiply(10_000, (_, n) => ({ receiver: `${account.organizationId} dead-${String(n)}` }));
  const looks = watchQueries();
  const dispatcher = new Dispatcher(server.services);
  const received = dead.next();
  dispatcher.dispatch();
  await received;
  await stop(dispatcher);
  expect(looks.length).toBeGreaterThan(0);
  expect(Math.max(...looks.map(({ rows }) => rows))).toBeLessThanOrEqual(100);
});
