import type { Migration } from './migration';

export const migration: Migration = {
  name: '0019_long_greetings',
  statements: () => [
    // Whether a greeting is too long was not noted at first. Null: the definition itself is read. A greeting of
    // 5,000 characters has room for more places than it may have.
    `UPDATE definitions SET needed_variables = NULL
      WHERE length(definition) > 5000 AND EXISTS (
        SELECT 1 FROM json_each(definitions.definition, '$.nodes') AS node
        WHERE json_extract(node.value, '$.type') = 'startCall'
          AND length(json_extract(node.value, '$.data.greeting')) > 5000)`,
  ],
};
