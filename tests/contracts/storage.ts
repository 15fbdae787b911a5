/** The contract of every database behind the Storage port. `open` opens the same database each time it is called. */
import { query, type ParameterMaker } from '../../trigger-server/src/storage/query';
import {
  UniqueViolation,
  type Counter,
  type Session,
  type Settled,
  type Storage,
  type WriteSession,
} from '../../trigger-server/src/storage/port';

export interface StorageUnderTest {
  open(): Storage | Promise<Storage>;
  /** Removes the database. */
  remove(): Promise<void>;
}

const at = '2026-11-23T12:00:00.000Z';

const insertOrganization = query((db, param: ParameterMaker<{ name: string }>) =>
  db
    .insertInto('organizations')
    .values({ name: param('name'), concurrency_limit: 10, created_at: at })
    .returning('id'),
);
const organizationNames = query((db) => db.selectFrom('organizations').select('name').orderBy('id'));
const renameOrganization = query((db, param: ParameterMaker<{ from: string; to: string }>) =>
  db
    .updateTable('organizations')
    .set({ name: param('to') })
    .where('name', '=', param('from')),
);
const insertUser = query((db, param: ParameterMaker<{ organizationId: number; email: string }>) =>
  db.insertInto('users').values({
    organization_id: param('organizationId'),
    email: param('email'),
    provider_id: param('email'),
    created_at: at,
  }),
);

const insertReturnedUser = query((db, param: ParameterMaker<{ organizationId: number; email: string }>) =>
  db
    .insertInto('users')
    .values({
      organization_id: param('organizationId'),
      email: param('email'),
      provider_id: param('email'),
      created_at: at,
    })
    .returning('email'),
);

const limits = query((db) =>
  db.selectFrom('organizations').select('concurrency_limit as limit').orderBy('id'),
);
const raiseLimit = query((db, param: ParameterMaker<{ id: number; by: number }>) =>
  db
    .updateTable('organizations')
    .set((eb) => ({ concurrency_limit: eb('concurrency_limit', '+', param('by')) }))
    .where('id', '=', param('id'))
    .returning(['name', 'concurrency_limit as limit']),
);
const organizationOf = query((db, param: ParameterMaker<{ name: string }>) =>
  db.selectFrom('organizations').select('id').where('name', '=', param('name')),
);
const deleteOrganization = query((db, param: ParameterMaker<{ name: string }>) =>
  db.deleteFrom('organizations').where('name', '=', param('name')),
);

const runs: Counter = { table: 'organizations', columns: ['run_count', 'open_run_count'] };
const counts = query((db) =>
  db.selectFrom('organizations').select(['run_count as all', 'open_run_count as open']).orderBy('id'),
);

/** How many items each list had that `addOrganizations` was given. */
let lists: number[] = [];

/** Refuses a name that is there already, and an empty one by an error of its own. */
async function addOrganizations(
  session: WriteSession,
  wanted: readonly string[],
): Promise<Settled<number>[]> {
  lists.push(wanted.length);
  const there = new Set(await names(session));
  const added = await Promise.all(
    wanted.map(async (name) =>
      there.has(name) ? undefined : await insertOrganization.first(session, { name }),
    ),
  );
  if (wanted.includes('')) throw new Error('no name');
  return added.map((row) =>
    row === undefined ? { ok: false, error: new Error('taken') } : { ok: true, result: row.id },
  );
}

async function names(session: Session): Promise<string[]> {
  return (await organizationNames.all(session, {})).map(({ name }) => name);
}

