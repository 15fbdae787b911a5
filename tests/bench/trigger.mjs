/**
 * The trigger route (SQLite with synchronous=FULL, sandbox at zero delay) against an Express 5 echo behind the same
 * middleware, and against a bare echo. The three are measured in turns, in one run, and compared as ratios: absolute
 * numbers belong to the machine. Prints a table and JSON.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

const connections = 64;
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const secondsPerTurn = Number(process.env.BENCH_SECONDS ?? 4);
const apiKey = `dgr_${'b'.repeat(43)}`;
const body = JSON.stringify({
  phone_number: '+14155550100',
  initial_context: { user: { name: 'Jane', city: 'Pune' }, order: { id: 4711, total: 12.5 } },
});

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const children = [];

async function start(script, args, environment = {}) {
  const child = spawn(process.execPath, [here(script), ...args], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  let output = '';
  for await (const chunk of child.stdout) {
    output += chunk;
    const url = /listens on (http:\S+)/.exec(output)?.[1];
    if (url !== undefined) return { url, output };
  }
  throw new Error(`${script} did not start`);
}

async function turn(target, seconds) {
  const result = await autocannon({
    url: target.url,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
    body,
    connections,
    duration: seconds,
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${target.name}: ${result.non2xx} replies were not 2xx, ${result.errors} failed`);
  }
  return { perSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99 };
}

/** Turns of one round stand side by side, so a machine that is slow for a while is slow for both. */
const ratio = (ours, theirs) =>
  Number(median(ours.map(({ perSecond }, round) => perSecond / theirs[round].perSecond)).toFixed(3));

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

try {
  const server = await start('../../trigger-server/dist/main.js', [], {
    PORT: '0',
    DATABASE_URL: `file:${join(folder, 'bench.db')}`,
    BOOTSTRAP_API_KEY: apiKey,
    SANDBOX_STEP_MS: '0',
    DEFAULT_ORG_CONCURRENCY_LIMIT: '1000000',
  });
  const same = await start('./echo-server.cjs', ['same-middleware']);
  const bare = await start('./echo-server.cjs', ['bare']);
  const targets = [
    { name: 'trigger', url: /POST (\S+)/.exec(server.output)[1], turns: [] },
    { name: 'echo behind the same middleware', url: `${same.url}/echo`, turns: [] },
    { name: 'bare echo', url: `${bare.url}/echo`, turns: [] },
  ];
  for (const target of targets) await turn(target, 2);
  for (let round = 0; round < rounds; round += 1) {
    for (const target of targets) target.turns.push(await turn(target, secondsPerTurn));
  }
  const rows = targets.map(({ name, turns }) => ({
    name,
    perSecond: Math.round(median(turns.map(({ perSecond }) => perSecond))),
    p50Ms: median(turns.map(({ p50 }) => p50)),
    p99Ms: median(turns.map(({ p99 }) => p99)),
  }));
  const [trigger, echo, bareEcho] = targets;
  const ratios = {
    triggerToEcho: ratio(trigger.turns, echo.turns),
    triggerToBareEcho: ratio(trigger.turns, bareEcho.turns),
    target: 0.5,
  };
  console.table(rows);
  console.log(JSON.stringify({ connections, rounds, secondsPerTurn, rows, ratios }));
} finally {
  for (const child of children) child.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
