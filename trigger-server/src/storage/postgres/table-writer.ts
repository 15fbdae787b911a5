/** Fills the tables of an empty PostgreSQL database in one transaction, so that an interrupted copy leaves it empty. */
import type { BindValue } from '../port';
import { Connections, newPatience, type PoolClient } from './connections';
import { migrate } from './migrate';

const bytesOfNumber = 8;
const mostRowsAtOnce = 500;
/** A row may have a megabyte, and 500 of them are longer than a statement can be. */
const mostBytesAtOnce = 16 * 1024 * 1024;

export class TableWriter {
  /** By table, the bytes of the largest row that was written. */
  private readonly largestRows = new Map<string, number>();

  private constructor(
    private readonly client: PoolClient,
    /** The type of each column, by `table.column`. */
    private readonly types: ReadonlyMap<string, string>,
  ) {}

  /**
   * Migrates the database at `url` and calls `fill`. All that it wrote is committed when it resolves.
   * @throws Error with a text for people when the database is not empty; what `fill` throws. Then nothing was written.
   */
  static async fill<Result>(url: string, fill: (writer: TableWriter) => Promise<Result>): Promise<Result> {
    const connections = new Connections(url, 1, () => undefined);
    try {
      await connections.use(newPatience(), assertEmpty);
      await migrate(connections);
      return await connections.use(newPatience(), async (client) => {
        await client.query('begin');
        // A large table takes as long as it takes, to write and to read.
        await client.query(
          'set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0',
        );
        const tables = await tablesOf(client);
        // A server that starts meanwhile waits at the first table.
        await client.query(`lock table ${tables.map(quoted).join(', ')}`);
        await assertEmpty(client);
        // The rows that triggers would write are in the source already.
        for (const table of tables) await client.query(`alter table ${quoted(table)} disable trigger user`);
        const result = await fill(new TableWriter(client, await columnTypes(client)));
        for (const table of tables) await client.query(`alter table ${quoted(table)} enable trigger user`);
        // Without statistics, the first queries would walk through whole tables.
        await client.query('analyze');
        await client.query('commit');
        return result;
      });
    } finally {
      await connections.close();
    }
  }

  has(table: string, column: string): boolean {
    return this.types.has(`${table}.${column}`);
  }

  /** Pairs of tables: the rows of the first point to rows of the second. */
  async references(): Promise<{ from: string; to: string }[]> {
    const { rows } = await this.client.query<{ from: string; to: string }>(
      `select own.relname as "from", other.relname as "to" from pg_constraint
       join pg_class own on own.oid = conrelid join pg_class other on other.oid = confrelid
       where contype = 'f' and own.relnamespace = current_schema()::regnamespace`,
    );
    return rows;
  }

  /** @throws Error with a text for people when a row does not fit the table. It names no value. */
  async insert(table: string, columns: readonly string[], rows: Iterable<BindValue[]>): Promise<void> {
    const list = columns.map(quoted).join(', ');
    const arrays = columns.map(
      (column, index) => `$${index + 1}::${this.types.get(`${table}.${column}`) ?? ''}[]`,
    );
    const text = `insert into ${quoted(table)} (${list}) select * from unnest(${arrays.join(', ')})`;
    for (const batch of inBatches(rows)) {
      this.largestRows.set(table, Math.max(this.largestRows.get(table) ?? 0, ...batch.map(bytesOf)));
      const values = columns.map((_, index) => batch.map((row) => row[index] ?? null));
      try {
        await this.client.query(text, values);
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
        throw new Error(`PostgreSQL refused rows of the table ${table}${code}. Nothing was copied.`, {
          cause: error,
        });
      }
    }
  }

  /** The rows of the table, in any order. */
  async *rows(table: string, columns: readonly string[]): AsyncGenerator<BindValue[]> {
    const list = columns.map(quoted).join(', ');
    const fitting = Math.floor(mostBytesAtOnce / (this.largestRows.get(table) ?? 1));
    const rowsAtOnce = Math.max(1, Math.min(mostRowsAtOnce, fitting));
    await this.client.query(`declare copied cursor for select ${list} from ${quoted(table)}`);
    for (;;) {
      const { rows } = await this.client.query<BindValue[]>({
        text: `fetch ${rowsAtOnce} from copied`,
        rowMode: 'array',
      });
      yield* rows;
      if (rows.length < rowsAtOnce) break;
    }
    await this.client.query('close copied');
  }

  /** @param lastId the next row of the table has the id after this one. */
  async continueIds(table: string, lastId: number): Promise<void> {
    await this.client.query("select setval(pg_get_serial_sequence($1, 'id'), $2)", [quoted(table), lastId]);
  }
}

/** @throws Error with a text for people. */
async function assertEmpty(client: PoolClient): Promise<void> {
  for (const table of await tablesOf(client)) {
    const { rows } = await client.query(`select 1 from ${quoted(table)} limit 1`);
    if (rows.length === 0) continue;
    throw new Error(
      `The PostgreSQL database is not empty: ${table} has rows. Nothing was changed. Create a new database (createdb), and start no server on it before the copy.`,
    );
  }
}

/** Every table but the list of migrations. */
async function tablesOf(client: PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ relname: string }>(
    `select relname from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace
     and relname <> 'schema_migrations' order by relname`,
  );
  return rows.map(({ relname }) => relname);
}

async function columnTypes(client: PoolClient): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `select table_name || '.' || column_name as name, data_type as type from information_schema.columns
     where table_schema = current_schema()`,
  );
  return new Map(rows.map(({ name, type }) => [name, type]));
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function* inBatches(rows: Iterable<BindValue[]>): Generator<BindValue[][]> {
  let batch: BindValue[][] = [];
  let bytes = 0;
  for (const row of rows) {
    batch.push(row);
    bytes += bytesOf(row);
    if (batch.length < mostRowsAtOnce && bytes < mostBytesAtOnce) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

function bytesOf(row: readonly BindValue[]): number {
  return row.reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? Buffer.byteLength(value) : bytesOfNumber),
    0,
  );
}
