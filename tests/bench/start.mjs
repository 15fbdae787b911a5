/**
 * The time from the start of the server to the first 200 of `/health`, and its memory when idle. Measured for the bundle,
 * which `npm start` runs, and for the unbundled server, each on a fresh database and on the same database again, in turns
 * within one run. Prints a table and JSON, and fails above its targets. The shortest time counts, because other load of the
 * machine only makes times longer.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const idleMilliseconds = 1500;
const targets = { milliseconds: 600, megabytes: 100 };
const scripts = ['server.js', 'main.js'];

const pathOf = (script) => fileURLToPath(new URL(`../../trigger-server/dist/${script}`, import.meta.url));

/** The resident memory of a process, in kilobytes, and the CPU time that it has used, in milliseconds. */
function usageOf(pid) {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  const ticks = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').slice(13, 15).map(Number);
  // Linux has 100 ticks a second.
  return { kilobytes: Number(kilobytes), cpuMilliseconds: 10 * (ticks[0] + ticks[1]) };
}

async function startOnce(script, databaseFile) {
  const start = performance.now();
  const child = spawn(process.execPath, [pathOf(script)], {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      PORT: '0',
      LOG_LEVEL: 'warn',
      DATABASE_URL: `file:${databaseFile}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  try {
    let output = '';
    for await (const chunk of child.stdout) {
      output += chunk;
      if (output.includes('\n')) break;
    }
    const [, url] = /listens on (http:\S+)/.exec(output);
    const reply = await fetch(`${url}/api/v1/health`);
    if (!reply.ok) throw new Error(`/health answered ${reply.status}`);
    const milliseconds = performance.now() - start;
    const { cpuMilliseconds } = usageOf(child.pid);
    await pause(idleMilliseconds);
    return { milliseconds, cpuMilliseconds, megabytes: (usageOf(child.pid).kilobytes * 1024) / 1e6 };
  } finally {
    child.kill('SIGTERM');
    await exited;
  }
}

function median(numbers) {
  return Math.round([...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]);
}

const folder = mkdtempSync(join(tmpdir(), 'bench-start-'));
try {
  const cases = scripts.flatMap((script) => ['fresh', 'existing'].map((database) => ({ script, database })));
  const measured = cases.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { script }] of cases.entries()) {
      const own = join(folder, `${script}-${round}`, 'trigger.db');
      measured[index].push(await startOnce(script, own));
    }
  }
  const rows = cases.map((one, index) => ({
    ...one,
    milliseconds: Math.round(Math.min(...measured[index].map(({ milliseconds }) => milliseconds))),
    cpuMilliseconds: median(measured[index].map(({ cpuMilliseconds }) => cpuMilliseconds)),
    megabytes: median(measured[index].map(({ megabytes }) => megabytes)),
  }));
  const title = 'From the start to the first 200 of /health, and memory when idle';
  console.log(title);
  console.table(rows);
  console.log(JSON.stringify({ title, rounds, rows, targets }));
  const above = rows.filter(
    ({ script, milliseconds, megabytes }) =>
      script === 'server.js' && (milliseconds > targets.milliseconds || megabytes > targets.megabytes),
  );
  for (const { database } of above)
    console.error(`${title}: above the targets on a database that is ${database}`);
  if (above.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
