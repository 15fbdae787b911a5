/**
 * Lists of a million runs compared with lists of a thousand, and of a hundred thousand agents with one (SQLite). The target
 * is about the first page without filters, with its total: neither runs nor agents slow it down. Other lists, which scan
 * the runs, are printed without a target, with the 99th percentile of `/health` during them. Runs are inserted by SQL.
 * Prints a table and JSON.
 */
import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Libsql from 'libsql';
import { apiKey, withProcesses } from './measure.mjs';

const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const requestsPerTurn = 200;
/** Each is compared with the first. */
const sizes = [
  { runs: 1_000, agents: 1 },
  { runs: 1_000_000, agents: 1 },
  { runs: 1_000, agents: 100_000 },
];
const path = '/api/v1/organizations/usage/runs';

/** Inserts runs of the demo agent as the trigger route would, one every ten seconds, every eighth busy. */
function insertRuns(file, runs) {
  const database = new Libsql(file, { timeout: 10_000 });
  database.pragma('synchronous = OFF');
  const insert = database.prepare(`
    INSERT INTO runs (organization_id, agent_id, definition_id, name, mode, trigger_mode, trigger_path, status,
      disposition, telephony_configuration_id, called_number, provider_call_id, dial_outcome, call_duration_seconds,
      initial_context, gathered_context, created_at, deadline_at, answered_at, completed_at, artifacts_ready_at)
    WITH RECURSIVE numbers (n) AS (SELECT ? UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?)
    SELECT agents.organization_id, agents.id, definitions.id, 'WR-API-1234', 'sandbox', 'production',
      definitions.trigger_path, iif(n % 8 = 0, 'busy', 'completed'), iif(n % 8 = 0, 'busy', 'user_hangup'), 1,
      '+1415' || (5550000 + n % 10000), 'sandbox-' || n, 'placed', iif(n % 8 = 0, 0, n % 300),
      json_object('user', json_object('name', 'Jane', 'city', 'Pune'), 'order', json_object('id', n),
        'provider', 'sandbox', 'direction', 'outbound', 'phone_number', '+14155550100', 'trigger_mode', 'production',
        'telephony_configuration_id', 1, 'agent_identifier', agents.uuid, 'workflow_uuid', agents.uuid,
        'agent_uuid', agents.uuid, 'api_key_id', 1, 'called_number', '+14155550100'),
      '{}', strftime('%Y-%m-%dT%H:%M:%fZ', 1735689600 + 10 * n, 'unixepoch'), '2999-01-01T00:00:00.000Z', NULL,
      strftime('%Y-%m-%dT%H:%M:%fZ', 1735689640 + 10 * n, 'unixepoch'), '2025-01-01T00:00:00.000Z'
    FROM numbers, agents JOIN definitions ON definitions.agent_id = agents.id`);
  const atOnce = 50_000;
  for (let from = 0; from < runs; from += atOnce) insert.run([from, Math.min(runs, from + atOnce)]);
  database.exec(`UPDATE agents SET run_count = (SELECT count(*) FROM runs WHERE agent_id = agents.id);
    UPDATE organizations SET run_count = (SELECT count(*) FROM runs WHERE organization_id = organizations.id)`);
  database.close();
}

/** Inserts further agents, without runs. */
function insertAgents(file, agents) {
  const database = new Libsql(file, { timeout: 10_000 });
  const insert = database.prepare(`
    INSERT INTO agents (uuid, organization_id, name, status, created_at)
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
    SELECT 'agent-' || n, organizations.id, 'Agent ' || n, 'active', '2025-01-01T00:00:00.000Z'
    FROM numbers, organizations`);
  insert.run([agents]);
  database.close();
}

