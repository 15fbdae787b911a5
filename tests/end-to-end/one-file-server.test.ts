/** `npm start` runs the server in one file (`dist/server.js`): it is the same server. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServerProcess, type ServerProcess } from '../support/server-process';

const root = join(__dirname, '../..');

let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  execFileSync(process.execPath, [join(root, 'trigger-server/scripts/bundle.mjs')]);
  folder = mkdtempSync(join(tmpdir(), 'one-file-'));
  server = await startServerProcess(
    { DATABASE_URL: `file:${join(folder, 'trigger.db')}` },
    { script: 'server.js' },
  );
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

test('its OpenAPI document is the committed one', async () => {
  const reply = await fetch(`${server.baseUrl}/api/v1/openapi.json`);
  expect(await reply.json()).toEqual(
    JSON.parse(readFileSync(join(root, 'trigger-server/openapi.json'), 'utf8')),
  );
});

test('the API reference finds its files', async () => {
  expect((await fetch(`${server.baseUrl}/docs/`)).status).toBe(200);
  expect((await fetch(`${server.baseUrl}/docs/swagger-ui-bundle.js`)).status).toBe(200);
});

test('a person signs up and signs in: passwords are hashed in a thread of their own', async () => {
  const post = (path: string) =>
    fetch(`${server.baseUrl}/api/v1/auth/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: 'jane@example.com', password: 'correct horse battery' }),
    });
  expect((await post('signup')).status).toBe(200);
  expect((await post('login')).status).toBe(200);
});

test('of a number it knows the type, which takes all that is known of numbers', async () => {
  const path = /production {2}POST \S+(\/api\/v1\/\S+)/.exec(server.output)?.[1] ?? '';
  const key = readFileSync(join(folder, 'trigger.db.demo-key'), 'utf8').trim();
  const call = (phoneNumber: string) =>
    fetch(`${server.baseUrl}${path}`, {
      method: 'POST',
      headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
      body: JSON.stringify({ phone_number: phoneNumber }),
    });
  expect((await call('+1 (415) 555-0100')).status).toBe(200);
  const refused = await call('+19005550100');
  expect(refused.status).toBe(422);
  expect(await refused.text()).toContain('Premium-rate');
});
