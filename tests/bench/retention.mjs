/**
 * Retention beside triggers: the 99th percentile of a trigger while old calls are deleted, against a server without
 * retention, in turns within one run; and the size of the file, which must stay flat while calls come and go.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import autocannon from 'autocannon';
import Libsql from 'libsql';
import { apiKey, withProcesses } from './measure.mjs';

const oldCalls = Number(process.env.BENCH_OLD_CALLS ?? 40_000);
const seconds = Number(process.env.BENCH_SECONDS ?? 4);
const turnsEach = Number(process.env.BENCH_ROUNDS ?? 3);
/** Few enough that the server is not saturated: at its limit, any other work delays calls by its share. */
const connections = 4;
const perSecond = 200;
const targets = { p99: 1.5, size: 1.1 };

/** Adds calls of 2025 with their logs, and a setting by which they are too old. */
function insertOldCalls(file) {
  const database = new Libsql(file, { timeout: 10_000 });
  database.exec('BEGIN IMMEDIATE');
  database.exec(`
    INSERT INTO runs (organization_id, agent_id, definition_id, name, mode, trigger_mode, status, disposition,
      telephony_configuration_id, called_number, initial_context, gathered_context, created_at, deadline_at, completed_at,
      artifacts_ready_at, dial_outcome, has_transcript)
    WITH RECURSIVE copies (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < ${oldCalls})
    SELECT 1, 1, 1, 'WR-OLD-' || n, 'sandbox', 'production', 'completed', 'user_hangup', 1, '+14155550100',
      '{"note":"' || hex(zeroblob(400)) || '"}', '{}', '2025-01-01T00:00:00.000Z', '', '2025-01-01T00:01:00.000Z',
      '2025-01-01T00:01:00.000Z', 'placed', 1 FROM copies`);
  database.exec(`
    INSERT INTO run_events (run_id, events, created_at)
    SELECT id, '[]', created_at FROM runs WHERE name LIKE 'WR-OLD-%' AND id NOT IN (SELECT run_id FROM run_events);
    UPDATE organizations SET run_count = (SELECT count(*) FROM runs);
    UPDATE agents SET run_count = (SELECT count(*) FROM runs);
    INSERT INTO retention (organization_id, settings, due_at) VALUES (1, '{"runs_days":30}', '')
      ON CONFLICT (organization_id) DO UPDATE SET settings = excluded.settings, due_at = '', artifacts_up_to = NULL;`);
  database.exec('COMMIT');
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}

function countOld(file) {
  const database = new Libsql(file, { timeout: 10_000 });
  const [count] = database.prepare("SELECT count(*) FROM runs WHERE name LIKE 'WR-OLD-%'").raw().get([]);
  database.close();
  return count;
}

async function turn(url) {
  const result = await autocannon({
    url,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
    body: JSON.stringify({ phone_number: '+14155550100' }),
    connections,
    overallRate: perSecond,
    duration: seconds,
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} replies were not 2xx`);
  return result.latency.p99;
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

await withProcesses(async ({ startServer, folder }) => {
  const server = async (name) => {
    const file = join(folder, `${name}.db`);
    const { url, output } = await startServer({
      DATABASE_URL: `file:${file}`,
      KEY_REQUESTS_PER_SECOND: '0',
    });
    return { file, url, trigger: /POST (\S+)/.exec(output)[1] };
  };
  const alone = await server('alone');
  const beside = await server('beside');
  insertOldCalls(beside.file);
  const before = countOld(beside.file);
  const size = statSync(beside.file).size;
  // A round begins each minute.
  while (countOld(beside.file) === before) await pause(500);
  const p99 = { alone: [], beside: [] };
  for (let round = 0; round < turnsEach; round += 1) {
    p99.alone.push(await turn(alone.trigger));
    p99.beside.push(await turn(beside.trigger));
  }
  const left = countOld(beside.file);
  if (left === 0) throw new Error('Retention had ended before the last turn: raise BENCH_OLD_CALLS');
  const row = {
    p99AloneMs: median(p99.alone),
    p99BesideMs: median(p99.beside),
    ratio: Number((median(p99.beside) / median(p99.alone)).toFixed(2)),
    deleted: before - left,
    sizeRatio: Number((statSync(beside.file).size / size).toFixed(3)),
  };
  const title = 'Triggers while retention deletes old calls';
  console.log(title);
  console.table([row]);
  console.log(JSON.stringify({ title, ...row, targets }));
  if (row.ratio > targets.p99 || row.sizeRatio > targets.size) process.exitCode = 1;
});