/** Reads the reply as a stream. `tail` is its end, which contains the totals of a page. */
async function timed(server, query) {
  const start = performance.now();
  const reply = await fetch(`${server.url}${query}`, { headers: { 'x-api-key': apiKey } });
  let tail = '';
  for await (const chunk of reply.body) tail = (tail + Buffer.from(chunk).toString()).slice(-1000);
  if (reply.status !== 200) throw new Error(`GET ${query}: ${reply.status} ${tail}`);
  return { milliseconds: performance.now() - start, tail };
}

/** Everything but the first page scans the list, so it is requested only a few times. */
async function slow(server, query) {
  const times = [];
  const meanwhileTimes = [];
  for (let turn = 0; turn < 3; turn += 1) {
    let isRunning = true;
    const meanwhile = (async () => {
      while (isRunning) {
        meanwhileTimes.push((await timed(server, '/api/v1/health')).milliseconds);
      }
    })();
    const took = await timed(server, query);
    isRunning = false;
    await meanwhile;
    times.push(took.milliseconds);
  }
  return { milliseconds: quantile(times, 0.5), meanwhile: quantile(meanwhileTimes, 0.99) };
}

function quantile(numbers, part) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return Number(sorted[Math.floor((numbers.length - 1) * part)].toFixed(2));
}

const filtered = (...filters) => `filters=${encodeURIComponent(JSON.stringify(filters))}`;
const beside = (runs) => ({
  'last page': `${path}?page=${runs / 50}`,
  'last page, oldest first': `${path}?sort_order=asc&page=${runs / 50}`,
  'one day': `${path}?start_date=2025-01-01T00:00:00Z&end_date=2025-01-02T00:00:00Z`,
  'all days': `${path}?start_date=2020-01-01`,
  'by disposition': `${path}?${filtered({ attribute: 'dispositionCode', type: 'multiSelect', value: { codes: ['busy'] } })}`,
  'by a part of the number': `${path}?${filtered({ attribute: 'calledNumber', type: 'text', value: { value: '5550042' } })}`,
  'longest first': `${path}?sort_by=duration`,
  'one run': `${path}?${filtered({ attribute: 'runId', type: 'number', value: { value: runs / 2 } })}`,
  'CSV report of all': `${path}/report`,
  'counts of all': '/api/v1/organizations/usage/summary',
});

await withProcesses(async ({ startServer, folder }) => {
  const servers = [];
  for (const { runs, agents } of sizes) {
    const file = join(folder, `${servers.length}.db`);
    const { url } = await startServer({ DATABASE_URL: `file:${file}` });
    insertRuns(file, runs);
    if (agents > 1) insertAgents(file, agents - 1);
    servers.push({ url, runs, agents });
  }

  const turns = servers.map(() => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, server] of servers.entries()) {
      const times = [];
      for (let request = 0; request < requestsPerTurn; request += 1) {
        const { milliseconds, tail } = await timed(server, path);
        times.push(milliseconds);
        if (!tail.includes(`"total_count":${server.runs},`)) throw new Error(`wrong total: ${tail}`);
      }
      // The first round warms up.
      if (round > 0) turns[index].push(quantile(times, 0.5));
    }
  }
  const ratioOf = (index) =>
    quantile(
      turns[index].map((time, round) => time / turns[0][round]),
      0.5,
    );
  const rows = servers.map(({ runs, agents }, index) => ({
    list: 'first page',
    runs,
    agents,
    milliseconds: quantile(turns[index], 0.5),
  }));
  for (const server of servers.filter(({ agents }) => agents === 1)) {
    for (const [list, query] of Object.entries(beside(server.runs))) {
      const { milliseconds, meanwhile } = await slow(server, query);
      rows.push({ list, runs: server.runs, agents: 1, milliseconds, p99MeanwhileMs: meanwhile });
    }
  }
  const title = 'Lists of runs';
  const ratio = { millionRunsToFew: ratioOf(1), manyAgentsToFew: ratioOf(2), target: 1.5 };
  console.log(title);
  console.table(rows);
  console.log(JSON.stringify({ title, rounds, requestsPerTurn, rows, ratios: ratio }));
});
