import type { Migration } from './migration';

/** Calling hours had one window, whose times and days stood beside the time zone. */
export const migration: Migration = {
  name: '0048_calling_windows',
  statements: () => [
    `UPDATE organizations SET destination_policy = json_set(destination_policy, '$.calling_hours', json_object(
        'windows', json_array(json_object(
          'from', json_extract(destination_policy, '$.calling_hours.from'),
          'to', json_extract(destination_policy, '$.calling_hours.to'),
          'days', json_extract(destination_policy, '$.calling_hours.days'))),
        'holidays', json_array(),
        'time_zone', json_extract(destination_policy, '$.calling_hours.time_zone')))
      WHERE json_extract(destination_policy, '$.calling_hours.from') IS NOT NULL`,
  ],
  postgresStatements: () => [
    `UPDATE organizations SET destination_policy = jsonb_set(destination_policy::jsonb, '{calling_hours}', jsonb_build_object(
        'windows', jsonb_build_array((destination_policy::jsonb -> 'calling_hours') - 'time_zone'),
        'holidays', '[]'::jsonb,
        'time_zone', destination_policy::jsonb -> 'calling_hours' -> 'time_zone'))::text
      WHERE destination_policy::jsonb -> 'calling_hours' -> 'from' IS NOT NULL`,
  ],
};
