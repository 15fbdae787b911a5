import type { Migration } from './migration';

export const migration: Migration = {
  name: '0018_key_lifetime',
  statements: () => [
    `ALTER TABLE idempotency_keys RENAME COLUMN created_at TO expires_at`,
    `UPDATE idempotency_keys SET expires_at = strftime('%Y-%m-%dT%H:%M:%fZ', expires_at, '+24 hours')`,
    `DROP INDEX idempotency_keys_by_age`,
    `CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at)`,
  ],
};
