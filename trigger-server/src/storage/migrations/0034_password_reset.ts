import type { Migration } from './migration';

export const migration: Migration = {
  name: '0034_password_reset',
  statements: () => [`ALTER TABLE sessions ADD COLUMN password_reset_until TEXT`],
};
