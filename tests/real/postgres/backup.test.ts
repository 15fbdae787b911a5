/**
 * The backup of a PostgreSQL database, as docs/operations.md says it: the commands stand there, and are executed here
 * without `docker compose exec` before them. Debian's 15 runs, because `pg_dump` must be of the server's version.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startServerProcess, type ServerProcess } from '../../support/server-process';
import { documentedCommands } from '../documented-commands';
import { until } from '../until';
import { installDebianPrograms, startPostgres, unsafeSettings, type PostgresServer } from './server';

const apiKey = `dgr_${'b'.repeat(43)}`;
const secretsKey = '5e'.repeat(32);
const [backup = [], restore = []] = documentedCommands(
  'docs/operations.md',
  '**PostgreSQL of `compose.postgres.yml`.**',
  '**Another PostgreSQL.**',
);

let postgres: PostgresServer;
let folder: string;
beforeAll(async () => {
  postgres = await startPostgres(unsafeSettings, '15');
  folder = mkdtempSync(join(tmpdir(), 'backup-'));
  // As the image of PostgreSQL makes them.
  await tell('postgres', 'CREATE ROLE trigger SUPERUSER LOGIN');
  await tell('postgres', 'CREATE DATABASE trigger OWNER trigger');
}, 600_000);
afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true });
});

async function tell(database: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: postgres.urlOf(database) });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/** Executes those of the commands that the container of PostgreSQL executes. @returns their programs. */
function execute(commands: readonly string[]): string[] {
  const { hostname, port } = new URL(postgres.urlOf('trigger'));
  const own = commands.flatMap(
    (line) => /^docker compose(?: --file \S+)* exec(?: -T)? postgres (.+)$/.exec(line)?.[1] ?? [],
  );
  for (const command of own) {
    execFileSync('sh', ['-c', command], {
      cwd: folder,
      env: { PATH: `${installDebianPrograms()}:${process.env.PATH ?? ''}`, PGHOST: hostname, PGPORT: port },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }
  return own.map((command) => command.split(' ')[0] ?? '');
}

const start = (key: string) =>
  startServerProcess({
    DATABASE_URL: postgres.urlOf('trigger'),
    SECRETS_KEY: key,
    ARTIFACTS_DIR: join(folder, 'artifacts'),
    BOOTSTRAP_API_KEY: apiKey,
    SANDBOX_STEP_MS: '1',
  });

const headers = { 'X-API-Key': apiKey, 'Content-Type': 'application/json' };

async function read({ baseUrl }: ServerProcess, path: string): Promise<Record<string, unknown>> {
  const reply = await fetch(`${baseUrl}${path}`, { headers });
  expect(reply.status).toBe(200);
  return (await reply.json()) as Record<string, unknown>;
}

/** Without its links and their token, which are made anew for each reader. */
async function readRun(server: ServerProcess, path: string): Promise<Record<string, unknown>> {
  const run = await read(server, path);
  return Object.fromEntries(Object.entries(run).filter(([name]) => !/_(?:url|token)$/.test(name)));
}

async function place({ baseUrl, output }: ServerProcess): Promise<Response> {
  const [, url = ''] = /POST (\S+)/.exec(output) ?? [];
  return fetch(baseUrl + new URL(url).pathname, {
    method: 'POST',
    headers: { ...headers, 'Idempotency-Key': 'kept' },
    body: JSON.stringify({ phone_number: '+14155550100' }),
  });
}

/** What a server shows of its call and of its secrets. */
const shownBy = async (server: ServerProcess, location: string) => ({
  run: await readRun(server, location),
  secret: await read(server, '/api/v1/organizations/webhook-secret'),
});

/** A call of the server that was backed up, and what that server showed. */
let kept: { output: string; location: string; shown: Awaited<ReturnType<typeof shownBy>> };
beforeAll(async () => {
  const server = await start(secretsKey);
  const placed = await place(server);
  expect(placed.status).toBe(200);
  const location = placed.headers.get('location') ?? '';
  await until('the call ends', async () => (await readRun(server, location)).artifacts_ready === true);
  kept = { output: server.output, location, shown: await shownBy(server, location) };
  // A server may run meanwhile.
  expect(execute(backup)).toEqual(['pg_dump']);
  await server.stop();
  await tell('trigger', 'TRUNCATE webhook_secrets; DROP TABLE hooks');
  expect(execute(restore)).toEqual(['dropdb', 'createdb', 'pg_restore']);
}, 600_000);

test('a server goes on with what was restored: calls, secrets and keys of requests', async () => {
  const server = await start(secretsKey);
  try {
    expect(await shownBy(server, kept.location)).toEqual(kept.shown);
    const repeat = await place({ ...server, output: kept.output });
    expect(repeat.headers.get('idempotency-replayed')).toBe('true');
    expect(repeat.headers.get('location')).toBe(kept.location);
  } finally {
    await server.stop();
  }
});

test('a server with another SECRETS_KEY does not start with it, and says why', async () => {
  await expect(start('6f'.repeat(32))).rejects.toThrow(
    /SECRETS_KEY does not open the secrets in .*: they were sealed by another key/,
  );
});
