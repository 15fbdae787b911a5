/**
 * The steps of the Dockerfile, executed without Docker, and the files beside it. The image itself is not built: no Docker
 * runs here.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeTcpPort } from '../../support/free-port';
import { documentedCommands } from '../documented-commands';
import { until } from '../until';
import { execute, type Machine } from './commands';
import { buildImage, createVolume, startIn, type Image } from './image';
import { installBase, installTools } from './install';

jest.setTimeout(20 * 60_000);

const project = join(__dirname, '../../..');
const apiKey = `dgr_${'d'.repeat(43)}`;
const metricsToken = 'token-of-the-metrics';

let folder: string;
let image: Image;
const started: ChildProcess[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'docker-'));
  image = buildImage(project, installBase(), folder);
});
afterEach(async () => {
  for (const child of started.splice(0)) await stop(child);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  child.kill('SIGTERM');
  await once(child, 'exit');
  return child.exitCode;
}

interface Running {
  child: ChildProcess;
  address: string;
  triggerUrl: string;
}

/** Starts the image's own command. */
async function start(
  volume: string,
  port: number,
  environment: Record<string, string> = {},
): Promise<Running> {
  const child = startIn(image, volume, image.command, {
    PORT: String(port),
    BOOTSTRAP_API_KEY: apiKey,
    SANDBOX_STEP_MS: '0',
    ...environment,
  });
  started.push(child);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await until('the server prints its address', () => {
    if (child.exitCode !== null) throw new Error(`It ended: ${output}`);
    return Promise.resolve(output.includes('POST http'));
  });
  const address = `http://127.0.0.1:${String(port)}`;
  const [, url = ''] = /POST (\S+)/.exec(output) ?? [];
  return { child, address, triggerUrl: `${address}${new URL(url).pathname}` };
}

const headers = { 'X-API-Key': apiKey, 'Content-Type': 'application/json' };

async function place(url: string): Promise<string> {
  const body = JSON.stringify({ phone_number: '+14155550100' });
  const reply = await fetch(url, { method: 'POST', headers, body });
  expect(reply.status).toBe(200);
  return reply.headers.get('location') ?? '';
}

const statusOf = async (address: string, location: string) =>
  ((await (await fetch(`${address}${location}`, { headers })).json()) as { status: string }).status;

/** @returns the exit code of a command of the image, beside a server. */
async function runBeside(volume: string, command: readonly string[], port: number): Promise<number | null> {
  const child = startIn(image, volume, command, { PORT: String(port) });
  await once(child, 'exit');
  return child.exitCode;
}

test('it is a server that runs as its own user on a read-only root, calls, and keeps its data in its volume', async () => {
  const port = await freeTcpPort();
  const volume = createVolume(image, '/data', join(folder, 'volume'));
  const first = await start(volume, port);
  expect(readFileSync(`/proc/${String(first.child.pid)}/status`, 'utf8')).toMatch(/^Uid:\s+1000\s+1000/m);
  expect((await fetch(`${first.address}/`)).headers.get('content-type')).toContain('text/html');
  const location = await place(first.triggerUrl);
  await until('the call ends', async () => (await statusOf(first.address, location)) === 'completed');
  expect(await runBeside(volume, image.healthcheck, port)).toBe(0);
  const doctor = ['node', '/app/trigger-server/dist/admin/main.js', 'sign-in-link'];
  expect(await runBeside(volume, doctor, port)).toBe(0);
  const backup = ['node', '/app/trigger-server/dist/admin/main.js', 'backup', '--to', '/data/backup'];
  expect(await runBeside(volume, backup, port)).toBe(0);
  expect(readdirSync(join(volume, 'backup'))).toContain('trigger.db');
  expect(await stop(first.child)).toBe(0);
  expect(await runBeside(volume, image.healthcheck, port)).toBe(1);
  expect(readdirSync(volume)).toContain('trigger.db');
  expect(statSync(join(volume, 'trigger.db')).mode & 0o777).toBe(0o600);

  const second = await start(volume, port);
  expect(await statusOf(second.address, location)).toBe('completed');
});

