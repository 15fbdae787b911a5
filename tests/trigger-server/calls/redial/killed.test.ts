/** A real server is killed between the attempts of a call. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Run } from '@dograh-trigger/shared';
import { startServerProcess, type ServerProcess } from '../../../support/server-process';

const apiKey = 'dgr_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG';
const folder = mkdtempSync(join(tmpdir(), 'redial-'));
let server: ServerProcess | undefined;

async function start(): Promise<ServerProcess> {
  server = await startServerProcess({
    DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
    BOOTSTRAP_API_KEY: apiKey,
    SANDBOX_STEP_MS: '20',
  });
  return server;
}

afterAll(async () => {
  await server?.stop('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function ask<Reply>(path: string, body?: object): Promise<Reply> {
  const reply = await fetch(`${server?.baseUrl ?? ''}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await reply.json()) as Reply;
}

/** Reads the run until it is as it should be. */
async function until(path: string, isSo: (run: Run) => boolean): Promise<Run> {
  for (;;) {
    const run = await ask<Run>(path);
    if (isSo(run)) return run;
  }
}

test('a server that is killed while calls wait for their next attempt loses none, and dials none twice', async () => {
  const first = await start();
  const triggerUuid = /production {2}POST \S+\/agent\/(\S+)/.exec(first.output)?.[1] ?? '';
  const retry = { max_attempts: 4, on: ['busy'], after: ['PT1S'] };
  const ids = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const body = { phone_number: '+15005550011', retry };
      const reply = await ask<{ workflow_run_id: number }>(`/api/v1/public/agent/${triggerUuid}`, body);
      return reply.workflow_run_id;
    }),
  );
  const paths = ids.map((id) => `/api/v1/workflow/1/runs/${String(id)}`);
  for (const attempt of [2, 3, 4]) {
    for (const path of paths) await until(path, (run) => (run.attempt ?? 0) >= attempt);
    await server?.stop('SIGKILL');
    await start();
  }
  for (const path of paths) {
    const { status, attempts, logs } = await until(path, (run) => run.is_completed);
    expect(status).toBe('busy');
    expect(attempts?.map(({ number, status: end }) => [number, end])).toEqual(
      [1, 2, 3, 4].map((number) => [number, 'busy']),
    );
    const reports = logs?.telephony_status_callbacks as { raw_status: string }[];
    expect(reports.filter(({ raw_status: word }) => word === 'sandbox:busy')).toHaveLength(4);
  }
}, 120_000);
