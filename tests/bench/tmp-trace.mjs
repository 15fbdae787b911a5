import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withProcesses } from './measure.mjs';
import { startPostgres } from './postgres.mjs';
const calls = fileURLToPath(new URL('./storage-calls.cjs', import.meta.url));
await withProcesses(async ({ start, folder }) => {
  const postgres = await startPostgres(folder, process.env.PGSETTINGS ? JSON.parse(process.env.PGSETTINGS) : undefined);
  try {
    const env = { SECRETS_KEY: 'a'.repeat(64), ARTIFACTS_DIR: join(folder, 'artifacts'), DEFAULT_ORG_CONCURRENCY_LIMIT: '1000000', KEY_REQUESTS_PER_SECOND: '0', SEED_DEMO: 'false', DATABASE_URL: postgres.urlOf(await postgres.create()) };
    const callers = execFileSync(process.execPath, [calls, 'seed'], { env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' });
    const n = Number(process.env.N ?? 1);
    const ps = [];
    for (let i = 0; i < n; i++) ps.push(await start('./storage-calls.cjs', [callers], { ...env, NODE_OPTIONS: process.env.TRACE_OPTS ?? '' }));
    const run = (q) => Promise.all(ps.map(async ({ url }) => (await fetch(`${url}/?${q}`, { method: 'POST' })).json()));
    await run('amount=10000');
    const pg0 = postgres.cpu(), c0 = (await Promise.all(ps.map((p) => p.cpu()))).reduce((a, b) => a + b);
    const r = await run('duration=6');
    const pg1 = postgres.cpu(), c1 = (await Promise.all(ps.map((p) => p.cpu()))).reduce((a, b) => a + b);
    const total = r.reduce((a, b) => a + b.total, 0);
    console.log({ n, perSecond: Math.round(r.reduce((a, b) => a + b.total / b.seconds, 0)), node: Math.round((c1 - c0) / total), pg: Math.round((pg1 - pg0) / total) });
    await run('amount=1');
  } finally { await postgres.stop(); }
});
