import type { Migration } from './migration';

export const migration: Migration = {
  name: '0032_sent_headers',
  statements: () => [`ALTER TABLE webhook_attempts ADD COLUMN sent_headers TEXT`],
};