const operations = 'docs/operations.md';
const [backUp = [], restore = []] = documentedCommands(
  operations,
  '**SQLite in the container.**',
  '**PostgreSQL of `compose.postgres.yml`.**',
);
const [backUpBoth = [], restoreBoth = []] = documentedCommands(
  operations,
  '**PostgreSQL of `compose.postgres.yml`.**',
  '**Another PostgreSQL.**',
);

/** A folder to type commands in, beside a new volume. */
function machineWith(name: string, server: Pick<Machine, 'stopServer' | 'startServer'>): Machine {
  const typedIn = join(folder, name);
  mkdirSync(typedIn);
  return { image, volume: createVolume(image, '/data', join(typedIn, 'volume')), folder: typedIn, ...server };
}

test('the commands of docs/operations.md back it up while it runs, and restore that state', async () => {
  const port = await freeTcpPort();
  let server: Running;
  const machine = machineWith('backup', {
    stopServer: () => stop(server.child),
    startServer: async () => (server = await start(machine.volume, port)),
  });
  server = await start(machine.volume, port);
  const before = await place(server.triggerUrl);
  await until('the call ends', async () => (await statusOf(server.address, before)) === 'completed');
  for (const command of backUp) await execute(machine, command);
  const after = await place(server.triggerUrl);
  for (const command of restore) await execute(machine, command);
  expect(await statusOf(server.address, before)).toBe('completed');
  expect((await fetch(`${server.address}${after}`, { headers })).status).toBe(404);
  expect(statSync(join(machine.volume, 'trigger.db')).mode & 0o777).toBe(0o600);
  expect(readdirSync(machine.volume)).not.toContain('backup');
});

test('those of a server on PostgreSQL copy its recordings, also before there is one, and restore them', async () => {
  const nothing = () => Promise.resolve();
  const machine = machineWith('recordings', { stopServer: nothing, startServer: nothing });
  const { child } = await start(machine.volume, await freeTcpPort());
  await stop(child);
  const isOfServer = (command: string) => !/ exec (?:-T )?postgres /.test(command);
  for (const command of backUpBoth.filter(isOfServer)) await execute(machine, command);
  const copy = readdirSync(machine.folder).find((name) => name !== 'volume') ?? '';
  mkdirSync(join(machine.folder, copy, 'recordings'));
  execFileSync('cp', [__filename, join(machine.folder, copy, 'recordings/1.wav')]);
  rmSync(join(machine.volume, 'artifacts'), { recursive: true });
  for (const command of restoreBoth.filter(isOfServer)) await execute(machine, command);
  expect(statSync(join(machine.volume, 'artifacts/recordings/1.wav'))).toMatchObject({ uid: 1000 });
});

test('it starts with a bucket for recordings', async () => {
  const volume = createVolume(image, '/data', join(folder, 'bucket'));
  const { address } = await start(volume, await freeTcpPort(), { ARTIFACTS_S3_BUCKET: 'recordings' });
  expect((await fetch(`${address}/health/ready`)).status).toBe(200);
  expect(readdirSync(volume)).not.toContain('artifacts');
});

test('it speaks the announcements of Asterisk calls', async () => {
  const volume = createVolume(image, '/data', join(folder, 'speech'));
  expect(
    await runBeside(volume, ['sh', '-c', 'echo hello | espeak-ng --stdout --stdin -v en > /tmp/a.wav'], 0),
  ).toBe(0);
});

test('it has no source, no test, no tool of development, and nothing of this checkout that git does not know', () => {
  const app = join(image.root, 'app');
  expect(readdirSync(join(app, 'trigger-server')).sort()).toEqual(['console', 'dist', 'package.json']);
  const modules = readdirSync(join(app, 'node_modules'));
  expect(modules).toEqual(expect.arrayContaining(['express', 'libsql', 'pg']));
  expect(
    modules.filter((name) => /^(?:typescript|jest|eslint|esbuild|vite|n8n.*|zapier.*)$/.test(name)),
  ).toEqual([]);
  expect(existsSync(join(folder, 'context/.git'))).toBe(false);
  const context = readdirSync(join(folder, 'context'), { recursive: true, encoding: 'utf8' });
  expect(
    context.filter((path) => /(?:^|\/)(?:node_modules|dist|data|tests|\.env)(?:\/|$)|\.db/.test(path)),
  ).toEqual([]);
});

