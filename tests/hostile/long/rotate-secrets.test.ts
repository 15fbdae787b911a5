/** A server does not start without the key of its secrets. Rotating the key loses nothing. */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { createSecrets } from '../../../trigger-server/src/secrets';
import { callbackUrl, isCallbackToken } from '../../../trigger-server/src/calls/carrier/callback-urls';
import { runAdmin } from '../../support/admin';
import { account, database as fixture, login, secretsKey as old } from '../../support/fixture-8d8c49d';
import { startTestServer } from '../../support/test-server';
import { startServerProcess, type ServerProcess } from '../../support/server-process';

const other = 'a1'.repeat(32);

let folder: string;
let file: string;
let keyFile: string;
const started: ServerProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rotate-'));
  file = join(folder, 'trigger.db');
  keyFile = `${file}.key`;
  copyFileSync(fixture, file);
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop('SIGKILL');
  rmSync(folder, { recursive: true });
});

const withKey = (key: string) => ({ DATABASE_URL: `file:${file}`, SECRETS_KEY: key });
const withKeyFile = () => ({ DATABASE_URL: `file:${file}` });
const rotate = (environment: Record<string, string>, ...flags: string[]) =>
  runAdmin(environment, 'rotate-secrets', ...flags);

async function start(environment: Record<string, string>): Promise<ServerProcess> {
  const server = await startServerProcess(environment);
  started.push(server);
  return server;
}

async function startOnce(environment: Record<string, string>): Promise<void> {
  await (await start(environment)).stop();
}

/** Every text in any table that looks sealed, independent of the code's own list. */
function sealedTexts(): string[] {
  const database = new Libsql(file);
  const rows = (query: string) => database.prepare(query).raw().all() as unknown[][];
  const tables = rows("SELECT name FROM sqlite_master WHERE type = 'table'").map(([name]) => String(name));
  const texts = tables.flatMap((table) => rows(`SELECT * FROM "${table}"`)).flat();
  database.close();
  return texts.filter((text): text is string => typeof text === 'string' && /^v1\.[\w-]{30,}$/.test(text));
}

async function statusOf(server: ServerProcess, path: string, headers: Record<string, string>) {
  return (await fetch(`${server.baseUrl}/api/v1${path}`, { headers })).status;
}

const withApiKey = { 'X-API-Key': account.apiKey };
const twilio = '/organizations/telephony-configs/4';

describe('a database opens only with the key of its secrets', () => {
  test('a database older than the canaries does not start with another key, and gets no canary', async () => {
    await expect(start(withKey(other))).rejects.toThrow(
      /SECRETS_KEY does not open the secrets in .*sealed by another key.*--lost-key/,
    );
    await startOnce(withKey(old));
  });

  test('without the file beside it, no start, and no new key is made', async () => {
    await expect(start(withKeyFile())).rejects.toThrow(/trigger\.db\.key is missing/);
    expect(existsSync(keyFile)).toBe(false);
  });

  test('one with nothing sealed but its canary', async () => {
    rmSync(file);
    await startOnce({ ...withKey(old), SEED_DEMO: 'false' });
    await expect(start({ ...withKey(other), SEED_DEMO: 'false' })).rejects.toThrow(/does not open/);
    await startOnce({ ...withKey(old), SEED_DEMO: 'false' });
  });

  test('--lost-key gives up what a lost key sealed: those secrets answer 503, and the rest works', async () => {
    expect(await rotate(withKeyFile(), '--lost-key')).toMatchObject({ code: 1 });
    await startOnce(withKey(old));
    const { code, output } = await rotate(withKeyFile(), '--lost-key');
    expect([code, output]).toEqual([0, expect.stringContaining('open with none of the keys')]);
    const server = await start(withKeyFile());
    expect(await statusOf(server, '/user/auth/user', withApiKey)).toBe(200);
    expect(await statusOf(server, twilio, withApiKey)).toBe(503);
  });
});

