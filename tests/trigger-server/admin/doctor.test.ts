/** `npm run admin -- doctor` reports problems and changes nothing. */
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Libsql from 'libsql';
import { openSqlite } from '../../../trigger-server/src/storage/sqlite/open';
import { adminMain, runAdmin } from '../../support/admin';
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

test('a sound server passes every check while it runs', async () => {
  const server = await startServerProcess({ ...environment, SEED_DEMO: 'true' });
  try {
    const at = server.baseUrl;
    expect(await runAdmin({ ...environment, PUBLIC_BASE_URL: at }, 'doctor')).toEqual({
      code: 0,
      output: [
        'well   database file',
        'well   version of the database',
        'well   stored secrets',
        'well   privacy of the files',
        'well   store of recordings',
        `well   room in ${join(folder, 'artifacts')}`,
        `well   room in ${folder}`,
        'well   open files',
        `well   PUBLIC_BASE_URL ${at}`,
        'well   clock, against that address',
        'well   carrier account 1 (sandbox) of organization 1',
        '',
      ].join('\n'),
    });
  } finally {
    await server.stop('SIGKILL');
  }
});

test('each carrier account that cannot call, or cannot be checked, is named, with what to do', async () => {
  await migrated();
  const nobody = 'http://127.0.0.1:1';
  const environmentOfFixture = {
    ...environment,
    TWILIO_API_BASE_URL: nobody,
    PLIVO_API_BASE_URL: nobody,
    PUBLIC_BASE_URL: nobody,
    TTS_COMMAND: '/no/such/program',
  };
  const { code, output } = await runAdmin(environmentOfFixture, 'doctor');
  expect(code).toBe(1);
  const accounts = output.split('\n').filter((line) => line.includes('carrier account'));
  expect(accounts.filter((line) => line.startsWith('well')).every((line) => line.includes('(sandbox)'))).toBe(
    true,
  );
  expect(output).toContain(
    'UNSURE carrier account 4 (twilio) of organization 2: not checked. Twilio could not be reached.',
  );
  expect(output).toMatch(/WRONG {2}carrier account 6 \(vonage\) .*Add at least one number/);
  expect(output).toMatch(/WRONG {2}carrier account 10 \(ari\) .*TTS_COMMAND could not be run/);
  expect(output).toMatch(/WRONG {2}PUBLIC_BASE_URL .*Is the server running/);
});

test('too few open files are named, with where to raise the limit', async () => {
  const command = `ulimit -n 1000 && exec "${process.execPath}" "${adminMain}" doctor`;
  const run = promisify(execFile)('sh', ['-c', command], { env: { PATH: process.env.PATH, ...environment } });
  await expect(run).rejects.toMatchObject({
    stdout: expect.stringMatching(/WRONG {2}open files: a process may have 1000 open.*LimitNOFILE/) as string,
  });
});

test('servers of one PostgreSQL that keep recordings apart are named, with what to do', async () => {
  const postgres = { DATABASE_URL: 'postgres://127.0.0.1:1/none', SECRETS_KEY: '5e'.repeat(32) };
  const findingOf = async (more: Record<string, string>) =>
    /.*store of recordings.*/.exec((await runAdmin({ ...postgres, ...more }, 'doctor')).output)?.[0];
  expect(await findingOf({})).toMatch(/^WRONG .*set ARTIFACTS_S3_BUCKET, or ARTIFACTS_DIR/);
  expect(await findingOf({ ARTIFACTS_DIR: '/srv/shared' })).toMatch(/^well /);
  expect(await findingOf({ ARTIFACTS_S3_BUCKET: 'calls' })).toMatch(/^well /);
});

test('damaged pages are named, with what to do, and stay as they are', async () => {
  await migrated();
  const bytes = readFileSync(file);
  bytes.fill(7, bytes.length - 8192);
  writeFileSync(file, bytes);
  const { code, output } = await runAdmin(environment, 'doctor');
  expect(code).toBe(1);
  expect(output).toMatch(
    /WRONG {2}database file: .*move .*-wal and .*-shm away, and put the backup in their place/,
  );
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
