import type { Migration } from './migration';

/** Until now the demo organization was known by the e-mail address of its user. */
export const migration: Migration = {
  name: '0033_demo_organization',
  statements: () => [
    `ALTER TABLE organizations ADD COLUMN is_demo INTEGER NOT NULL DEFAULT 0`,
    `UPDATE organizations SET is_demo = 1
      WHERE id IN (SELECT organization_id FROM users WHERE email = 'demo@example.com')`,
  ],
};
