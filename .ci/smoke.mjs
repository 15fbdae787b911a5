/**
 * What a newcomer does: starts the server on an empty data folder, pastes the printed curl line, stops the server,
 * starts it again and finds the data still there. Exits with 1 at the first thing that is not as promised.
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');
const runFile = promisify(execFile);
/** For the whole smoke run: compiling takes most of it on a fresh checkout. */
const deadline = AbortSignal.timeout(180_000);

const folder = await mkdtemp(join(tmpdir(), 'dograh-trigger-smoke-'));
// Nothing else of the caller's environment reaches the server: the defaults are what is tried here.
const environment = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  PORT: String(await freePort()),
  DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
};

/** Process groups of `npm start` that have not ended by themselves. */
const running = new Set();
process.once('exit', () => running.forEach(endGroup));

try {
  const first = await start();
  const firstReply = await paste(first.curl);
  await stop(first.npm);

  const second = await start();
  const secondReply = await paste(first.curl);
  await stop(second.npm);

  assert(secondReply.workflow_run_id > firstReply.workflow_run_id, 'the second start forgot the first run');
  console.log('smoke: passed');
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs `npm start` until it prints its curl line, which it does once it listens. */
async function start() {
  console.log('smoke: npm start');
  // A process group of its own, so that a server that outlives its npm can still be ended.
  const npm = spawn('npm', ['start'], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  running.add(npm.pid);
  const lines = createInterface({ input: npm.stdout, signal: deadline });
  const curl = await new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      console.log(`  ${line}`);
      if (line.trim().startsWith('curl ')) resolve(line.trim());
    });
    lines.on('close', () =>
      reject(new Error('npm start ended, or the time was up, before the curl line was printed')),
    );
  });
  return { npm, curl };
}

/** Runs the printed line as a person would, and returns the reply. */
async function paste(curl) {
  const { stdout } = await runFile('bash', ['-c', curl], { env: environment, signal: deadline });
  console.log(`smoke: ${stdout.trim()}`);
  const reply = JSON.parse(stdout);
  assert.deepEqual(Object.keys(reply).sort(), ['status', 'workflow_run_id', 'workflow_run_name']);
  assert.equal(reply.status, 'initiated');
  return reply;
}

/** SIGTERM, as a container or a service manager sends it: the server drains and exits with 0. */
async function stop(npm) {
  const exit = once(npm, 'exit', { signal: deadline });
  npm.kill('SIGTERM');
  assert.deepEqual(await exit, [0, null], 'npm start did not end with exit code 0 after SIGTERM');
  running.delete(npm.pid);
  console.log('smoke: stopped with exit code 0');
}

/** After a failure: what was started must not stay behind. */
function endGroup(groupId) {
  try {
    process.kill(-groupId, 'SIGKILL');
  } catch (error) {
    // ESRCH: nothing of the group is left.
    if (error.code !== 'ESRCH') throw error;
  }
}
