/** What deleted rows leave in a SQLite file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { openSqlite } from '../../../trigger-server/src/storage/sqlite/open';
import type { Storage } from '../../../trigger-server/src/storage/port';

let folder: string;
let file: string;
let storage: Storage;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'free-space-'));
  file = join(folder, 'trigger.db');
  storage = openSqlite(file);
});
afterEach(async () => {
  await storage.close();
  rmSync(folder, { recursive: true });
});

const run = (text: string) => storage.write((session) => session.run(sql.raw(text).compile(session.builder)));

/** Organizations are rows of any size. */
const fill = (count: number, name: string) =>
  run(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${String(count)})
    INSERT INTO organizations (name, concurrency_limit, created_at) SELECT '${name}' || i, 1, '' FROM n`);

test('no file holds a deleted text any more once the database was tidied up', async () => {
  await fill(100, 'Jane Personal ');
  await run("UPDATE organizations SET name = '' WHERE id <= 50");
  await run('DELETE FROM organizations WHERE id > 50');
  await storage.tidyUp();
  for (const name of readdirSync(folder)) {
    expect([name, readFileSync(join(folder, name)).includes('Jane Personal')]).toEqual([name, false]);
  }
});

test('a file that is mostly free becomes smaller part by part', async () => {
  await fill(4000, 'x'.repeat(3000));
  await storage.tidyUp();
  const before = statSync(file).size;
  await run('DELETE FROM organizations');
  let parts = 1;
  while (await storage.tidyUp()) parts += 1;
  expect(parts).toBeGreaterThan(2);
  expect(statSync(file).size).toBeLessThan(before / 2);
});

test('a little free space is kept for new rows', async () => {
  await fill(4000, 'x'.repeat(3000));
  await storage.tidyUp();
  const before = statSync(file).size;
  await run('DELETE FROM organizations WHERE id <= 500');
  expect(await storage.tidyUp()).toBe(false);
  expect(statSync(file).size).toBe(before);
});
