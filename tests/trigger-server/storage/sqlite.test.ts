import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import Libsql from 'libsql';
import { openSqlite } from '../../../trigger-server/src/storage/sqlite/open';
import { DatabaseRefusal, type Session } from '../../../trigger-server/src/storage/port';
import { storageContract } from '../../contracts/storage';

storageContract('SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'storage-'));
  return Promise.resolve({
    open: () => openSqlite(join(folder, 'data', 'test.db')),
    remove: () => {
      rmSync(folder, { recursive: true });
      return Promise.resolve();
    },
  });
});

test('a write waits while another program holds the database, and is made when it lets go', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'storage-busy-'));
  const file = join(folder, 'test.db');
  const storage = openSqlite(file);
  const backup = new Libsql(file);
  backup.exec('BEGIN IMMEDIATE');
  const write = storage.write((session) =>
    session.run(
      session.builder
        .insertInto('organizations')
        .values({ name: 'A', concurrency_limit: 1, created_at: '2026-11-23T12:00:00.000Z' })
        .compile(),
    ),
  );
  // One turn of the event loop: the process is not blocked meanwhile.
  await new Promise((resolve) => setImmediate(resolve));
  backup.exec('COMMIT');
  expect((await write).changes).toBe(1);
  backup.close();
  await storage.close();
  rmSync(folder, { recursive: true });
});

test('a full disk refuses all writes of one batch, and later writes succeed once there is room', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'storage-full-'));
  const storage = openSqlite(join(folder, 'test.db'));
  const limitPages = (pages: number) =>
    storage.write((session) =>
      session.run(sql.raw(`pragma max_page_count = ${String(pages)}`).compile(session.builder)),
    );
  let begun = 0;
  const write = () =>
    storage.write((session) => {
      begun += 1;
      const values = {
        name: 'x'.repeat(100_000),
        concurrency_limit: 1,
        created_at: '2026-11-23T12:00:00.000Z',
      };
      return session.run(session.builder.insertInto('organizations').values(values).compile());
    });
  // SQLite then limits the file to its current number of pages.
  await limitPages(1);
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, write));
  for (const outcome of outcomes) {
    expect(outcome.status === 'rejected' && outcome.reason).toBeInstanceOf(DatabaseRefusal);
  }
  // A refusal does not cause a repeat of each other write.
  expect(begun).toBeLessThanOrEqual(20);
  await limitPages(1_000_000);
  expect((await write()).changes).toBe(1);
  await storage.close();
  rmSync(folder, { recursive: true });
});

describe('a transaction that the database itself has ended', () => {
  const insert = (session: Session, name: string) =>
    session.run(
      session.builder
        .insertInto('organizations')
        .values({ name, concurrency_limit: 1, created_at: '2026-11-23T12:00:00.000Z' })
        .compile(),
    );
  /** SQLite itself rolls back when memory or disk space runs out, after any statement. */
  const rollBack = (session: Session) => session.run({ ...sql`rollback`.compile(session.builder) });

  test.each<[string, (session: Session) => Promise<unknown>]>([
    [
      'fails',
      async (session) => {
        await rollBack(session);
        throw new Error('out of memory');
      },
    ],
    ['goes on as if nothing were', rollBack],
  ])(
    'is made anew for the others, and nothing of a write is kept without the rest: its cause %s',
    async (_title, ends) => {
      const folder = mkdtempSync(join(tmpdir(), 'storage-ended-'));
      const storage = openSqlite(join(folder, 'test.db'));
      const outcomes = await Promise.allSettled([
        storage.write((session) => insert(session, 'A')),
        storage.write(ends),
        storage.write((session) => insert(session, 'C')),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      const { rows } = await storage.read.run(
        storage.read.builder.selectFrom('organizations').select('name').orderBy('id').compile(),
      );
      expect(rows).toEqual([{ name: 'A' }, { name: 'C' }]);
      await storage.close();
      rmSync(folder, { recursive: true });
    },
  );
});

test('a reader cannot write', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'storage-read-'));
  const storage = openSqlite(join(folder, 'test.db'));
  const { read } = storage;
  await expect(read.run(read.builder.deleteFrom('organizations').compile())).rejects.toThrow('readonly');
  // A failed read does not affect later reads.
  expect((await read.run(read.builder.selectFrom('organizations').select('id').compile())).rows).toEqual([]);
  await storage.close();
  rmSync(folder, { recursive: true });
});

test('when a write throws after a change, the others run again without it, and it runs after them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'storage-spoilt-'));
  const storage = openSqlite(join(folder, 'test.db'));
  const organization = (name: string) => ({
    name,
    concurrency_limit: 1,
    created_at: '2026-11-23T12:00:00.000Z',
  });
  const insert = (session: Session, name: string) =>
    session.run(session.builder.insertInto('organizations').values(organization(name)).compile());
  const names = async (session: Session) => {
    const query = session.builder.selectFrom('organizations').select('name').orderBy('id').compile();
    return (await session.run(query)).rows.map(({ name }) => name);
  };
  const order: string[] = [];
  const put = (name: string) =>
    storage.write((session) => {
      order.push(name);
      return insert(session, name);
    });
  const first = put('A');
  const spoiler = storage.write(async (session) => {
    order.push('spoiler');
    await insert(session, 'spoiler');
    // Its result depends on the rows it finds: in its own transaction it finds both of the others.
    const found = await names(session);
    throw new Error(found.join());
  });
  const last = put('C');
  await expect(spoiler).rejects.toThrow('A,C,spoiler');
  await Promise.all([first, last]);
  expect(order).toEqual(['A', 'spoiler', 'A', 'C', 'spoiler']);
  expect(await names(storage.read)).toEqual(['A', 'C']);
  await storage.close();
  rmSync(folder, { recursive: true });
});
