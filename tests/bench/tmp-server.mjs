import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connections, loadTrigger, withProcesses } from './measure.mjs';
import { startPostgres } from './postgres.mjs';
const calls = fileURLToPath(new URL('./storage-calls.cjs', import.meta.url));
await withProcesses(async ({ startServer, folder }) => {
  const postgres = await startPostgres(folder);
  try {
    const env = { SECRETS_KEY: 'a'.repeat(64), ARTIFACTS_DIR: join(folder, 'artifacts'), DEFAULT_ORG_CONCURRENCY_LIMIT: '1000000', KEY_REQUESTS_PER_SECOND: '0', SEED_DEMO: 'false', DATABASE_URL: postgres.urlOf(await postgres.create()) };
    const callers = JSON.parse(execFileSync(process.execPath, [calls, 'seed'], { env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' }));
    const n = Number(process.env.N ?? 1);
    const ps = [];
    for (let i = 0; i < n; i++) ps.push(await startServer({ ...env, NODE_OPTIONS: process.env.TRACE_OPTS ?? '' }));
    const load = (l) => Promise.all(ps.map(({ url }) => loadTrigger(url, { ...l, ...(l.amount ? { amount: l.amount / n } : {}), connections: connections / n, setupClient: ((reqs) => (client) => { const b = (globalThis.b = ((globalThis.b ?? 0) + 1) % 50); client.setRequests([...reqs.slice(b), ...reqs.slice(0, b)]); })(callers.map(({ key, path }) => ({ path: `/api/v1/public/agent/${path}`, headers: { 'content-type': 'application/json', 'x-api-key': key } }))) })));
    await load({ amount: 6000 });
    const pg0 = postgres.cpu(), c0 = (await Promise.all(ps.map((p) => p.cpu()))).reduce((a, b) => a + b);
    const r = await load({ duration: 6 });
    const pg1 = postgres.cpu(), c1 = (await Promise.all(ps.map((p) => p.cpu()))).reduce((a, b) => a + b);
    const total = r.reduce((a, b) => a + b.total, 0);
    console.log({ n, total, perSecond: Math.round(r.reduce((a, b) => a + b.perSecond, 0)), node: Math.round((c1 - c0) / total), pg: Math.round((pg1 - pg0) / total) });
  } finally { await postgres.stop(); }
});
