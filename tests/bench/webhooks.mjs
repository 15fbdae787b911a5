/**
 * How long a receiver waits for its events: alone, beside a hundred thousand receivers with nothing due yet, and beside a
 * receiver that accepts connections, never answers, and has ten thousand events due. Also prints the 99th percentile and
 * the maximum of `/health` during that time.
 */
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import Libsql from 'libsql';
import { apiKey, withProcesses } from './measure.mjs';

const backlog = Number(process.env.BENCH_BACKLOG ?? 10_000);
const notDue = Number(process.env.BENCH_NOT_DUE ?? 100_000);
const calls = 200;
const atOnce = 32;

async function listen(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}/`;
}

function part(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Places calls, several at a time. @returns the ids of their runs. */
async function place(trigger, count, callbackUrl) {
  const runs = [];
  let left = count;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const reply = await fetch(trigger, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
        body: JSON.stringify({ phone_number: '+14155550100', callback_url: callbackUrl }),
      });
      if (!reply.ok) throw new Error(`${reply.status} ${await reply.text()}`);
      runs.push((await reply.json()).workflow_run_id);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return runs;
}

/** Inserts deliveries as one tenant with a wildcard domain can create them: each to its own host, and due in years. */
function insertNotDue(file) {
  const database = new Libsql(file, { timeout: 10_000 });
  const insert = database.prepare(`
    INSERT INTO webhook_deliveries (uuid, receiver, attempt_count, attempts_before_retry, created_at, next_attempt_at,
      status, organization_id, run_id, source, request)
    WITH RECURSIVE copies (n) AS (SELECT ? UNION ALL SELECT n + 1 FROM copies WHERE n + 1 < ?)
    SELECT 'later-' || n, organization_id || ' later-' || n, 1, 0, created_at, '2999-01-01T00:00:00.000Z', 'pending',
      organization_id, run_id, source, request
    FROM copies, (SELECT * FROM webhook_deliveries LIMIT 1)`);
  const atOnce = 10_000;
  for (let from = 0; from < notDue; from += atOnce) insert.run([from, Math.min(notDue, from + atOnce)]);
  database.close();
}

await withProcesses(async ({ startServer, folder }) => {
  /** Milliseconds from the end of a call to the arrival of its event, by run. */
  const delays = new Map();
  let arrived = () => undefined;
  const alive = createServer((request, response) => {
    const at = Date.now();
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const { data, timestamp } = JSON.parse(body);
      delays.set(data.id, at - Date.parse(timestamp));
      response.end();
      arrived();
    });
  });
  const sockets = new Set();
  const dead = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
  });
  const aliveUrl = await listen(alive);
  const deadUrl = await listen(dead);
  const { url, output } = await startServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  const trigger = /POST (\S+)/.exec(output)[1];

  const measure = async (name) => {
    let isRunning = true;
    const health = [];
    const meanwhile = (async () => {
      while (isRunning) {
        const start = performance.now();
        await (await fetch(`${url}/api/v1/health`)).text();
        health.push(Number((performance.now() - start).toFixed(1)));
      }
    })();
    const runs = await place(trigger, calls, aliveUrl);
    while (!runs.every((run) => delays.has(run))) await new Promise((resolve) => (arrived = resolve));
    isRunning = false;
    await meanwhile;
    const waited = runs.map((run) => delays.get(run));
    return {
      name,
      events: runs.length,
      p50Ms: part(waited, 0.5),
      p99Ms: part(waited, 0.99),
      longestMs: part(waited, 1),
      healthP99Ms: part(health, 0.99),
      healthLongestMs: part(health, 1),
    };
  };
  try {
    const rows = [await measure('alone')];
    insertNotDue(join(folder, 'bench.db'));
    rows.push(await measure(`beside ${notDue} receivers with nothing due`));
    await place(trigger, backlog, deadUrl);
    rows.push(await measure(`beside ${backlog} for a dead receiver`));
    const title = 'From the end of a call to its event at the second receiver';
    console.log(title);
    console.table(rows);
    console.log(JSON.stringify({ title, rows }));
  } finally {
    for (const socket of sockets) socket.destroy();
    alive.closeAllConnections();
    alive.close();
    dead.close();
  }
});
