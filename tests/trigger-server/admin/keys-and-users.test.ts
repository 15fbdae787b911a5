/** The commands of `npm run admin` for keys and users, beside a running server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditPage } from '@dograh-trigger/shared';
import { runAdmin } from '../../support/admin';
import { startServerProcess, type ServerProcess } from '../../support/server-process';

const adminKey = `dgr_${'a'.repeat(43)}`;

let folder: string;
let environment: Record<string, string>;
let server: ServerProcess;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keys-and-users-'));
  environment = {
    DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
    SECRETS_KEY: '5e'.repeat(32),
    BOOTSTRAP_API_KEY: adminKey,
  };
  server = await startServerProcess(environment);
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const admin = (...words: string[]) => runAdmin(environment, ...words);

function get(path: string, apiKey: string): Promise<Response> {
  return fetch(`${server.baseUrl}/api/v1${path}`, { headers: { 'X-API-Key': apiKey } });
}

test('a key is created with its limits, works at once, is listed without itself, and stops when it is archived', async () => {
  const created = await admin(
    ...['create-key', '--name', 'For n8n', '--scope', 'trigger', '--agents', '1', '--expires', '2099-12-31'],
  );
  const [, id = '', key = ''] =
    /^Key (\d+), shown this once:\n {2}(dgr_[\w-]{43})\n$/.exec(created.output) ?? [];
  expect(created).toMatchObject({ code: 0, output: expect.stringContaining('dgr_') as string });
  expect((await get('/user/auth/user', key)).status).toBe(200);
  expect((await get('/user/api-keys', key)).status).toBe(403);

  const listed = await admin('list-keys');
  expect(listed.output).toMatch(
    new RegExp(
      `^${id}  ${key.slice(0, 8)}…  For n8n  \\(organization 1; trigger; agents 1; last used .*; expires 2099-12-31T00:00:00.000Z\\)$`,
      'm',
    ),
  );
  expect(listed.output).not.toContain(key);

  expect(await admin('archive-key', '--id', id)).toEqual({
    code: 0,
    output: `Key ${id} is archived: it no longer works.\n`,
  });
  expect((await get('/user/auth/user', key)).status).toBe(401);
  const trail = (await (await get('/organizations/audit', adminKey)).json()) as AuditPage;
  expect(trail.entries).toMatchObject([
    { action: 'api_key.archived', subject_id: id, command: 'archive-key', user: null, key: null },
    { action: 'api_key.created', subject_id: id, command: 'create-key', user: null, key: null },
  ]);
});

test('a user is created without a password, and gets one by a sign-in link', async () => {
  const created = await admin('create-user', '--email', 'Jane@example.com', '--name', 'Jane');
  expect(created).toMatchObject({
    code: 0,
    output: expect.stringContaining('npm run admin -- sign-in-link --email jane@example.com') as string,
  });
  const { output } = await admin('sign-in-link', '--email', 'jane@example.com');
  const [, token] = /sign-in#token=([\w-]{43})$/m.exec(output) ?? [];
  const reply = await fetch(`${server.baseUrl}/api/v1/console/session/link`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'same-origin' },
    body: JSON.stringify({ token, email: 'jane@example.com', password: 'at least 8 characters' }),
  });
  expect(await reply.json()).toMatchObject({ organization_id: 1, has_password: true });
  expect(await admin('create-user', '--email', 'jane@example.com')).toEqual({
    code: 1,
    output: 'Email already registered.\n',
  });
});

const demo = ['--name', 'x', '--email', 'demo@example.com'];

test.each([
  [['create-key', '--scope', 'trigger'], 'Say what the key is for: --name <name>'],
  [['create-key', '--name', 'x'], 'Say what the key may do: --scope trigger, --scope read, --scope admin'],
  [['create-key', ...demo, '--scope', 'read', '--agents', '1'], 'Only a key with the scope trigger'],
  [['create-key', ...demo, '--scope', 'trigger', '--agents', '99'], 'There is no agent 99'],
  [['create-key', ...demo, '--scope', 'read', '--expires', '2020-01-01'], 'a time to come'],
  [['archive-key', '--id', '99'], 'There is no such key'],
  [['create-user'], 'Say who it is: --email <address>'],
  [['create-user', '--email', 'x@example.com', '--organization', '99'], 'There is no organization 99.'],
])('%j says what to do', async (words, advice) => {
  expect(await admin(...words)).toEqual({ code: 1, output: expect.stringContaining(advice) as string });
});