describe('the compose files', () => {
  const names = { DOMAIN: 'calls.example.com' };
  const secrets = { POSTGRES_PASSWORD: 'ab12', SECRETS_KEY: '5e'.repeat(32) };

  interface Service {
    read_only?: boolean;
    ports?: { published: string }[];
    environment?: Record<string, string>;
  }

  function services(files: readonly string[], environment: Record<string, string>): Record<string, Service> {
    const output = execFileSync(
      join(installTools(), 'docker-compose'),
      [...files.flatMap((file) => ['--file', join(project, file)]), 'config', '--format', 'json'],
      { env: { PATH: process.env.PATH, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    return (JSON.parse(output.toString()) as { services: Record<string, Service> }).services;
  }

  test.each([
    ['SQLite', ['compose.yml'], names, ['caddy', 'server']],
    [
      'PostgreSQL',
      ['compose.yml', 'compose.postgres.yml'],
      { ...names, ...secrets },
      ['caddy', 'postgres', 'server'],
    ],
  ])(
    'on %s docker-compose reads them, and only Caddy can be reached from outside',
    (_name, files, environment, expected) => {
      const read = services(files, environment);
      expect(Object.keys(read).sort()).toEqual(expected);
      const open = Object.entries(read).filter(([, { ports }]) => ports !== undefined);
      expect(open.map(([name]) => name)).toEqual(['caddy']);
      expect(read.server).toMatchObject({
        read_only: true,
        environment: { PUBLIC_BASE_URL: 'https://calls.example.com', TRUST_PROXY: '1' },
      });
    },
  );

  test('a missing setting is named, with what to do', () => {
    expect(() => services(['compose.yml'], {})).toThrow(/Set DOMAIN to the name of this server/);
    const both = ['compose.yml', 'compose.postgres.yml'];
    expect(() => services(both, { ...names, POSTGRES_PASSWORD: 'x' })).toThrow(/Set SECRETS_KEY/);
  });
});

test('behind Caddy a call is placed, and the metrics are hidden', async () => {
  const [port, front, admin] = [await freeTcpPort(), await freeTcpPort(), await freeTcpPort()];
  const volume = createVolume(image, '/data', join(folder, 'restart'));
  const first = await start(volume, port, { METRICS_TOKEN: metricsToken });
  const environment = {
    PATH: process.env.PATH,
    HOME: folder,
    DOMAIN: `http://127.0.0.1:${String(front)}`,
    UPSTREAM: `127.0.0.1:${String(port)}`,
    CADDY_ADMIN: `127.0.0.1:${String(admin)}`,
  };
  const caddy = join(installTools(), 'caddy');
  const configuration = ['--adapter', 'caddyfile', '--config', join(project, 'Caddyfile')];
  execFileSync(caddy, ['validate', ...configuration], { env: environment, stdio: 'ignore' });
  started.push(spawn(caddy, ['run', ...configuration], { env: environment, stdio: 'ignore' }));
  const through = first.triggerUrl.replace(first.address, environment.DOMAIN);
  await until(
    'Caddy serves',
    async () => (await fetch(`${environment.DOMAIN}/health/ready`).catch(() => null))?.status === 200,
  );
  for (const path of ['/metrics', '/metrics/', '/METRICS']) {
    const withToken = { headers: { Authorization: `Bearer ${metricsToken}` } };
    const statuses = await Promise.all(
      [first.address, environment.DOMAIN].map(
        async (origin) => (await fetch(origin + path, withToken)).status,
      ),
    );
    expect([path, ...statuses]).toEqual([path, 200, 404]);
  }

  const location = await place(through);
  await until('the call ends', async () => (await statusOf(first.address, location)) === 'completed');
});
