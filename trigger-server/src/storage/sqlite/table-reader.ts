/** Reads whole tables of a SQLite file, all in the state of one moment. */
import Libsql from 'libsql';
import type { BindValue } from '../port';

export interface Table {
  name: string;
  columns: string[];
}

export class TableReader {
  private readonly database: Libsql.Database;

  constructor(file: string) {
    this.database = new Libsql(file);
    this.database.pragma('query_only = ON');
    this.database.exec('BEGIN');
  }

  /** Every table but the list of migrations, which each database writes itself. */
  tables(): Table[] {
    return this.all<[string]>(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_migrations' ORDER BY name`,
    ).map(([name]) => ({
      name,
      columns: this.all<[string]>(`SELECT name FROM pragma_table_info('${name}') ORDER BY cid`).map(
        ([column]) => column,
      ),
    }));
  }

  /** Few rows are in memory at a time. The values of a row are in the order of `columns`. */
  rows({ name, columns }: Table): Iterable<BindValue[]> {
    const list = columns.map((column) => `"${column}"`).join(', ');
    return this.database.prepare(`SELECT ${list} FROM "${name}"`).raw().iterate() as Iterable<BindValue[]>;
  }

  /** The highest id that each table has ever given out, also where its row has been deleted. */
  lastIds(): Map<string, number> {
    return new Map(this.all<[string, number]>('SELECT name, seq FROM sqlite_sequence'));
  }

  close(): void {
    this.database.close();
  }

  private all<Row>(query: string): Row[] {
    return this.database.prepare(query).raw().all() as Row[];
  }
}
