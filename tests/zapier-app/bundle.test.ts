import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startStandIn } from '../support/dograh-stand-in';
import { apiKey, makeBundle } from '../support/zapier';

const run = promisify(execFile);
const repository = resolve(__dirname, '../..');

/** A copy of the app as it is published: index.js beside dist/, with the platform's package installed. */
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zapier-app-'));
  await copyFile(join(repository, 'zapier-app/index.js'), join(folder, 'index.js'));
  await bundleInto('dist');
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function bundleInto(name: string): Promise<string> {
  await run(process.execPath, [join(repository, 'zapier-app/scripts/bundle.mjs'), join(folder, name)]);
  return readFile(join(folder, name, 'index.js'), 'utf8');
}

/** Sends one event to the built app in a separate process, and returns the platform's answer. */
async function handle(event: object): Promise<unknown> {
  const script = `
    const { createAppHandler } = require('zapier-platform-core');
    createAppHandler(require(${JSON.stringify(folder)}))(${JSON.stringify({ ...event, calledFromCli: true })})
      .then(({ results }) => console.log(JSON.stringify(results)));`;
  const environment = { ...process.env, NODE_PATH: join(repository, 'node_modules') };
  const { stdout } = await run(process.execPath, ['-e', script], { env: environment });
  return JSON.parse(stdout) as unknown;
}

test('the platform’s validation finds no error in the built app', async () => {
  expect(await handle({ command: 'validate' })).toEqual([]);
});

test('the built app places a call', async () => {
  const server = await startStandIn({ extensions: ['idempotency-key'] });
  const input = { agent: 'workflow/uuid-7', environment: 'production', phone_number: '+14155550100' };
  const result = await handle({
    command: 'execute',
    method: 'creates.start_call.operation.perform',
    bundle: makeBundle(server.url, input),
  });
  await server.close();
  expect(result).toMatchObject({ id: 501, name: 'WR-API-501' });
  expect(server.dials()).toMatchObject([
    { method: 'POST', url: '/api/v1/public/agent/workflow/uuid-7', headers: { 'x-api-key': apiKey } },
  ]);
});

test('two builds are identical', async () => {
  expect(await bundleInto('again')).toBe(await readFile(join(folder, 'dist/index.js'), 'utf8'));
});

test('the built app needs no package but the platform’s', async () => {
  const code = await readFile(join(folder, 'dist/index.js'), 'utf8');
  const required = [...code.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name = '']) => name);
  const packages = required.filter((name) => !builtinModules.includes(name.replace(/^node:/, '')));
  expect([...new Set(packages)]).toEqual(['zapier-platform-core']);
});
