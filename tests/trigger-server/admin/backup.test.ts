/** `npm run admin -- backup`: a copy of a running server from which another one starts. */
import {
  appendFileSync,
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { until } from '../../real/until';
import { runAdmin } from '../../support/admin';
import { startServerProcess } from '../../support/server-process';

let folder: string;
let data: string;
let environment: Record<string, string>;
const apiKey = `dgr_${'b'.repeat(43)}`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backup-'));
  data = join(folder, 'data');
  environment = {
    DATABASE_URL: `file:${join(data, 'trigger.db')}`,
    BOOTSTRAP_API_KEY: apiKey,
    SANDBOX_STEP_MS: '0',
  };
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

async function api(
  baseUrl: string,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; json: never }> {
  const reply = await fetch(`${baseUrl}/api/v1${path}`, {
    method,
    headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: reply.status, json: (await reply.json()) as never };
}

/** A run with a recording, and the credentials of a carrier account. */
async function furnish(baseUrl: string): Promise<number> {
  const list = (await api(baseUrl, 'GET', '/workflow/fetch')).json as { id: number; workflow_uuid: string }[];
  const { id, workflow_uuid: uuid } = list[0]!;
  await api(baseUrl, 'PUT', `/workflow/${String(id)}`, {
    workflow_configurations: { recording_enabled: true },
  });
  const agent = await api(baseUrl, 'POST', `/public/agent/test/workflow/${uuid}`, {
    phone_number: '+14155550100',
  });
  return (agent.json as { workflow_run_id: number }).workflow_run_id;
}

test('a server starts from a backup of a running one: a call is read, its recording plays, a secret opens', async () => {
  const backup = join(folder, 'backup');
  const server = await startServerProcess(environment);
  let runId: number;
  let secret: unknown;
  try {
    runId = await furnish(server.baseUrl);
    const recorded = async () =>
      (
        (await api(server.baseUrl, 'GET', `/workflow/0/runs/${String(runId)}`)).json as {
          recording_url: unknown;
        }
      ).recording_url;
    await until('the recording is there', async () => (await recorded()) !== null);
    secret = (await api(server.baseUrl, 'GET', '/organizations/webhook-secret')).json;
    const { code, output } = await runAdmin(environment, 'backup', '--to', backup);
    expect([code, output]).toEqual([0, expect.stringContaining('1 recordings were copied.')]);
  } finally {
    await server.stop();
  }
  expect(readdirSync(backup).sort()).toEqual(['artifacts', 'trigger.db', 'trigger.db.key']);
  for (const file of ['trigger.db', 'trigger.db.key', `artifacts/recordings/${String(runId)}.wav`]) {
    expect([file, modeOf(join(backup, file))]).toEqual([file, '600']);
  }
  expect(modeOf(backup)).toBe('700');

  rmSync(data, { recursive: true });
  mkdirSync(data);
  cpSync(backup, data, { recursive: true });
  const restored = await startServerProcess(environment);
  try {
    const run = (await api(restored.baseUrl, 'GET', `/workflow/0/runs/${String(runId)}`)).json as {
      status: string;
      recording_public_url: string;
    };
    expect(run.status).toBe('completed');
    const recording = await fetch(new URL(run.recording_public_url, restored.baseUrl));
    expect([recording.status, (await recording.arrayBuffer()).byteLength]).toEqual([200, expect.any(Number)]);
    expect((await api(restored.baseUrl, 'GET', '/organizations/webhook-secret')).json).toEqual(secret);
  } finally {
    await restored.stop();
  }
});

test('the printed steps restore a backup after a crash, when the journal still holds writes', async () => {
  const backup = join(folder, 'backup');
  const server = await startServerProcess(environment);
  let steps: string;
  let kept: number;
  let lost = 0;
  try {
    kept = await furnish(server.baseUrl);
    steps = (await runAdmin(environment, 'backup', '--to', backup)).output;
    for (let count = 0; count < 10; count += 1) lost = await furnish(server.baseUrl);
  } finally {
    await server.stop('SIGKILL');
  }
  expect(statSync(join(data, 'trigger.db-wal')).size).toBeGreaterThan(0);

  const [, names = ''] =
    /Stop the server, move (.+) away, and put the backup in their place/.exec(steps) ?? [];
  for (const name of names.split(/, | and /)) rmSync(join(data, name));
  cpSync(backup, data, { recursive: true });
  const restored = await startServerProcess(environment);
  try {
    const statusOf = async (runId: number) =>
      (await api(restored.baseUrl, 'GET', `/workflow/0/runs/${String(runId)}`)).status;
    expect([await statusOf(kept), await statusOf(lost)]).toEqual([200, 404]);
    expect((await runAdmin(environment, 'doctor')).output).toMatch(/well +database file/);
  } finally {
    await restored.stop();
  }
});

test('a key that does not open the secrets makes the backup fail', async () => {
  const server = await startServerProcess({ ...environment, SECRETS_KEY: '5e'.repeat(32) });
  await server.stop();
  const { code, output } = await runAdmin(
    { ...environment, SECRETS_KEY: '6f'.repeat(32) },
    'backup',
    '--to',
    join(folder, 'backup'),
  );
  expect([code, output]).toEqual([
    1,
    expect.stringContaining('The key does not open the secrets in the copy'),
  ]);
});

test('a damaged database makes the backup fail', async () => {
  const server = await startServerProcess(environment);
  await server.stop();
  const file = join(data, 'trigger.db');
  const database = new Libsql(file);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  const handle = openSync(file, 'r+');
  const page = 4096;
  for (let at = 2 * page; at < statSync(file).size; at += page)
    writeSync(handle, Buffer.alloc(page, 0xff), 0, page, at);
  closeSync(handle);
  const { code, output } = await runAdmin(environment, 'backup', '--to', join(folder, 'backup'));
  expect([code, output]).toEqual([1, expect.stringContaining('damaged')]);
});

test('it overwrites nothing, and says what it needs', async () => {
  const server = await startServerProcess(environment);
  await server.stop();
  expect(await runAdmin(environment, 'backup')).toEqual({
    code: 1,
    output: 'Name the folder of the backup: --to <folder>.\n',
  });
  mkdirSync(join(folder, 'full'));
  appendFileSync(join(folder, 'full', 'x'), 'x');
  expect(await runAdmin(environment, 'backup', '--to', join(folder, 'full'))).toEqual({
    code: 1,
    output: `${join(folder, 'full')} is not empty. Name a folder of its own for each backup.\n`,
  });
});

test('for PostgreSQL it says how pg_dump makes the backup', async () => {
  const { code, output } = await runAdmin(
    { DATABASE_URL: 'postgres://trigger@127.0.0.1:1/trigger', SECRETS_KEY: '5e'.repeat(32) },
    'backup',
    '--to',
    join(folder, 'backup'),
  );
  expect([code, output]).toEqual([1, expect.stringContaining('pg_dump --format=custom')]);
});
