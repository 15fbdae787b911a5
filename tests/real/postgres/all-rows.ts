/** Every row of every table, to compare a SQLite database with a PostgreSQL one. */
import Libsql from 'libsql';
import { Client } from 'pg';

/** By table: its rows as JSON, each with its columns in alphabetical order, sorted. */
export type AllRows = Map<string, string[]>;

type Row = Record<string, string | number | null>;

/** Every table but the list of migrations. */
export function tablesOfSqlite(database: Libsql.Database): string[] {
  const tables = database
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_migrations'",
    )
    .all() as { name: string }[];
  return tables.map(({ name }) => name);
}

export function rowsOfSqlite(file: string): AllRows {
  const database = new Libsql(file);
  try {
    return new Map(
      tablesOfSqlite(database).map((table) => [
        table,
        comparable(database.prepare(`SELECT * FROM ${table}`).all() as Row[]),
      ]),
    );
  } finally {
    database.close();
  }
}

export async function rowsOfPostgres(url: string, tables: Iterable<string>): Promise<AllRows> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const found: AllRows = new Map();
    for (const table of tables) {
      found.set(table, comparable((await client.query<Row>(`select * from ${table}`)).rows));
    }
    return found;
  } finally {
    await client.end();
  }
}

/** PostgreSQL's driver reads whole numbers as texts, and a migration of JSON leaves it with other spaces and another order there. */
function comparable(rows: readonly Row[]): string[] {
  return rows
    .map((row) =>
      JSON.stringify(
        Object.entries(row)
          .map(([name, value]) => [name, value === null ? null : byContent(String(value))])
          .sort(([one = ''], [other = '']) => ((one ?? '') < (other ?? '') ? -1 : 1)),
      ),
    )
    .sort();
}

/** An object in JSON, with its names in order; any other text as it is. */
function byContent(text: string): string {
  if (!text.startsWith('{"')) return text;
  const object = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify(
    Object.fromEntries(Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1))),
  );
}
