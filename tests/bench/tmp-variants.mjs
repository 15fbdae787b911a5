import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { withProcesses } from './measure.mjs';
import { startPostgres } from './postgres.mjs';
const calls = fileURLToPath(new URL('./storage-calls.cjs', import.meta.url));
const variants = {
  base: '',
  noTrigger: 'drop trigger run_is_new on runs; drop trigger run_has_changed on runs',
  statementTrigger: `drop trigger run_is_new on runs; drop trigger run_has_changed on runs;
   create function rc_new() returns trigger language plpgsql as $$ begin insert into changes (organization_id, kind, subject_id) select organization_id, 'run', id from new_rows; return null; end $$;
   create function rc_upd() returns trigger language plpgsql as $$ begin insert into changes (organization_id, kind, subject_id) select n.organization_id, 'run', n.id from new_rows n join old_rows o on o.id = n.id where (n.status, n.disposition, n.gathered_context, n.provider_call_id, n.caller_number, n.call_duration_seconds, n.answered_at, n.completed_at, n.has_transcript, n.recording_key, n.artifacts_ready_at, n.cancel_requested_at, n.reason) is distinct from (o.status, o.disposition, o.gathered_context, o.provider_call_id, o.caller_number, o.call_duration_seconds, o.answered_at, o.completed_at, o.has_transcript, o.recording_key, o.artifacts_ready_at, o.cancel_requested_at, o.reason); return null; end $$;
   create trigger run_is_new after insert on runs referencing new table as new_rows for each statement execute function rc_new();
   create trigger run_has_changed after update on runs referencing new table as new_rows old table as old_rows for each statement execute function rc_upd()`,
  noFk: 'alter table runs drop constraint runs_organization_id_fkey, drop constraint runs_agent_id_fkey, drop constraint runs_definition_id_fkey, drop constraint runs_api_key_id_fkey; alter table idempotency_keys drop constraint idempotency_keys_organization_id_fkey, drop constraint idempotency_keys_run_id_fkey',
  noDialIndex: 'drop index runs_being_dialled',
  pkOnly: 'drop index runs_being_dialled, runs_by_agent, runs_unfinished, runs_by_provider_call',
};
const names = (process.argv[2] ?? Object.keys(variants).join()).split(',');
await withProcesses(async ({ start, folder }) => {
  const postgres = await startPostgres(folder);
  try {
    const ps = [];
    for (const name of names) {
      const env = { SECRETS_KEY: 'a'.repeat(64), ARTIFACTS_DIR: join(folder, 'artifacts'), DEFAULT_ORG_CONCURRENCY_LIMIT: '1000000', KEY_REQUESTS_PER_SECOND: '0', SEED_DEMO: 'false', DATABASE_URL: postgres.urlOf(await postgres.create()) };
      const callers = execFileSync(process.execPath, [calls, 'seed'], { env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' });
      if (variants[name]) { const c = new pg.Client(env.DATABASE_URL); await c.connect(); await c.query(variants[name]); await c.end(); }
      const p = await start('./storage-calls.cjs', [callers], env);
      ps.push({ name, p, pg: [], node: [], rate: [] });
      await (await fetch(`${p.url}/?amount=10000`, { method: 'POST' })).json();
    }
    for (let i = 0; i < 5; i++) for (const t of ps) {
      const pg0 = postgres.cpu(), c0 = await t.p.cpu();
      const r = await (await fetch(`${t.p.url}/?duration=3`, { method: 'POST' })).json();
      t.pg.push((postgres.cpu() - pg0) / r.total); t.node.push((await t.p.cpu() - c0) / r.total); t.rate.push(r.total / r.seconds);
    }
    const med = (a) => Math.round([...a].sort((x, y) => x - y)[2]);
    for (const t of ps) console.log(t.name, 'pg', med(t.pg), 'node', med(t.node), 'rate', med(t.rate));
  } finally { await postgres.stop(); }
});
