/** `npm run admin -- prune` on a real PostgreSQL, from a machine whose clock is wrong. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { runAdmin } from '../../support/admin';
import { startServerProcess } from '../../support/server-process';
import { startPostgres, unsafeSettings, type PostgresServer } from './server';

/** Moves the clock of a Node.js process five days ahead. */
const fiveDaysAhead = `
  const trueNow = Date.now;
  globalThis.Date = class extends Date {
    static now() { return trueNow() + 5 * 24 * 60 * 60_000; }
    constructor(...given) { super(...(given.length === 0 ? [Date.now()] : given)); }
  };`;

let postgres: PostgresServer;
let folder: string;
beforeAll(async () => {
  postgres = await startPostgres(unsafeSettings);
  folder = mkdtempSync(join(tmpdir(), 'prune-'));
}, 600_000);
afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true });
});

/** Calls of now and of four days ago, of the demo organization, which keeps calls for three days. */
async function addCalls(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`
      INSERT INTO retention (organization_id, settings, due_at) VALUES (1, '{"runs_days":3}', '2999-01-01T00:00:00.000Z')
        ON CONFLICT (organization_id) DO UPDATE SET settings = excluded.settings`);
    for (const days of [0, 4]) {
      const at = new Date(Date.now() - days * 24 * 60 * 60_000).toISOString();
      await client.query(
        `INSERT INTO runs (organization_id, agent_id, definition_id, name, mode, trigger_mode, status, disposition,
          telephony_configuration_id, called_number, initial_context, gathered_context, created_at, deadline_at,
          completed_at, artifacts_ready_at, dial_outcome)
        VALUES (1, 1, 1, 'WR', 'sandbox', 'production', 'completed', 'user_hangup', 1, '+14155550100', '{}', '{}', $1, $1,
          $1, $1, 'placed')`,
        [at],
      );
    }
  } finally {
    await client.end();
  }
}

test('the database says what is too old, not the clock of the machine that runs the command', async () => {
  const url = postgres.urlOf(await postgres.create());
  const environment = { DATABASE_URL: url, SECRETS_KEY: '5e'.repeat(32), ARTIFACTS_DIR: folder };
  const server = await startServerProcess(environment);
  await server.stop();
  await addCalls(url);
  const preload = join(folder, 'ahead.cjs');
  writeFileSync(preload, fiveDaysAhead);
  const ahead = { ...environment, NODE_OPTIONS: `--require ${preload}` };
  const { code, output } = await runAdmin(ahead, 'prune', '--dry-run');
  expect([code, output]).toEqual([0, expect.stringContaining('To be removed: 1 calls')]);
}, 120_000);
