import type { Migration } from './migration';

const refusal = 'rows of the audit trail are neither changed nor deleted';

const tables = (id: string) => [
  `CREATE TABLE audit (
    id ${id}, organization_id INTEGER NOT NULL REFERENCES organizations(id), at TEXT NOT NULL, action TEXT NOT NULL,
    subject_id TEXT, changed TEXT, user_id INTEGER, api_key_id INTEGER, command TEXT, request_id TEXT)`,
  `CREATE INDEX audit_by_organization ON audit (organization_id, id)`,
  // Failed sign-ins are counted by it.
  `CREATE INDEX audit_by_action ON audit (organization_id, action, id)`,
];

export const migration: Migration = {
  name: '0042_audit',
  statements: (id) => [
    ...tables(id),
    `CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '${refusal}'); END`,
    `CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, '${refusal}'); END`,
  ],
  postgresStatements: (id) => [
    ...tables(id),
    `CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION '${refusal}';
    END $$`,
    `CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE ON audit FOR EACH ROW
      EXECUTE FUNCTION refuse_audit_change()`,
    `CREATE TRIGGER audit_is_not_truncated BEFORE TRUNCATE ON audit EXECUTE FUNCTION refuse_audit_change()`,
  ],
};
