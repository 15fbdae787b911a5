/** Copies a SQLite database into an empty PostgreSQL database: everything in it, or nothing. */
import { createHash } from 'node:crypto';
import type { BindValue } from './port';
import { TableWriter } from './postgres/table-writer';
import { openSqlite } from './sqlite/open';
import { TableReader, type Table } from './sqlite/table-reader';

export interface CopiedTable {
  name: string;
  rows: number;
  /** The sum of the rows' SHA-256, in hexadecimal digits: the same for the same rows in any order. */
  hash: string;
}

/**
 * Copies all tables in one transaction, and compares what it reads there with what it read here. The ids of new rows go
 * on after the last one that SQLite gave out.
 * @param file of a SQLite database that no server uses. @param url of the PostgreSQL database.
 * @throws Error with a text for people: the file is not of this version, the PostgreSQL database is not empty, or a row
 *   does not fit. Then PostgreSQL has no row.
 */
export async function copyToPostgres(file: string, url: string): Promise<CopiedTable[]> {
  await openSqlite(file, { migrate: false }).close();
  const reader = new TableReader(file);
  try {
    return await TableWriter.fill(url, async (writer) => {
      const lastIds = reader.lastIds();
      const copied: CopiedTable[] = [];
      for (const table of referencedFirst(reader.tables(), await writer.references())) {
        copied.push(await copyTable(reader, writer, table));
        const lastId = lastIds.get(table.name);
        if (lastId !== undefined && lastId > 0) await writer.continueIds(table.name, lastId);
      }
      return copied.sort((one, other) => (one.name < other.name ? -1 : 1));
    });
  } finally {
    reader.close();
  }
}

async function copyTable(reader: TableReader, writer: TableWriter, table: Table): Promise<CopiedTable> {
  const { name, columns } = table;
  const missing = columns.find((column) => !writer.has(name, column));
  if (missing !== undefined) {
    throw new Error(`PostgreSQL has no column ${name}.${missing}. Nothing was copied.`);
  }
  const read = new Content();
  await writer.insert(name, columns, read.counting(reader.rows(table)));
  const written = new Content();
  for await (const row of writer.rows(name, columns)) written.add(row);
  if (read.rows !== written.rows || read.hash !== written.hash) {
    throw new Error(
      `The copy of ${name} differs: ${read.rows} rows with the hash ${read.hash} became ${written.rows} with ${written.hash}. Nothing was copied.`,
    );
  }
  return { name, rows: read.rows, hash: read.hash };
}

/** Rows are counted and hashed on their way, because a table may be larger than the memory. */
class Content {
  rows = 0;
  private sum = 0n;

  get hash(): string {
    return this.sum.toString(16).padStart(64, '0');
  }

  add(row: readonly BindValue[]): void {
    this.rows += 1;
    const digest = createHash('sha256').update(JSON.stringify(row)).digest('hex');
    this.sum = BigInt.asUintN(256, this.sum + BigInt(`0x${digest}`));
  }

  *counting(rows: Iterable<BindValue[]>): Generator<BindValue[]> {
    for (const row of rows) {
      this.add(row);
      yield row;
    }
  }
}

/** Sorts the tables so that a row is written after the row that it points to. */
function referencedFirst(
  tables: readonly Table[],
  references: readonly { from: string; to: string }[],
): Table[] {
  const sorted: Table[] = [];
  const seen = new Set<Table>();
  const add = (table: Table): void => {
    if (seen.has(table)) return;
    seen.add(table);
    const referenced = references.filter(({ from }) => from === table.name).map(({ to }) => to);
    tables.filter(({ name }) => referenced.includes(name)).forEach(add);
    sorted.push(table);
  };
  tables.forEach(add);
  return sorted;
}
