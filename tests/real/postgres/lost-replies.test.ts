/** A reply of PostgreSQL never arrives, or what it would reply to never arrives there. */
import { sql } from 'kysely';
import { Client } from 'pg';
import { endUndialled } from '../../../trigger-server/src/calls/resume-calls';
import { DatabaseRefusal, type Storage } from '../../../trigger-server/src/storage/port';
import { openPostgres } from '../../../trigger-server/src/storage/postgres/open';
import { readyToCall } from '../../support/agents';
import { commit, layCable, type Cable } from './cable';
import { replica, startCluster, type Cluster, type Replicas } from './replicas';
import { startPostgres, type PostgresServer } from './server';

describe('a server', () => {
  let cluster: Cluster;
  let cable: Cable;
  let replicas: Replicas;

  beforeAll(async () => {
    cluster = await startCluster();
  }, 600_000);
  afterAll(() => cluster.stop());

  beforeEach(async () => {
    cable = await layCable(Number(new URL(cluster.postgres.urlOf('postgres')).port));
    replicas = await cluster.start(1, { DEFAULT_ORG_CONCURRENCY_LIMIT: '1' }, cable.port);
  });
  afterEach(async () => {
    cable.mend();
    await replicas.close();
    await cable.close();
  });

  test('a call whose commit became known too late is ended: its slot, its key and its place in the daily limit are free', async () => {
    const server = replica(replicas, 0);
    const { account, agent } = await readyToCall(server);
    await server.request
      .put('/api/v1/organizations/destination-policy')
      .set('Authorization', `Bearer ${account.token}`)
      .send({ daily_calls_per_key: 1 })
      .expect(200);
    const trigger = () =>
      server.request
        .post(`/api/v1/public/agent/${agent.triggerPath}`)
        .set('X-API-Key', account.apiKey)
        .set('Idempotency-Key', 'k')
        .send({ phone_number: '+14155550100' });

    const [refused] = await Promise.all([trigger(), cable.cutAtCommit()]);
    expect(refused.status).toBe(503);
    cable.mend();
    expect((await trigger()).status).toBe(409);

    await endUndialled(server.services);
    const placed = await trigger();
    expect(placed.status).toBe(200);
    expect(placed.headers).not.toHaveProperty('idempotency-replayed');
  });

  /** Longer than a request may wait for a database that is silent. */
  const longestWaitMilliseconds = 14_000;

  test.each([
    ['before the key of the request is read', null, 'nothing was changed, and no call was placed'],
    ['while its call is recorded', 'insert into "runs"', 'nothing was changed, and no call was placed'],
    ['while its call is committed', commit, 'no call was placed, and it is not known'],
  ])(
    'when the network goes silent %s, the answer is a 503 within seconds that says so, and the same key then places the call',
    async (_moment, text, words) => {
      const server = replica(replicas, 0);
      const { account, agent } = await readyToCall(server);
      const trigger = () =>
        server.request
          .post(`/api/v1/public/agent/${agent.triggerPath}`)
          .set('X-API-Key', account.apiKey)
          .set('Idempotency-Key', 'k')
          .send({ phone_number: '+14155550100' });

      const begun = performance.now();
      if (text === null) cable.silence('all');
      const silent = text === null ? Promise.resolve() : cable.silenceAt(text);
      const [refused] = await Promise.all([trigger(), silent]);
      expect(refused.status).toBe(503);
      expect(performance.now() - begun).toBeLessThan(longestWaitMilliseconds);
      expect(refused.headers).toHaveProperty('retry-after');
      expect(refused.body).toMatchObject({ detail: expect.stringContaining(words) as string });

      cable.mend();
      await endUndialled(server.services);
      const placed = await trigger();
      expect(placed.status).toBe(200);
      expect(placed.headers).not.toHaveProperty('idempotency-replayed');
    },
    30_000,
  );

  test('a call that may be in the queue, because its commit got no reply, is a 504, and a repeat finds it there', async () => {
    const server = replica(replicas, 0);
    const { account, agent } = await readyToCall(server);
    const trigger = () =>
      server.request
        .post(`/api/v1/public/agent/${agent.triggerPath}`)
        .set('X-API-Key', account.apiKey)
        .set('Idempotency-Key', 'k')
        .send({
          phone_number: '+14155550100',
          not_before: new Date(replicas.clock.now().getTime() + 3_600_000).toISOString(),
        });

    const [unknown] = await Promise.all([trigger(), cable.cutAtCommit()]);
    expect(unknown.status).toBe(504);
    expect(unknown.body).toMatchObject({ detail: expect.stringContaining('may be in the queue') as string });

    cable.mend();
    const found = await trigger();
    expect(found.status).toBe(202);
    expect(found.headers['idempotency-replayed']).toBe('true');
  });

  test('a write on a connection that has gone silent is made through another one', async () => {
    const server = replica(replicas, 0);
    cable.silence('now');
    expect((await server.signUp()).organizationId).toBeGreaterThan(0);
  });

  test('while the network to PostgreSQL is silent, writes are refused, and afterwards they are made', async () => {
    const server = replica(replicas, 0);
    cable.silence('all');
    const writes = await Promise.allSettled([server.signUp(), server.signUp()]);
    expect(writes).toEqual(
      writes.map(() => ({ status: 'rejected', reason: expect.any(DatabaseRefusal) as unknown })),
    );
    cable.mend();
    expect((await server.signUp()).organizationId).toBeGreaterThan(0);
  });
});

