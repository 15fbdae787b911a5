/** The server as a process: start, stop, crash and restart with the same data. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TriggerClient } from '@dograh-trigger/shared';
import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import { printedKey, printedRequest } from '../support/printed-request';
import { startServerProcess, type ServerProcess } from '../support/server-process';

let folder: string;
let environment: Record<string, string>;
const started: ServerProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'server-process-'));
  environment = { DATABASE_URL: `file:${join(folder, 'trigger.db')}` };
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function start(more: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await startServerProcess({ ...environment, ...more });
  started.push(server);
  return server;
}

function clientOf(server: ServerProcess, apiKey: string): TriggerClient {
  return new TriggerClient(axiosTransport({ apiKey }), { baseUrl: server.baseUrl, sleep });
}

function printed(server: ServerProcess) {
  const triggerUuid = /production {2}POST \S+\/agent\/(\S+)/.exec(server.output)?.[1] ?? '';
  const apiKey = printedKey(server.output);
  return { triggerUuid, apiKey };
}

test('on PostgreSQL it refuses to keep recordings in a folder that other servers do not share', async () => {
  const postgres = { DATABASE_URL: 'postgres://127.0.0.1:1/none', SECRETS_KEY: '5e'.repeat(32) };
  await expect(start(postgres)).rejects.toThrow(
    /set ARTIFACTS_S3_BUCKET, or ARTIFACTS_DIR to a folder that all its servers share/,
  );
});

test('the printed curl line of the first start works, and the second start keeps the data', async () => {
  const first = await start();
  const line = first.output.split('\n').find((text) => text.trimStart().startsWith('curl ')) ?? '';
  const answer = await fetch(printedRequest(line.trim()));
  const reply = (await answer.json()) as { workflow_run_id: number };
  const { apiKey, triggerUuid } = printed(first);
  const run = await clientOf(first, apiKey).waitForRun(reply.workflow_run_id, {
    timeoutSeconds: 20,
    pollIntervalSeconds: 0.1,
  });
  expect(run.status).toBe('completed');
  expect(await first.stop()).toBe(0);

  const second = await start();
  expect(printed(second)).toEqual({ triggerUuid, apiKey });
  expect(await clientOf(second, apiKey).getRun(reply.workflow_run_id)).toMatchObject({
    id: run.id,
    status: 'completed',
  });
});

test('without a terminal the demo key is not printed but stored in a file for its owner only, which the curl line reads', async () => {
  const file = join(folder, 'trigger.db.demo-key');
  writeFileSync(file, 'of an earlier database', { mode: 0o644 });
  const server = await start();
  const key = readFileSync(file, 'utf8').trim();
  expect(key).toMatch(/^dgr_[A-Za-z0-9_-]{43}$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(server.output).not.toContain('dgr_');
  expect(server.output).toContain(`-H "X-API-Key: $(cat '${file}')"`);
  expect(await clientOf(server, key).whoAmI()).toMatchObject({ email: 'demo@example.com' });
});

test('with the operator’s own key no secret is printed, and that key works', async () => {
  const apiKey = `dgr_${'k'.repeat(43)}`;
  const server = await start({ BOOTSTRAP_API_KEY: apiKey });
  expect(server.output).not.toContain(apiKey);
  expect(await clientOf(server, apiKey).whoAmI()).toMatchObject({ email: 'demo@example.com' });
});

test('the encryption key is created next to the database, readable by its owner only, and is kept', async () => {
  await (await start()).stop();
  const file = join(folder, 'trigger.db.key');
  const key = readFileSync(file, 'utf8');
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await (await start()).stop();
  expect(readFileSync(file, 'utf8')).toBe(key);
});

test('a call that was in flight when the server was killed is finished by the next process, without another dial', async () => {
  const first = await start({ SANDBOX_STEP_MS: '600000' });
  const { apiKey, triggerUuid } = printed(first);
  const call = {
    target: { triggerUuid },
    environment: 'production' as const,
    phoneNumber: '+14155550100',
    idempotencyKey: 'crash',
  };
  const placed = await clientOf(first, apiKey).triggerCall(call);
  expect(await first.stop('SIGKILL')).toBe('SIGKILL');

  const second = await start({ SANDBOX_STEP_MS: '20' });
  const client = clientOf(second, apiKey);
  const run = await client.waitForRun(placed.runId, { timeoutSeconds: 20, pollIntervalSeconds: 0.05 });
  expect(run).toMatchObject({ status: 'completed', gathered_context: { call_disposition: 'end_call_tool' } });
  expect(await client.triggerCall(call)).toMatchObject({ runId: placed.runId, replayed: true });
});

test('when stopped under load the server answers every accepted request with a call or a refusal, and loses no run', async () => {
  const server = await start({ DEFAULT_ORG_CONCURRENCY_LIMIT: '100000', SANDBOX_STEP_MS: '600000' });
  const { apiKey, triggerUuid } = printed(server);
  const url = `${server.baseUrl}/api/v1/public/agent/${triggerUuid}`;
  const send = async () => {
    try {
      const reply = await fetch(url, {
        method: 'POST',
        headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
        body: '{"phone_number":"+14155550100"}',
      });
      return { status: reply.status, body: (await reply.json()) as { workflow_run_id?: number } };
    } catch {
      return { status: 0, body: {} }; // The connection was refused.
    }
  };
  const warm = await send();
  expect(warm.status).toBe(200);
  const replies = Array.from({ length: 200 }, send);
  await Promise.race(replies);
  const exit = server.stop();
  const later = Array.from({ length: 50 }, send);
  const all = await Promise.all([...replies, ...later]);
  expect(await exit).toBe(0);
  for (const { status } of all) expect([200, 503, 0]).toContain(status);
  const placed = all.filter(({ status }) => status === 200).map(({ body }) => body.workflow_run_id);
  expect(placed.length).toBeGreaterThan(0);

  const next = await start({ SANDBOX_STEP_MS: '600000' });
  const page = await fetch(`${next.baseUrl}/api/v1/workflow/1/runs?limit=1`, {
    headers: { 'X-API-Key': apiKey },
  });
  // Every run belongs to an answered request, except the one of the warm-up.
  expect(((await page.json()) as { total_count: number }).total_count).toBe(placed.length + 1);
});

test('an invalid environment variable is reported by name, and the server does not start', async () => {
  await expect(startServerProcess({ ...environment, PORT: 'http', SECRETS_KEY: 'short' })).rejects.toThrow(
    /PORT[\s\S]*SECRETS_KEY: must be 64 hexadecimal digits/,
  );
});
