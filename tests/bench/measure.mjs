/** Shared by all benchmarks: starts processes, loads them in turns within one run, and compares medians of ratios. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

export const connections = 64;
export const apiKey = `dgr_${'b'.repeat(43)}`;
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
/** A number of requests, not a duration, because compilation takes as many requests on a slow machine as on a fast one. */
const warmUpRequests = 10_000;
const secondsPerTurn = Number(process.env.BENCH_SECONDS ?? 4);
const body = JSON.stringify({
  phone_number: '+14155550100',
  initial_context: { user: { name: 'Jane', city: 'Pune' }, order: { id: 4711, total: 12.5 } },
});

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Runs a benchmark with a temporary folder and functions that start processes. Always ends the processes afterwards. */
export async function withProcesses(benchmark) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const children = [];
  /**
   * Starts a Node script and waits until it prints its address. `cpu()` returns the microseconds of CPU it has used, and
   * `end()` ends it.
   */
  const start = async (script, args = [], environment = {}) => {
    const child = spawn(process.execPath, ['--require', here('./cpu-meter.cjs'), here(script), ...args], {
      env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
      stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
    });
    const cpu = async () => {
      child.send('cpu');
      return (await once(child, 'message'))[0];
    };
    const end = async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    };
    children.push(child);
    let output = '';
    for await (const chunk of child.stdout) {
      output += chunk;
      const url = /listens on (http:\S+)/.exec(output)?.[1];
      if (url !== undefined) return { url, output, cpu, end };
    }
    throw new Error(`${script} did not start`);
  };
  /** Starts the trigger server with a sandbox without delays. `environment` is added to its variables. */
  const startServer = (environment) =>
    start('../../trigger-server/dist/main.js', [], {
      PORT: '0',
      // As in `npm start`.
      NODE_OPTIONS: '--max-semi-space-size=64',
      DATABASE_URL: `file:${join(folder, 'bench.db')}`,
      BOOTSTRAP_API_KEY: apiKey,
      SANDBOX_STEP_MS: '0',
      DEFAULT_ORG_CONCURRENCY_LIMIT: '1000000',
      ...environment,
    });
  try {
    await benchmark({ start, startServer, folder });
  } finally {
    for (const child of children) child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Loads each of two targets in turn, several rounds of a few seconds.
 * @param ours and @param yardstick `{ name, cpu }` with the `url` of a trigger, or with a `load` of their own: a function of
 * the length of a turn, `{ duration }` in seconds or `{ amount }` of requests. It resolves to what `loadTrigger` does.
 * @param options `afterTurn` runs between turns, where it is not measured.
 * @returns a row for each, and the ratios of ours to the yardstick, where 1 is equal: by CPU per request, which depends
 * little on other load of the machine, and by requests per second.
 */
export async function compare(
  ours,
  yardstick,
  { seconds = secondsPerTurn, turnsEach = rounds, afterTurn = () => undefined } = {},
) {
  const targets = [ours, yardstick];
  const turns = targets.map(() => []);
  for (const target of targets) {
    await turn(target, { amount: warmUpRequests });
    afterTurn();
  }
  for (let round = 0; round < turnsEach; round += 1) {
    for (const [index, target] of targets.entries()) {
      turns[index].push(await turn(target, { duration: seconds }));
      afterTurn();
    }
  }
  const [ourTurns, itsTurns] = turns;
  // Compared round by round, so that a temporary slowness of the machine affects both.
  const ratio = (of) => rounded(median(ourTurns.map((turn, round) => of(turn, itsTurns[round]))), 3);
  return {
    rounds: turnsEach,
    secondsPerTurn: seconds,
    rows: targets.map(({ name }, index) => ({
      name,
      cpuMicroseconds: rounded(median(turns[index].map(({ cpu }) => cpu)), 1),
      perSecond: Math.round(median(turns[index].map(({ perSecond }) => perSecond))),
      p50Ms: median(turns[index].map(({ p50 }) => p50)),
      p99Ms: median(turns[index].map(({ p99 }) => p99)),
    })),
    ratios: {
      byCpu: ratio((our, its) => its.cpu / our.cpu),
      byRate: ratio((our, its) => our.perSecond / its.perSecond),
    },
  };
}

/**
 * Prints the table and everything as JSON. A ratio below the target fails the process.
 * @param by which ratio: `byCpu` or `byRate`.
 */
export function judge(title, measured, target, by = 'byCpu') {
  console.log(title);
  console.table(measured.rows);
  const load = loadavg().map((average) => rounded(average, 1));
  console.log(
    JSON.stringify({ title, connections, ...measured, by, target, machine: { cores: cpus().length, load } }),
  );
  const ratio = measured.ratios[by];
  if (ratio >= target) return;
  console.error(
    `${title}: ${ratio} of the yardstick ${by === 'byCpu' ? 'by CPU' : 'by rate'}, and the target is ${target}`,
  );
  process.exitCode = 1;
}

async function turn(target, length) {
  const before = await target.cpu();
  const { total, ...measured } = await (target.load ?? ((own) => loadTrigger(target.url, own)))(length);
  return { cpu: ((await target.cpu()) - before) / total, ...measured };
}

/**
 * Sends triggers to a server for one turn.
 * @param length `{ duration }` in seconds, or `{ amount }` of requests; also other options of autocannon.
 * @throws Error unless all replies are 2xx.
 */
export async function loadTrigger(url, length) {
  const result = await autocannon({
    url,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
    body,
    connections,
    ...length,
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} replies were not 2xx, ${result.errors} failed`);
  }
  return {
    total: result.requests.total,
    perSecond: result.requests.average,
    p50: result.latency.p50,
    p99: result.latency.p99,
  };
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function rounded(number, digits) {
  return Number(number.toFixed(digits));
}