export function storageContract(databaseName: string, make: () => Promise<StorageUnderTest>): void {
  describe(`storage: ${databaseName}`, () => {
    let database: StorageUnderTest;
    let storage: Storage;
    beforeEach(async () => {
      database = await make();
      storage = await database.open();
    });
    afterEach(async () => {
      await storage.close();
      await database.remove();
    });

    test('readers see the changes of a write once it has resolved', async () => {
      await storage.write((session) => insertOrganization.first(session, { name: 'A' }));
      expect(await names(storage.read)).toEqual(['A']);
    });

    test('a reader sees a write as soon as it has resolved', async () => {
      const after = storage
        .write((session) => insertOrganization.first(session, { name: 'A' }))
        .then(() => names(storage.read));
      expect(await after).toEqual(['A']);
    });

    test('a query that is asked for all rows, and then for one, answers with its own values', async () => {
      for (const name of ['A', 'B'])
        await storage.write((session) => insertOrganization.first(session, { name }));
      const [a] = await organizationOf.all(storage.read, { name: 'A' });
      expect(await organizationOf.first(storage.read, { name: 'B' })).not.toEqual(a);
      expect(await organizationOf.all(storage.read, { name: 'A' })).toEqual([a]);
      expect(await organizationOf.first(storage.read, { name: 'C' })).toBeUndefined();
    });

    test('a query works again after a failure', async () => {
      const organization = await storage.write((session) => insertOrganization.first(session, { name: 'A' }));
      const organizationId = Number(organization?.id);
      const insert = (email: string) =>
        storage.write((session) => insertReturnedUser.first(session, { organizationId, email }));
      await insert('a@example.com');
      await expect(insert('a@example.com')).rejects.toThrow();
      expect(await insert('b@example.com')).toEqual({ email: 'b@example.com' });
    });

    test('a reader never sees changes that are rolled back', async () => {
      let seen: Promise<string[]> | undefined;
      const write = storage.write(async (session) => {
        await insertOrganization.first(session, { name: 'A' });
        seen = names(storage.read);
        throw new Error('changed my mind');
      });
      await expect(write).rejects.toThrow('changed my mind');
      expect(await seen).toEqual([]);
    });

    test('only the write that throws is rolled back; other writes of the same turn are kept', async () => {
      const outcomes = await Promise.allSettled([
        storage.write((session) => insertOrganization.first(session, { name: 'A' })),
        storage.write(async (session) => {
          await insertOrganization.first(session, { name: 'B' });
          throw new Error('changed my mind');
        }),
        storage.write((session) => insertOrganization.first(session, { name: 'C' })),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await names(storage.read)).toEqual(['A', 'C']);
    });

    test('a write that throws before any change does not affect the others', async () => {
      let runs = 0;
      const outcomes = await Promise.allSettled([
        storage.write((session) => {
          runs += 1;
          return insertOrganization.first(session, { name: 'A' });
        }),
        storage.write(async (session) => {
          await names(session);
          throw new Error('no');
        }),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
      expect(runs).toBe(1);
      expect(await names(storage.read)).toEqual(['A']);
    });

    test('a query after the end of its write is refused', async () => {
      const late = await storage.write((session) =>
        Promise.resolve({
          insert: () => insertOrganization.first(session, { name: 'A' }),
          lock: () => session.lock('organization', 1),
        }),
      );
      await expect(late.insert()).rejects.toThrow('after its write was settled');
      await expect(late.lock()).rejects.toThrow('after its write was settled');
      expect(await names(storage.read)).toEqual([]);
    });

    test('writes that are requested during a commit follow in order', async () => {
      const first = storage.write((session) => insertOrganization.first(session, { name: 'A' }));
      const second = first.then(() =>
        storage.write((session) => insertOrganization.first(session, { name: 'B' })),
      );
      await second;
      expect(await names(storage.read)).toEqual(['A', 'B']);
    });

    test('a write that awaits anything but its queries is refused and rolled back', async () => {
      const write = storage.write(async (session) => {
        await insertOrganization.first(session, { name: 'A' });
        await new Promise((resolve) => {
          setImmediate(() => setImmediate(resolve));
        });
      });
      await expect(write).rejects.toThrow('awaited something other than its own queries');
      expect(await names(storage.read)).toEqual([]);
    });

    test('a duplicate key is a UniqueViolation, and no other failure is', async () => {
      const organization = await storage.write((session) => insertOrganization.first(session, { name: 'A' }));
      const add = () =>
        storage.write((session) =>
          insertUser.changes(session, { organizationId: organization?.id ?? 0, email: 'a@b.c' }),
        );
      await add();
      const taken: unknown = await add().catch((error: unknown) => error);
      const orphan: unknown = await storage
        .write((session) => insertUser.changes(session, { organizationId: 999, email: 'd@e.f' }))
        .catch((error: unknown) => error);
      expect(taken).toBeInstanceOf(UniqueViolation);
      expect(orphan).toBeInstanceOf(Error);
      expect(orphan).not.toBeInstanceOf(UniqueViolation);
    });

    test('writes that count and insert under one lock never exceed the limit', async () => {
      const atMost = 3;
      const take = (name: string) =>
        storage.write(async (session) => {
          await session.lock('organization', 1);
          if ((await names(session)).length >= atMost) return false;
          await insertOrganization.first(session, { name });
          return true;
        });
      const taken = await Promise.all(Array.from({ length: 10 }, (_, index) => take(String(index))));
      expect(taken.filter(Boolean)).toHaveLength(atMost);
      expect(await names(storage.read)).toHaveLength(atMost);
    });

    test('a lock ends with its write, even if the write throws', async () => {
      const failing = storage.write(async (session) => {
        await session.lock('organization', 1);
        await insertOrganization.first(session, { name: 'A' });
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
      await storage.write(async (session) => {
        await session.lock('organization', 1);
        await insertOrganization.first(session, { name: 'B' });
      });
      expect(await names(storage.read)).toEqual(['B']);
    });

    test('an update returns the number of changed rows, for compare-and-set', async () => {
      await storage.write((session) => insertOrganization.first(session, { name: 'A' }));
      const rename = (from: string) =>
        storage.write((session) => renameOrganization.changes(session, { from, to: 'B' }));
      expect(await rename('A')).toBe(1);
      expect(await rename('A')).toBe(0);
    });

    test('equal queries that are asked at once each get their own answer', async () => {
      const asked = ['B', 'A', 'C'];
      const ids = await storage.write((session) =>
        Promise.all(asked.map((name) => insertOrganization.first(session, { name }))),
      );
      const [b = 0, a = 0] = ids.map((row) => row?.id ?? 0);
      const raised = await storage.write((session) =>
        Promise.all([
          raiseLimit.first(session, { id: a, by: 1 }),
          raiseLimit.first(session, { id: 999, by: 5 }),
          raiseLimit.first(session, { id: b, by: 2 }),
          raiseLimit.first(session, { id: a, by: 10 }),
        ]),
      );
      expect(raised).toEqual([
        { name: 'A', limit: 11 },
        undefined,
        { name: 'B', limit: 12 },
        { name: 'A', limit: 21 },
      ]);
      const found = await Promise.all(
        ['C', 'X', 'B'].map((name) => organizationOf.all(storage.read, { name })),
      );
      expect(found).toEqual([[ids[2]], [], [ids[0]]]);
      const deleted = await storage.write((session) =>
        Promise.all(['A', 'X', 'A', 'C'].map((name) => deleteOrganization.changes(session, { name }))),
      );
      expect(deleted).toEqual([1, 0, 0, 1]);
      expect(await names(storage.read)).toEqual(['B']);
    });

    test('equal queries of writes of one turn each change their own rows, or the same row one after the other', async () => {
      const row = await storage.write((session) => insertOrganization.first(session, { name: 'A' }));
      const id = row?.id ?? 0;
      await Promise.all(
        [1, 2, 3].map((by) => storage.write((session) => raiseLimit.all(session, { id, by }))),
      );
      expect(await limits.all(storage.read, {})).toEqual([{ limit: 16 }]);
    });

    test('items that arrive close together are written together, and each gets its own outcome', async () => {
      lists = [];
      await storage.writeTogether(addOrganizations, 'A');
      const outcomes = await Promise.allSettled(
        ['B', 'A', 'C'].map((name) => storage.writeTogether(addOrganizations, name)),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await names(storage.read)).toEqual(['A', 'B', 'C']);
      expect(lists).toEqual([1, 3]);
    });

    test('an item whose write throws fails alone', async () => {
      const outcomes = await Promise.allSettled(
        ['A', '', 'B'].map((name) => storage.writeTogether(addOrganizations, name)),
      );
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await names(storage.read)).toEqual(['A', 'B']);
    });

    test('what writes add to a counter adds up, and a write that throws adds nothing', async () => {
      const added = await Promise.all(
        ['A', 'B'].map((name) => storage.write((session) => insertOrganization.first(session, { name }))),
      );
      const [a = 0, b = 0] = added.map((row) => row?.id ?? 0);
      await Promise.allSettled([
        storage.write((session) => session.add(runs, a, [1, 1])),
        storage.write(async (session) => {
          await session.add(runs, b, [5, 5]);
          await session.add(runs, a, [1, 1]);
        }),
        storage.write(async (session) => {
          await session.add(runs, a, [100, 100]);
          throw new Error('no');
        }),
        storage.write((session) => session.add(runs, a, [0, -1])),
      ]);
      expect(await counts.all(storage.read, {})).toEqual([
        { all: 2, open: 1 },
        { all: 5, open: 5 },
      ]);
    });

    test('writes that take their locks in opposite orders are all made', async () => {
      const lockBoth = (first: number, second: number, name: string) =>
        storage.write(async (session) => {
          await session.lock('run', first);
          await session.lock('run', second);
          await insertOrganization.first(session, { name });
        });
      await Promise.all([lockBoth(1, 2, 'A'), lockBoth(2, 1, 'B'), lockBoth(1, 2, 'C')]);
      expect((await names(storage.read)).sort()).toEqual(['A', 'B', 'C']);
    });

    test('text that the database would cut or change is refused', async () => {
      for (const name of ['cut\0here', 'half a \uD83D pair']) {
        await expect(storage.write((session) => insertOrganization.first(session, { name }))).rejects.toThrow(
          TypeError,
        );
      }
      await storage.write((session) => insertOrganization.first(session, { name: 'whole \u{1F4DE} pair' }));
      expect(await names(storage.read)).toEqual(['whole \u{1F4DE} pair']);
    });

    test('changes are there after closing and opening again', async () => {
      await storage.write((session) => insertOrganization.first(session, { name: 'A' }));
      await storage.close();
      storage = await database.open();
      expect(await names(storage.read)).toEqual(['A']);
    });

    test('reads and writes after closing are refused and do not hang', async () => {
      await storage.close();
      const late = storage.write((session) => insertOrganization.first(session, { name: 'A' }));
      await expect(late).rejects.toThrow();
      await expect(names(storage.read)).rejects.toThrow();
      storage = await database.open();
      expect(await names(storage.read)).toEqual([]);
    });

    test('closing waits for requested writes', async () => {
      const write = storage.write((session) => insertOrganization.first(session, { name: 'A' }));
      await storage.close();
      await write;
      storage = await database.open();
      expect(await names(storage.read)).toEqual(['A']);
    });
  });
}
