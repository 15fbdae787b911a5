/**
 * Starts an n8n with these nodes and reloads them after each change of their sources: `npm run dev`. It runs the
 * `n8n` of the PATH with a separate folder, `.n8n-dev`, so that it does not affect another n8n on this machine.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, symlinkSync, watch } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const userFolder = join(root, '.n8n-dev');
const sources = ['nodes', 'credentials', 'icons', '../shared/src'].map((folder) => join(root, folder));

/**
 * Builds `dist`; false after an error. The bundler reports the error, and `dist` stays unchanged until the next
 * change.
 */
async function build() {
  const bundler = spawn(process.execPath, [join(import.meta.dirname, 'bundle.mjs')], { stdio: 'inherit' });
  const [code] = await once(bundler, 'exit');
  return code === 0;
}

/** Changes during a build are combined into one more build. */
let changes = 0;
async function rebuild() {
  changes += 1;
  if (changes > 1) return;
  do {
    changes = 1;
    await build();
  } while (changes > 1);
  changes = 0;
}

if (!(await build())) process.exit(1);
const installed = join(userFolder, '.n8n/nodes/node_modules/n8n-nodes-dograh');
mkdirSync(dirname(installed), { recursive: true });
rmSync(installed, { force: true });
symlinkSync(root, installed);
const watchers = sources.map((folder) => watch(folder, { recursive: true }, rebuild));

const n8n = spawn('n8n', ['start'], {
  stdio: 'inherit',
  env: { ...process.env, N8N_USER_FOLDER: userFolder, N8N_DEV_RELOAD: 'true' },
});
n8n.on('error', ({ message }) => {
  console.error(`n8n cannot be started: ${message}. Install it first: npm install --global n8n`);
  process.exitCode = 1;
});
// Ctrl-C reaches both processes. A signal to this process only is passed on.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => n8n.kill(signal));
n8n.on('close', () => {
  for (const watcher of watchers) watcher.close();
});