describe('SECRETS_KEY=new,old', () => {
  const both = `${other}, ${old}`;

  test('the old key still opens secrets, sessions and download links', async () => {
    const before = await start(withKey(old));
    const session = await fetch(`${before.baseUrl}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(login),
    });
    const { token } = (await session.json()) as { token: string };
    const run = await fetch(`${before.baseUrl}/api/v1/workflow/0/runs/1`, { headers: withApiKey });
    const { transcript_public_url: link } = (await run.json()) as { transcript_public_url: string };
    await before.stop();
    const server = await start(withKey(both));
    expect(await statusOf(server, twilio, withApiKey)).toBe(200);
    expect(await statusOf(server, '/user/api-keys', { Authorization: `Bearer ${token}` })).toBe(200);
    expect((await fetch(server.baseUrl + link)).status).toBe(200);
  });

  test('report URLs signed with the old key stay valid, and new ones are signed with the new key', async () => {
    const server = await startTestServer({ PUBLIC_BASE_URL: 'https://calls.example.com' });
    const target = {
      provider: 'twilio',
      configurationId: 1,
      runId: 1,
      attempt: 1,
      purpose: 'status' as const,
      turn: 0,
    };
    const tokenOf = (...keys: [string, ...string[]]) => {
      const services = { ...server.services, secrets: createSecrets(...keys) };
      return callbackUrl(services, target).split('/').at(-1) ?? '';
    };
    const counts = (token: string, ...keys: [string, ...string[]]) =>
      isCallbackToken({ ...server.services, secrets: createSecrets(...keys) }, target, token);
    expect(counts(tokenOf(old), other, old)).toBe(true);
    expect(tokenOf(other, old)).toBe(tokenOf(other));
    expect(counts(tokenOf(old), other)).toBe(false);
    await server.close();
  });

  test('rotate-secrets seals every secret again while a server runs, and then the new key is enough', async () => {
    await startOnce(withKey(old));
    const tooEarly = await rotate(withKey(both));
    expect([tooEarly.code, tooEarly.output]).toEqual([1, expect.stringContaining('Restart the server')]);
    const server = await start(withKey(both));
    // Until then both keys are needed, because each has sealed something.
    await server.stop();
    for (const key of [old, other]) await expect(start(withKey(key))).rejects.toThrow(/does not open/);
    const running = await start(withKey(both));
    expect(await rotate(withKey(both))).toMatchObject({ code: 0 });
    expect(await statusOf(running, twilio, withApiKey)).toBe(200);
    await running.stop();
    const texts = sealedTexts();
    expect(texts.length).toBeGreaterThan(5);
    expect(texts.filter((text) => !createSecrets(other).opens(text))).toEqual([]);
    const after = await start(withKey(other));
    expect(await statusOf(after, twilio, withApiKey)).toBe(200);
  });

  test('with only one key in SECRETS_KEY, the command says what to do', async () => {
    await startOnce(withKey(old));
    const { code, output } = await rotate(withKey(old));
    expect([code, output]).toEqual([1, expect.stringContaining('SECRETS_KEY=new,old')]);
  });
});

test('with a key file, the first run adds a new key, and after a restart the second run seals everything again', async () => {
  writeFileSync(keyFile, old);
  await startOnce(withKeyFile());
  expect((await rotate(withKeyFile())).output).toContain('Restart the server');
  const [key = '', ...earlier] = readFileSync(keyFile, 'utf8').split('\n');
  expect(earlier).toEqual([old]);
  expect((await rotate(withKeyFile())).output).toContain('No server has started with the new key yet');
  await startOnce(withKeyFile());
  expect(await rotate(withKeyFile())).toMatchObject({ code: 0 });
  expect(sealedTexts().filter((text) => !createSecrets(key).opens(text))).toEqual([]);
  writeFileSync(keyFile, key);
  const server = await start(withKeyFile());
  expect(await statusOf(server, twilio, withApiKey)).toBe(200);
});
