/** A database of an earlier version is migrated when it is opened. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import Libsql from 'libsql';
import { findCallLimits, findOrganizationRunCount } from '../../../trigger-server/src/accounts/organizations';
import { findAgentRunCount } from '../../../trigger-server/src/agents/known-agents';
import { migrations } from '../../../trigger-server/src/storage/migrations/history';
import { openSqlite } from '../../../trigger-server/src/storage/sqlite/open';
import { readDispositionCodes } from '../../../trigger-server/src/usage/dispositions';
import { findSameHook, insertHook, listHooks } from '../../../trigger-server/src/events/subscription-store';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'migrations-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A database in the state after the named migration, with two agents, and three runs of the first. */
function databaseAfter(name: string, ...further: string[]): string {
  const file = join(folder, 'trigger.db');
  const database = new Libsql(file);
  database.exec('CREATE TABLE schema_migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)');
  for (const migration of migrations.slice(0, migrations.findIndex((other) => other.name === name) + 1)) {
    for (const statement of migration.statements('INTEGER PRIMARY KEY AUTOINCREMENT'))
      database.exec(statement);
    database.prepare('INSERT INTO schema_migrations VALUES (?, ?)').run([migration.name, 'then']);
  }
  database.exec(`
    INSERT INTO organizations (id, name, concurrency_limit, created_at) VALUES (1, 'A', 10, 'then');
    INSERT INTO agents (id, uuid, organization_id, name, status, created_at)
      VALUES (1, 'a', 1, 'Agent', 'active', 'then'), (2, 'b', 1, 'Agent', 'active', 'then');
    INSERT INTO definitions (id, agent_id, version_number, status, trigger_enabled, created_at, definition)
      VALUES (1, 1, 1, 'published', 1, 'then', '{}');
    INSERT INTO runs (organization_id, agent_id, definition_id, name, mode, trigger_mode, status, disposition,
      telephony_configuration_id, called_number, initial_context, gathered_context, created_at, deadline_at)
      SELECT 1, 1, 1, 'WR-API-1000', 'sandbox', 'production', status, disposition, 1, '+14155550100', '{}', '{}',
        'then', 'then'
      FROM (SELECT 'completed' AS status, 'sold' AS disposition UNION ALL SELECT 'completed', 'user_hangup'
        UNION ALL SELECT 'initiated', NULL);
  `);
  for (const statement of further) database.exec(statement);
  database.close();
  return file;
}

test('every migration is a file of its own name, and is applied in the order of the numbers', () => {
  const folder = join(__dirname, '../../../trigger-server/src/storage/migrations');
  const files = readdirSync(folder).filter((file) => /^\d/.test(file));
  expect(migrations.map(({ name }) => name)).toEqual(files.map((file) => basename(file, '.ts')).sort());
});

test('of several processes that open an old database at once, one migrates it, and all can use it', async () => {
  const file = databaseAfter('0002_real_carriers');
  const openModule = join(__dirname, '../../../trigger-server/dist/storage/sqlite/open.js');
  const open = () =>
    promisify(execFile)(process.execPath, [
      '-e',
      `const storage = require(process.argv[1]).openSqlite(process.argv[2]);
       storage.read.first(storage.read.builder.selectFrom('clock').selectAll().compile()).then(() => storage.close());`,
      openModule,
      file,
    ]);
  await Promise.all([open(), open(), open(), open()]);
  const database = new Libsql(file);
  const applied = database.prepare('SELECT name FROM schema_migrations ORDER BY name').all();
  database.close();
  expect(applied).toEqual(migrations.map(({ name }) => ({ name })));
});

