/** One change of the schema. It is applied once, and never edited after a release. */
export interface Migration {
  /** The name of its file. Migrations are applied in the order of their numbers. */
  name: string;
  /** @param id the column type of a generated integer key, which differs by database. */
  statements(id: string): string[];
  /** In place of `statements` on PostgreSQL, where its language is another one: triggers, for example. */
  postgresStatements?(id: string): string[];
}
