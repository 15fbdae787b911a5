/** `npm run admin -- doctor` reports problems and changes nothing. */
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { openSqlite } from '../../../trigger-server/src/storage/sqlite/open';
import { runAdmin } from '../../support/admin';
import { database as fixture, secretsKey } from '../../support/fixture-8d8c49d';
import { startServerProcess } from '../../support/server-process';

let folder: string;
let file: string;
let environment: Record<string, string>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  file = join(folder, 'trigger.db');
  environment = { DATABASE_URL: `file:${file}`, SECRETS_KEY: secretsKey };
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Creates a copy of the fixture and migrates it to this version. */
async function migrated(): Promise<void> {
  copyFileSync(fixture, file);
  await openSqlite(file).close();
  const database = new Libsql(file);
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

test('a sound database passes every check, also while a server runs on it', async () => {
  await migrated();
  const server = await startServerProcess(environment);
  try {
    expect(await runAdmin(environment, 'doctor')).toEqual({
      code: 0,
      output: ['database file', 'version of the database', 'stored secrets', 'privacy of the files']
        .map((about) => `well   ${about}\n`)
        .join(''),
    });
  } finally {
    await server.stop('SIGKILL');
  }
});

test('damaged pages are named, with what to do, and stay as they are', async () => {
  await migrated();
  const bytes = readFileSync(file);
  bytes.fill(7, bytes.length - 8192);
  writeFileSync(file, bytes);
  const { code, output } = await runAdmin(environment, 'doctor');
  expect(code).toBe(1);
  expect(output).toMatch(/WRONG {2}database file: .*put your backup in its place/);
  expect(readFileSync(file)).toEqual(bytes);
});

test('a database of a newer version, one of an older version, and none at all', async () => {
  await migrated();
  const database = new Libsql(file);
  database.exec("INSERT INTO schema_migrations VALUES ('9999_of_tomorrow', 'then')");
  database.close();
  expect((await runAdmin(environment, 'doctor')).output).toMatch(/WRONG.*newer version.*9999_of_tomorrow/);
  for (const end of ['-wal', '-shm']) rmSync(file + end, { force: true });
  copyFileSync(fixture, file);
  expect((await runAdmin(environment, 'doctor')).output).toMatch(/WRONG.*start the server once/);
  rmSync(file);
  expect(await runAdmin(environment, 'doctor')).toMatchObject({
    code: 1,
    output: expect.stringMatching(/WRONG.*no such database/) as string,
  });
});

test('every secret that the key does not open is reported', async () => {
  await migrated();
  const { code, output } = await runAdmin({ ...environment, SECRETS_KEY: 'a1'.repeat(32) }, 'doctor');
  expect(code).toBe(1);
  expect(output).toMatch(/WRONG {2}stored secrets: telephony_configurations 4 opens with none of the keys/);
  expect(output).toMatch(/webhook_credentials \d+ opens with none/);
  expect(output).toMatch(/webhook_secrets \d+ opens with none/);
});

test('a database that others can read is named', async () => {
  await migrated();
  chmodSync(file, 0o644);
  const { code, output } = await runAdmin(environment, 'doctor');
  expect([code, output.includes('trigger.db (mode 644)')]).toEqual([1, true]);
});

test('an unknown command or flag is answered by the list of commands', async () => {
  for (const words of [[], ['dance'], ['doctor', '--fast']]) {
    const { code, output } = await runAdmin(environment, ...words);
    expect(code).toBe(2);
    expect(output).toMatch(/rotate-secrets[\s\S]*--lost-key/);
  }
});
