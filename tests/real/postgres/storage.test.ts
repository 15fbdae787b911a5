/** The storage contract on a real PostgreSQL, and what only PostgreSQL can do: restart under load, lose a connection. */
import { sql } from 'kysely';
import { Client } from 'pg';
import { openPostgres } from '../../../trigger-server/src/storage/postgres/open';
import { storageContract } from '../../contracts/storage';
import { postgresVersion, startPostgres, unsafeSettings, type PostgresServer } from './server';

let postgres: PostgresServer;
let template: string;

beforeAll(async () => {
  postgres = await startPostgres(unsafeSettings);
  template = await postgres.create();
  await (await openPostgres(postgres.urlOf(template))).close();
}, 600_000);

afterAll(() => postgres.stop());

storageContract(`PostgreSQL ${postgresVersion}`, async () => {
  const database = await postgres.create(template);
  return {
    open: () => openPostgres(postgres.urlOf(database)),
    remove: () => postgres.drop(database),
  };
});

test('reads and writes go on after another server has added a column, with statements that were prepared before', async () => {
  const database = await postgres.create(template);
  const storage = await openPostgres(postgres.urlOf(database), { connections: 3 });
  const other = new Client({ connectionString: postgres.urlOf(database) });
  await other.connect();
  try {
    const { builder } = storage.read;
    const read = builder.selectFrom('organizations').selectAll().compile();
    const written = builder.updateTable('organizations').set({ name: 'Same' }).returningAll().compile();
    const useAll = () =>
      Promise.all([storage.read.run(read), storage.write((session) => session.run(written))]);
    // Several times, so that each connection has prepared them.
    for (let times = 0; times < 6; times += 1) await useAll();
    await other.query('alter table organizations add column of_next_version text');
    for (let times = 0; times < 6; times += 1) {
      expect((await useAll()).map(({ changes }) => typeof changes)).toEqual(['number', 'number']);
    }
  } finally {
    await other.end();
    await storage.close();
    await postgres.drop(database);
  }
});

test('writes that are requested while a transaction waits share the next one, and are made before it ends', async () => {
  const database = await postgres.create(template);
  const storage = await openPostgres(postgres.urlOf(database));
  const other = new Client({ connectionString: postgres.urlOf(database) });
  await other.connect();
  try {
    const { builder } = storage.read;
    // Opens the connections first: writes also gather while one is opened.
    const reads = [1, 2, 3].map((number) => sql`select ${sql.lit(number)} as number`.compile(builder));
    await Promise.all(reads.map((read) => storage.read.run(read)));
    await other.query('begin; lock table organizations');
    const settled: string[] = [];
    const waiting = storage
      .write((session) => session.run(builder.updateTable('organizations').set({ name: 'Same' }).compile()))
      .then(() => settled.push('the one that waited'));
    await untilWaiting(other);
    const transaction = sql<{ id: string }>`select pg_current_xact_id()::text as id`.compile(builder);
    const writes: Promise<string | undefined>[] = [];
    for (let count = 0; count < 5; count += 1) {
      writes.push(storage.write(async (session) => (await session.first(transaction))?.id));
      await other.query('select 1');
    }
    const transactions = await Promise.all(writes);
    settled.push('the later ones');
    await other.query('commit');
    await waiting;
    expect(new Set(transactions).size).toBe(1);
    expect(settled).toEqual(['the later ones', 'the one that waited']);
  } finally {
    await other.end();
    await storage.close();
    await postgres.drop(database);
  }
});

test('a write just after many others is made, also when the storage is closed while it gathers', async () => {
  const database = await postgres.create(template);
  const storage = await openPostgres(postgres.urlOf(database));
  try {
    const { builder } = storage.read;
    const one = sql<{ one: number }>`select 1 as one`.compile(builder);
    const write = () => storage.write((session) => session.first(one));
    await Promise.all(Array.from({ length: 20 }, write));
    expect(await write()).toEqual({ one: 1 });
    await Promise.all(Array.from({ length: 20 }, write));
    const last = write();
    await storage.close();
    expect(await last).toEqual({ one: 1 });
  } finally {
    await postgres.drop(database);
  }
});

/** Until a statement of another connection waits for a lock. */
async function untilWaiting(client: Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ waiting: number }>(
      'select count(*)::int as waiting from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())',
    );
    if (rows[0]?.waiting !== 0) return;
  }
}
