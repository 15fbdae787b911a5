import type { Migration } from './migration';

const tables = (id: string) => [
  `ALTER TABLE organizations ADD COLUMN has_do_not_call INTEGER NOT NULL DEFAULT 0`,
  `CREATE TABLE do_not_call (
    id ${id}, organization_id INTEGER NOT NULL REFERENCES organizations(id), number TEXT NOT NULL,
    source TEXT NOT NULL, reason TEXT, until TEXT, run_id INTEGER, added_at TEXT NOT NULL)`,
  `CREATE UNIQUE INDEX do_not_call_numbers ON do_not_call (organization_id, number)`,
];

const mark = `UPDATE organizations SET has_do_not_call = 1
  WHERE id IN (SELECT organization_id FROM do_not_call)`;

/**
 * The blocked numbers of a policy, `+14155550100`, become entries of the list; its prefixes, `+4470*`, stay in the policy
 * without their star. Nobody knows when a number was blocked; it was not before there was an organization.
 */
export const migration: Migration = {
  name: '0050_do_not_call',
  statements: (id) => [
    ...tables(id),
    `INSERT INTO do_not_call (organization_id, number, source, added_at)
      SELECT DISTINCT organizations.id, blocked.value, 'policy', organizations.created_at
      FROM organizations, json_each(organizations.destination_policy, '$.blocked_numbers') AS blocked
      WHERE blocked.value NOT LIKE '%*'`,
    `UPDATE organizations SET destination_policy = json_remove(
        json_set(destination_policy, '$.blocked_prefixes', json((
          SELECT json_group_array(rtrim(blocked.value, '*'))
          FROM json_each(organizations.destination_policy, '$.blocked_numbers') AS blocked
          WHERE blocked.value LIKE '%*'))),
        '$.blocked_numbers')
      WHERE destination_policy IS NOT NULL`,
    mark,
  ],
  postgresStatements: (id) => [
    ...tables(id),
    `INSERT INTO do_not_call (organization_id, number, source, added_at)
      SELECT DISTINCT organizations.id, blocked, 'policy', organizations.created_at
      FROM organizations, jsonb_array_elements_text(destination_policy::jsonb -> 'blocked_numbers') AS blocked
      WHERE blocked NOT LIKE '%*'`,
    `UPDATE organizations SET destination_policy = (
        destination_policy::jsonb - 'blocked_numbers' || jsonb_build_object('blocked_prefixes', (
          SELECT coalesce(jsonb_agg(rtrim(blocked, '*')), '[]'::jsonb)
          FROM jsonb_array_elements_text(destination_policy::jsonb -> 'blocked_numbers') AS blocked
          WHERE blocked LIKE '%*')))::text
      WHERE destination_policy IS NOT NULL`,
    mark,
  ],
};
