import type { Migration } from './migration';

/** As of 0031. */
const runColumns = [
  'status',
  'disposition',
  'gathered_context',
  'provider_call_id',
  'caller_number',
  'call_duration_seconds',
  'answered_at',
  'completed_at',
  'has_transcript',
  'recording_key',
  'artifacts_ready_at',
  'cancel_requested_at',
  'reason',
];
const deliveryColumns = ['status', 'attempt_count', 'next_attempt_at'];

/**
 * Foreign keys of rows that every call inserts, to rows that are never deleted. PostgreSQL locks the row that a key refers
 * to, for each inserted row: for a call, the rows of its organization, agent, version and API key. They were a fifth of
 * its CPU for a call. Keys to rows that can be deleted, such as runs, stay.
 */
const needlessKeys = [
  ['runs', 'organization_id'],
  ['runs', 'agent_id'],
  ['runs', 'definition_id'],
  ['runs', 'api_key_id'],
  ['idempotency_keys', 'organization_id'],
  ['webhook_deliveries', 'organization_id'],
];

/** Calls of many are recorded by one statement, so their changes are, too. */
function recordByStatement(table: string, kind: string, columns: readonly string[]): string[] {
  const of = (version: string) => columns.map((column) => `${version}.${column}`).join(', ');
  return [
    `DROP TRIGGER ${kind}_is_new ON ${table}`,
    `DROP TRIGGER ${kind}_has_changed ON ${table}`,
    `CREATE FUNCTION record_new_${kind}s() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO changes (organization_id, kind, subject_id) SELECT organization_id, '${kind}', id FROM after;
      RETURN NULL;
    END $$`,
    `CREATE FUNCTION record_changed_${kind}s() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO changes (organization_id, kind, subject_id)
      SELECT after.organization_id, '${kind}', after.id FROM after JOIN before ON before.id = after.id
      WHERE (${of('after')}) IS DISTINCT FROM (${of('before')});
      RETURN NULL;
    END $$`,
    `CREATE TRIGGER ${kind}_is_new AFTER INSERT ON ${table} REFERENCING NEW TABLE AS after
      FOR EACH STATEMENT EXECUTE FUNCTION record_new_${kind}s()`,
    `CREATE TRIGGER ${kind}_has_changed AFTER UPDATE ON ${table} REFERENCING OLD TABLE AS before NEW TABLE AS after
      FOR EACH STATEMENT EXECUTE FUNCTION record_changed_${kind}s()`,
  ];
}

export const migration: Migration = {
  name: '0065_fewer_row_checks',
  // SQLite runs each statement for one row.
  statements: () => [],
  postgresStatements: () => [
    ...needlessKeys.map(([table, column]) => `ALTER TABLE ${table} DROP CONSTRAINT ${table}_${column}_fkey`),
    ...recordByStatement('runs', 'run', runColumns),
    ...recordByStatement('webhook_deliveries', 'delivery', deliveryColumns),
    'DROP FUNCTION record_change()',
  ],
};