describe('a storage whose connections break', () => {
  let postgres: PostgresServer;
  let cable: Cable;
  let storage: Storage;
  let observer: Client;
  let observedUrl: string;

  beforeAll(async () => {
    // What is committed outlives a crash; nothing else is on the disk by then.
    postgres = await startPostgres({ fsync: 'off', wal_writer_delay: '10s', bgwriter_delay: '10s' });
  }, 600_000);
  afterAll(() => postgres.stop());

  async function observe(): Promise<void> {
    observer = new Client({ connectionString: observedUrl });
    observer.on('error', () => undefined);
    await observer.connect();
  }
  beforeEach(async () => {
    const url = new URL(postgres.urlOf(await postgres.create()));
    observedUrl = url.href;
    cable = await layCable(Number(url.port));
    url.port = String(cable.port);
    storage = await openPostgres(url.href, { connections: 4 });
    await observe();
    await observer.query('create table notes (note bigint)');
  });
  afterEach(async () => {
    cable.mend();
    await storage.close();
    await cable.close();
    await observer.end();
  });

  /** @param tries gets PostgreSQL's id of each transaction that writes the note. */
  const write = (note: number, tries: string[]) =>
    storage.write(async (session) => {
      const insert = sql<{
        id: string;
      }>`insert into notes values (${note}) returning pg_current_xact_id()::text as id`;
      const { rows } = await session.run(insert.compile(session.builder));
      for (const { id } of rows) tries.push(id);
    });
  const notes = async () => {
    const { rows } = await observer.query<{ note: string }>('select note from notes order by note');
    return rows.map(({ note }) => Number(note));
  };
  /** Uses up PostgreSQL's ids of transactions, this one included. */
  async function commitUpTo(id: string): Promise<void> {
    let last = 0n;
    while (last < BigInt(id)) {
      const { rows } = await observer.query<{ id: string }>('select pg_current_xact_id()::text as id');
      last = BigInt(rows[0]?.id ?? 0);
    }
  }

  test('a statement that takes too long is refused with the writes of its transaction, and is not made again', async () => {
    let tries = 0;
    const slow = storage.write((session) => {
      tries += 1;
      return session.run(sql`select pg_sleep(20)`.compile(session.builder));
    });
    const settled = await Promise.allSettled([slow, write(1, [])]);
    const refused = expect.objectContaining({ name: 'DatabaseRefusal', code: '57014' }) as unknown;
    expect(settled).toEqual(settled.map(() => ({ status: 'rejected', reason: refused })));
    expect(tries).toBe(1);
    expect(await notes()).toEqual([]);
  }, 30_000);

  test('after one connection has been silent, the next read uses none of those that were idle meanwhile', async () => {
    const readTime = async () => storage.readTime?.();
    await Promise.all([readTime(), readTime(), readTime(), readTime()]);
    cable.silence('now');
    await expect(readTime()).rejects.toThrow('Query read timeout');
    expect(await readTime()).toBeGreaterThan(0);
  }, 30_000);

  test('a write whose commit was made is not made again when the reply is lost', async () => {
    const tries: string[] = [];
    const writing = write(1, tries);
    await cable.cutAtCommit();
    cable.mend();
    await writing;
    expect(tries).toHaveLength(1);
    expect(await notes()).toEqual([1]);
  });

  test('a write whose commit never reached a crashed PostgreSQL is made once, although its id was given to another', async () => {
    const written: number[] = [];
    for (let note = 1; note <= 10; note += 1) {
      const tries: string[] = [];
      const held = cable.holdCommit();
      const writing = write(note, tries);
      await held;
      await postgres.restart();
      await observe();
      const [lost = ''] = tries;
      await commitUpTo(lost);
      const { rows } = await observer.query('select pg_xact_status($1::xid8) as status', [lost]);
      expect(rows).toEqual([{ status: 'committed' }]);
      cable.mend();
      await writing;
      expect(tries).toHaveLength(2);
      written.push(note);
      expect(await notes()).toEqual(written);
    }
  });
});
