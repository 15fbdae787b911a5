/**
 * Retention beside triggers: the 99th percentile of a trigger while old calls are deleted, against a server without
 * retention, in turns within one run; and the size of the file, which must stay flat while calls come and go, also over
 * several cycles in which as many calls are added as were deleted.
 */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
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
const cycles = Number(process.env.BENCH_CYCLES ?? 4);
const callsOfACycle = Number(process.env.BENCH_CYCLE_CALLS ?? 10_000);
const admin = fileURLToPath(new URL('../../trigger-server/dist/admin/main.js', import.meta.url));

/** Adds calls of 2025 with their logs, and a setting by which they are too old. */
function insertOldCalls(file, calls) {
  const database = new Libsql(file, { timeout: 10_000 });
  database.exec('BEGIN IMMEDIATE');
  database.exec(`
    INSERT INTO runs (organization_id, agent_id, definition_id, name, mode, trigger_mode, status, disposition,
      telephony_configuration_id, called_number, initial_context, gathered_context, created_at, deadline_at, completed_at,
      artifacts_ready_at, dial_outcome, has_transcript)
    WITH RECURSIVE copies (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < ${calls})
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

/** Of the file and its journal, in MiB. */
function sizeOf(file) {
  const journal = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  return Number(((statSync(file).size + journal) / 1024 / 1024).toFixed(1));
}

/** Calls come and go, beside a server that runs. @returns the size after each filling and each deletion. */
async function fillAndDelete({ file }) {
  const rows = [];
  for (let cycle = 1; cycle <= cycles; cycle += 1) {
    insertOldCalls(file, callsOfACycle);
    const full = sizeOf(file);
    // The server's own round, once a minute, may have them already.
    while (countOld(file) > 0) {
      execFileSync(process.execPath, [admin, 'prune'], {
        env: { PATH: process.env.PATH, NODE_ENV: 'production', DATABASE_URL: `file:${file}` },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      await pause(100);
    }
    rows.push({ cycle, calls: callsOfACycle, fullMiB: full, emptiedMiB: sizeOf(file) });
  }
  return rows;
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
  insertOldCalls(beside.file, oldCalls);
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
  const cycled = await fillAndDelete(await server('cycles'));
  const cyclesTitle = 'The size of the file while calls come and go';
  console.log(cyclesTitle);
  console.table(cycled);
  const growth = Number((Math.max(...cycled.map(({ fullMiB }) => fullMiB)) / cycled[0].fullMiB).toFixed(3));
  console.log(JSON.stringify({ title: cyclesTitle, growth, target: targets.size }));
  const isOver = row.ratio > targets.p99 || row.sizeRatio > targets.size || growth > targets.size;
  if (isOver) process.exitCode = 1;
});
