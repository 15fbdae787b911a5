/**
 * What the queue costs (SQLite). Accepting a call that waits costs no more CPU than placing one in the sandbox. And a million
 * queued calls that are due next week slow down a call that is placed now by at most a fifth (median): they are inserted by
 * SQL. Prints a table and JSON.
 */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Libsql from 'libsql';
import { apiKey, withProcesses } from './measure.mjs';

const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const queued = Number(process.env.BENCH_QUEUED ?? 1_000_000);
const requestsPerTurn = 500;
const nextWeek = new Date(Date.now() + 7 * 24 * 60 * 60 * 1000).toISOString();

/** Queued calls as a request would leave them: of fifty keys, a million lanes at most apart by a second. */
function insertQueued(file, count) {
  const database = new Libsql(file, { timeout: 10_000 });
  database.pragma('synchronous = OFF');
  const insert = database.prepare(`
    INSERT INTO runs (organization_id, agent_id, definition_id, name, mode, trigger_mode, trigger_path, status,
      telephony_configuration_id, called_number, initial_context, gathered_context, created_at, deadline_at, due_at,
      waiting_for, lane, expires_at, is_scheduled, has_plan)
    WITH RECURSIVE numbers (n) AS (SELECT ? UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?)
    SELECT agents.organization_id, agents.id, definitions.id, 'WR-API-1234', 'sandbox', 'production',
      definitions.trigger_path, 'queued', 1, '+1415' || (5550000 + n % 10000), '{"user":{"name":"Jane"}}', '{}',
      '2025-01-01T00:00:00.000Z', '2999-01-01T00:00:00.000Z',
      strftime('%Y-%m-%dT%H:%M:%fZ', '${nextWeek}', '+' || (n % 86400) || ' seconds'), 'time', 'key ' || (n % 50),
      strftime('%Y-%m-%dT%H:%M:%fZ', '${nextWeek}', '+30 days'), 1, 1
    FROM numbers, agents JOIN definitions ON definitions.agent_id = agents.id`);
  const atOnce = 50_000;
  for (let from = 0; from < count; from += atOnce) insert.run([from, Math.min(count, from + atOnce)]);
  database.exec(`INSERT INTO call_plans (run_id, request, schedule)
    SELECT id, '{}', '{}' FROM runs WHERE due_at IS NOT NULL AND id NOT IN (SELECT run_id FROM call_plans)`);
  database.close();
}

/** One request after another. @returns the median in milliseconds, and the CPU of one request in microseconds. */
async function turn(server, path, extra) {
  const times = [];
  const cpu = await server.cpu();
  for (let count = 0; count < requestsPerTurn; count += 1) {
    const start = performance.now();
    const reply = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ phone_number: '+14155550100', ...extra }),
    });
    const text = await reply.text();
    if (reply.status !== 200 && reply.status !== 202) throw new Error(`${reply.status} ${text}`);
    times.push(performance.now() - start);
  }
  return { median: median(times), cpu: ((await server.cpu()) - cpu) / requestsPerTurn };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

await withProcesses(async ({ startServer, folder }) => {
  const files = ['empty.db', 'full.db'].map((name) => join(folder, name));
  const [empty, full] = await Promise.all(files.map((file) => startServer({ DATABASE_URL: `file:${file}` })));
  const pathOf = ({ output }) => /production {2}POST \S+?(\/api\/v1\/\S+)/.exec(output)[1];
  insertQueued(files[1], queued);
  const ratios = { accepting: [], placing: [] };
  for (let round = -1; round < rounds; round += 1) {
    const placed = await turn(empty, pathOf(empty), {});
    const behindMany = await turn(full, pathOf(full), {});
    const accepted = await turn(empty, pathOf(empty), { not_before: nextWeek });
    // The first round warms up.
    if (round < 0) continue;
    ratios.accepting.push(accepted.cpu / placed.cpu);
    ratios.placing.push(behindMany.median / placed.median);
    console.log(
      `placed ${placed.median.toFixed(2)} ms, ${placed.cpu.toFixed(0)} µs CPU; accepted ${accepted.median.toFixed(2)} ms, ${accepted.cpu.toFixed(0)} µs CPU; placed beside ${queued} queued calls ${behindMany.median.toFixed(2)} ms`,
    );
  }
  const result = { accepting: median(ratios.accepting), placing: median(ratios.placing) };
  const targets = { accepting: 1, placing: 1.2 };
  console.log(JSON.stringify({ benchmark: 'queue', queued, result, targets }));
  if (result.accepting > targets.accepting || result.placing > targets.placing) process.exitCode = 1;
});
