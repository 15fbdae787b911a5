import type { Migration } from './migration';

export const migration: Migration = {
  name: '0043_key_scopes',
  statements: () => [
    // Every key so far may do everything.
    `ALTER TABLE api_keys ADD COLUMN scope TEXT NOT NULL DEFAULT 'admin'`,
    `ALTER TABLE api_keys ADD COLUMN agent_ids TEXT`,
    `ALTER TABLE api_keys ADD COLUMN expires_at TEXT`,
    `ALTER TABLE hooks ADD COLUMN api_key_id INTEGER`,
    `DROP INDEX hooks_once`,
    `CREATE UNIQUE INDEX hooks_once ON hooks
      (organization_id, events, target_url, coalesce(agent_id, 0), coalesce(api_key_id, 0))`,
  ],
};
