/**
 * How long a receiver waits for its events while another one, which takes connections and never answers, has ten
 * thousand events waiting for it; and how long it waits when it is alone.
 */
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { apiKey, withProcesses } from './measure.mjs';

const backlog = Number(process.env.BENCH_BACKLOG ?? 10_000);
const calls = 200;
const atOnce = 32;

async function listen(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}/`;
}

/** Places calls, some at a time, and gives the ids of their runs. */
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

await withProcesses(async ({ startServer }) => {
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
  const { output } = await startServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  const trigger = /POST (\S+)/.exec(output)[1];

  const measure = async (name) => {
    const runs = await place(trigger, calls, aliveUrl);
    while (!runs.every((run) => delays.has(run))) await new Promise((resolve) => (arrived = resolve));
    const sorted = runs.map((run) => delays.get(run)).sort((a, b) => a - b);
    const part = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    return { name, events: runs.length, p50Ms: part(0.5), p99Ms: part(0.99), longestMs: sorted.at(-1) };
  };
  try {
    const rows = [await measure('alone')];
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