test('calling hours of one window, whose times stood beside the time zone, are kept; other policies stay as they are', async () => {
  const policies = [
    {
      calling_hours: { from: '09:00', to: '20:00', days: ['monday'], time_zone: null },
      blocked_numbers: ['+1900*'],
    },
    { calling_hours: { from: '22:00', to: '06:00', days: ['friday'], time_zone: 'Europe/Berlin' } },
    { calling_hours: null, daily_calls_per_key: 5 },
  ];
  const file = databaseAfter(
    '0043_key_scopes',
    ...policies.map(
      (
        policy,
        index,
      ) => `INSERT INTO organizations (id, name, concurrency_limit, created_at, destination_policy)
        VALUES (${String(index + 2)}, 'B', 10, 'then', '${JSON.stringify(policy)}')`,
    ),
  );
  const storage = openSqlite(file);
  try {
    const migrated = await Promise.all([1, 2, 3, 4].map((id) => findCallLimits(storage.read, id)));
    expect(migrated.map(({ policy }) => JSON.parse(policy ?? 'null') as unknown)).toEqual([
      null,
      {
        calling_hours: {
          windows: [{ from: '09:00', to: '20:00', days: ['monday'] }],
          holidays: [],
          time_zone: null,
        },
        blocked_prefixes: ['+1900'],
      },
      {
        calling_hours: {
          windows: [{ from: '22:00', to: '06:00', days: ['friday'] }],
          holidays: [],
          time_zone: 'Europe/Berlin',
        },
        blocked_prefixes: [],
      },
      { calling_hours: null, daily_calls_per_key: 5, blocked_prefixes: [] },
    ]);
  } finally {
    await storage.close();
  }
});

test('runs older than the counters are counted, and their dispositions are listed', async () => {
  const storage = openSqlite(databaseAfter('0002_real_carriers'));
  try {
    expect(await findAgentRunCount(storage.read, 1, 1)).toBe(3);
    expect(await findAgentRunCount(storage.read, 1, 2)).toBe(0);
    expect(await findOrganizationRunCount(storage.read, 1)).toBe(3);
    expect((await readDispositionCodes({ storage }, 1)).codes.slice(-1)).toEqual(['sold']);
  } finally {
    await storage.close();
  }
});

test('subscriptions older than the second type of event are for call.completed, and found as identical', async () => {
  const hook = (
    agent: string,
  ) => `INSERT INTO hooks (organization_id, agent_id, event, target_url, created_at)
    VALUES (1, ${agent}, 'call.completed', 'https://example.com/', 'then')`;
  const storage = openSqlite(databaseAfter('0008_no_silent_lie', hook('NULL'), hook('2')));
  try {
    expect(await listHooks(storage.read, 1)).toMatchObject([
      { agent_id: null, events: ['call.completed'] },
      { agent_id: 2, workflow_uuid: 'b', events: ['call.completed'] },
    ]);
    const same = {
      organizationId: 1,
      agentId: 2,
      events: ['call.completed' as const],
      targetUrl: 'https://example.com/',
      apiKeyId: null,
    };
    expect(await findSameHook(storage.read, same)).toMatchObject({ id: 2 });
    await expect(storage.write((session) => insertHook(session, same, 'now'))).rejects.toThrow(/UNIQUE/);
  } finally {
    await storage.close();
  }
});

test('runs that were counted only per agent are counted per organization as well', async () => {
  const file = databaseAfter('0008_no_silent_lie');
  const database = new Libsql(file);
  database.exec(`
    INSERT INTO organizations (id, name, concurrency_limit, created_at) VALUES (2, 'B', 10, 'then');
    UPDATE agents SET run_count = 3 WHERE id = 1;
    UPDATE agents SET run_count = 4 WHERE id = 2;
  `);
  database.close();
  const storage = openSqlite(file);
  try {
    expect(await findOrganizationRunCount(storage.read, 1)).toBe(7);
    expect(await findOrganizationRunCount(storage.read, 2)).toBe(0);
  } finally {
    await storage.close();
  }
});

test('the variables of an agent are computed again where its greeting may be too long', async () => {
  const insert = (id: number, greeting: string, type = 'startCall') => {
    const definition = {
      nodes: [{ id: 's', type, data: { greeting, prompt: 'x'.repeat(6000) } }],
      edges: [],
    };
    return `INSERT INTO definitions (id, agent_id, version_number, status, trigger_enabled, created_at, definition,
      needed_variables) VALUES (${String(id)}, 1, ${String(id)}, 'archived', 1, 'then', '${JSON.stringify(definition)}',
      '{"greeting":[],"prompts":[]}')`;
  };
  const file = databaseAfter(
    '0018_key_lifetime',
    insert(2, 'Hello'),
    insert(3, '{{a}}'.repeat(1001)),
    insert(4, '{{a}}'.repeat(1001), 'agentNode'),
    insert(5, 'x'.repeat(20_001)),
  );
  const storage = openSqlite(file);
  try {
    const { rows } = await storage.read.run(
      storage.read.builder
        .selectFrom('definitions')
        .select('id')
        .where('needed_variables', 'is not', null)
        .compile(),
    );
    expect(rows.map(({ id }) => id)).toEqual([2, 4]);
  } finally {
    await storage.close();
  }
});
