/** `npm run admin -- prune`: removes what is too old now, and makes the file smaller. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { runAdmin } from '../../support/admin';
import { startServerProcess } from '../../support/server-process';

let folder: string;
let file: string;
let environment: Record<string, string>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'prune-'));
  file = join(folder, 'trigger.db');
  environment = { DATABASE_URL: `file:${file}`, SECRETS_KEY: '5e'.repeat(32) };
  const server = await startServerProcess(environment);
  await server.stop();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Old calls of the demo organization, which keeps calls for 10 days. */
function addOldCalls(count: number): void {
  const database = new Libsql(file);
  database.exec(`
    INSERT INTO retention (organization_id, settings, due_at) VALUES (1, '{"runs_days":10}', '2999-01-01T00:00:00.000Z')
      ON CONFLICT (organization_id) DO UPDATE SET settings = excluded.settings;
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${String(count)})
    INSERT INTO runs (organization_id, agent_id, definition_id, name, mode, trigger_mode, status, disposition,
      telephony_configuration_id, called_number, initial_context, gathered_context, created_at, deadline_at, completed_at,
      artifacts_ready_at, dial_outcome)
    SELECT 1, 1, 1, 'WR-' || n, 'sandbox', 'production', 'completed', 'user_hangup', 1, '+14155550100',
      '{"x":"' || hex(randomblob(1000)) || '"}', '{}', '2025-01-01T00:00:00.000Z', '', '2025-01-01T00:01:00.000Z',
      '2025-01-01T00:01:00.000Z', 'placed' FROM numbers;
    UPDATE organizations SET run_count = ${String(count)}; UPDATE agents SET run_count = ${String(count)};`);
  database.close();
}

function countRuns(): number {
  const database = new Libsql(file);
  const [count] = database.prepare('SELECT count(*) FROM runs').raw().get([]) as number[];
  database.close();
  return count ?? -1;
}

test('a dry run counts, and a real one removes', async () => {
  addOldCalls(50);
  const counted = await runAdmin(environment, 'prune', '--dry-run');
  expect([counted.code, counted.output]).toEqual([0, expect.stringContaining('To be removed: 50 calls')]);
  expect(countRuns()).toBe(50);
  const removed = await runAdmin(environment, 'prune');
  expect([removed.code, removed.output]).toEqual([0, expect.stringContaining('Removed: 50 calls')]);
  expect(countRuns()).toBe(0);
});

test('the audit trail says once how much was pruned, and nothing of a dry run', async () => {
  addOldCalls(50);
  const entries = () => {
    const database = new Libsql(file);
    const found = database.prepare(
      "SELECT organization_id, command, changed FROM audit WHERE action = 'runs.pruned'",
    );
    const rows = found.all([]) as { organization_id: number; command: string; changed: string }[];
    database.close();
    return rows;
  };
  await runAdmin(environment, 'prune', '--dry-run');
  expect(entries()).toEqual([]);
  await runAdmin(environment, 'prune');
  await runAdmin(environment, 'prune');
  expect(entries()).toEqual([{ organization_id: 1, command: 'prune', changed: '["runs: 50"]' }]);
});

test('the file of an earlier version becomes smaller, and gives space back by itself from then on', async () => {
  const old = new Libsql(file);
  old.pragma('auto_vacuum = NONE');
  old.exec('VACUUM');
  old.close();
  addOldCalls(2000);
  const before = statSync(file).size;
  const { code, output } = await runAdmin(environment, 'prune', '--vacuum');
  expect([code, output]).toEqual([0, expect.stringMatching(/The file had [\d.]+ MiB and has [\d.]+ MiB\./)]);
  expect(statSync(file).size).toBeLessThan(before / 4);
  const database = new Libsql(file);
  const incremental = 2;
  expect(database.prepare('PRAGMA auto_vacuum').raw().get([])).toEqual([incremental]);
  database.close();
});

test('while a server runs, the file is not written anew', async () => {
  const server = await startServerProcess(environment);
  try {
    expect(await runAdmin(environment, 'prune', '--vacuum')).toEqual({
      code: 1,
      output: `A server uses the database ${file}. Stop it first: --vacuum writes the whole file anew.\n`,
    });
  } finally {
    await server.stop();
  }
});
