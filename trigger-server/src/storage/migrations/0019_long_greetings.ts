import type { Migration } from './migration';

export const migration: Migration = {
  name: '0019_long_greetings',
  statements: () => [
    // Earlier rows do not say whether a greeting is too long, so they are reset to null: then the definition itself is
    // read. Only a greeting of more than 5,000 characters can exceed the limit of places.
    `UPDATE definitions SET needed_variables = NULL
      WHERE length(definition) > 5000 AND EXISTS (
        SELECT 1 FROM json_each(definitions.definition, '$.nodes') AS node
        WHERE json_extract(node.value, '$.type') = 'startCall'
          AND length(json_extract(node.value, '$.data.greeting')) > 5000)`,
  ],
};
