import type { Migration } from './migration';

/** What `GET /console/events` reports of a run. An update of other columns only is no change. */
const runColumns = `status, disposition, gathered_context, provider_call_id, caller_number, call_duration_seconds,
  answered_at, completed_at, has_transcript, recording_key, artifacts_ready_at, cancel_requested_at, reason`;
const deliveryColumns = 'status, attempt_count, next_attempt_at';

/** Triggers, so that no query can forget to record a change. */
function recordChanges(table: string, kind: string, columns: string): string[] {
  const record = `BEGIN
      INSERT INTO changes (organization_id, kind, subject_id) VALUES (new.organization_id, '${kind}', new.id);
    END`;
  return [
    `CREATE TRIGGER ${kind}_is_new AFTER INSERT ON ${table} ${record}`,
    `CREATE TRIGGER ${kind}_has_changed AFTER UPDATE OF ${columns} ON ${table} ${record}`,
  ];
}

const table = (id: string) =>
  `CREATE TABLE changes (
    id ${id}, organization_id INTEGER NOT NULL, kind TEXT NOT NULL, subject_id INTEGER NOT NULL)`;

/** The same triggers in PostgreSQL's language, which calls a function. */
function recordInPostgres(name: string, kind: string, columns: string): string[] {
  return [
    `CREATE TRIGGER ${kind}_is_new AFTER INSERT ON ${name} FOR EACH ROW EXECUTE FUNCTION record_change('${kind}')`,
    `CREATE TRIGGER ${kind}_has_changed AFTER UPDATE OF ${columns} ON ${name} FOR EACH ROW EXECUTE FUNCTION record_change('${kind}')`,
  ];
}

export const migration: Migration = {
  name: '0031_changes',
  statements: (id) => [
    table(id),
    // Keeps at least the last 10,000 changes. Only the oldest are deleted, so that no id is used twice, and by the
    // thousand, which costs less than one at a time.
    `CREATE TRIGGER change_is_old AFTER INSERT ON changes WHEN new.id % 1000 = 0
     BEGIN DELETE FROM changes WHERE id <= new.id - 10000; END`,
    ...recordChanges('runs', 'run', runColumns),
    ...recordChanges('webhook_deliveries', 'delivery', deliveryColumns),
  ],
  postgresStatements: (id) => [
    table(id),
    `CREATE FUNCTION record_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO changes (organization_id, kind, subject_id) VALUES (NEW.organization_id, TG_ARGV[0], NEW.id);
      RETURN NULL;
    END $$`,
    `CREATE FUNCTION forget_old_changes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      DELETE FROM changes WHERE id <= NEW.id - 10000;
      RETURN NULL;
    END $$`,
    `CREATE TRIGGER change_is_old AFTER INSERT ON changes FOR EACH ROW WHEN (NEW.id % 1000 = 0)
      EXECUTE FUNCTION forget_old_changes()`,
    ...recordInPostgres('runs', 'run', runColumns),
    ...recordInPostgres('webhook_deliveries', 'delivery', deliveryColumns),
  ],
};
