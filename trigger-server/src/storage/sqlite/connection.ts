/** One connection to SQLite through libsql: statements prepared once, and only values bound that it keeps whole. */
import type { CompiledQuery, Kysely } from 'kysely';
import Libsql from 'libsql';
import { inWordsOfThePort } from './failures';
import type { Database } from '../schema';
import { DamagedDatabase, type BindValue, type QueryOutcome } from '../port';

/** SQLite waits inside the call, which blocks the whole process: so only briefly, and then the wait is the caller's. */
const busyTimeoutMilliseconds = 20;
/** Before the server serves anybody nobody else is held up. */
const openingTimeoutMilliseconds = 5000;

/** A few hundred queries are declared; those with filters come in as many shapes as callers think of. */
const maxPreparedStatements = 1000;

interface PreparedStatement {
  statement: Libsql.Statement;
  /** Null for a statement without rows. Asked once: each look goes through to the native library. */
  columns: string[] | null;
}

/** What is run of a compiled query, whose rows are `Row`. */
type Statement<Row> = Pick<CompiledQuery<Row>, 'sql' | 'parameters'>;

export class Connection {
  private readonly database: Libsql.Database;
  private readonly statements = new Map<string, PreparedStatement>();
  private isClosed = false;

  constructor(
    private readonly file: string,
    readonly builder: Kysely<Database>,
    private readonly options: { readOnly?: boolean; onDamage: (damage: Error) => void },
  ) {
    this.database = new Libsql(file);
    try {
      this.patiently(() => this.database.pragma('journal_mode = WAL'));
      this.database.pragma('synchronous = FULL');
      this.database.pragma('foreign_keys = ON');
      if (options.readOnly === true) this.database.pragma('query_only = ON');
    } catch (error) {
      // A file that is no database.
      this.close();
      throw this.failure(error);
    }
  }

  /** Runs `body` while SQLite waits inside each call for as long as only an opening may take. */
  patiently(body: () => void): void {
    this.database.pragma(`busy_timeout = ${String(openingTimeoutMilliseconds)}`);
    try {
      body();
    } finally {
      this.database.pragma(`busy_timeout = ${String(busyTimeoutMilliseconds)}`);
    }
  }

  /** libsql aborts the process when it is asked of a closed connection. */
  get inTransaction(): boolean {
    return !this.isClosed && this.database.inTransaction;
  }

  /** For BEGIN, COMMIT and the like, which have nothing to bind or to tell: running them bare costs least. */
  control(sql: string): void {
    try {
      this.database.exec(sql);
    } catch (error) {
      throw this.failure(error);
    }
  }

  execute<Row>({ sql, parameters }: Statement<Row>): QueryOutcome<Row> {
    try {
      const { statement, columns } = this.prepare(sql);
      const values = parameters.map(bindable);
      if (columns !== null) {
        const rows = (statement.all(values) as unknown[][]).map((row) => toObject(columns, row)) as Row[];
        return { rows, changes: rows.length };
      }
      return { rows: [], changes: statement.run(values).changes };
    } catch (error) {
      throw this.failure(error);
    }
  }

  /** @throws TypeError for a statement that gives no rows. */
  executeFirst<Row>({ sql, parameters }: Statement<Row>): Row | undefined {
    try {
      const { statement, columns } = this.prepare(sql);
      if (columns === null) throw new TypeError('A statement without rows was asked for its first row');
      const bound = parameters.map(bindable);
      const values = statement.get(bound) as unknown[] | undefined;
      return values === undefined ? undefined : (toObject(columns, values) as Row);
    } catch (error) {
      // libsql does not reset a statement whose `get` failed: it would give the same error for ever.
      this.statements.delete(sql);
      throw this.failure(error);
    }
  }

  /** The error of the port. Damage is told to whoever listens, too. */
  private failure(error: unknown): unknown {
    const failure = inWordsOfThePort(error, this.file);
    if (failure instanceof DamagedDatabase) this.options.onDamage(failure);
    return failure;
  }

  close(): void {
    this.isClosed = true;
    this.statements.clear();
    this.database.close();
  }

  private prepare(sql: string): PreparedStatement {
    let prepared = this.statements.get(sql);
    if (prepared === undefined) {
      const statement = this.database.prepare(sql);
      const columns = statement.reader ? statement.columns().map(({ name }) => name) : null;
      // Rows come as arrays, which cost less to hand over than objects.
      prepared = { statement: columns === null ? statement : statement.raw(), columns };
      this.forgetOldest();
      this.statements.set(sql, prepared);
    }
    return prepared;
  }

  private forgetOldest(): void {
    if (this.statements.size < maxPreparedStatements) return;
    for (const oldest of this.statements.keys()) {
      this.statements.delete(oldest);
      return;
    }
  }
}

function toObject(columns: readonly string[], values: readonly unknown[]): unknown {
  const row: Record<string, unknown> = {};
  for (let index = 0; index < columns.length; index += 1) row[columns[index] ?? ''] = values[index];
  return row;
}

/** libsql aborts the whole process on a bound boolean, and reads text only up to a NUL: both are refused here. */
function bindable(value: unknown): BindValue {
  if (value === null || typeof value === 'number') return value;
  if (typeof value === 'string' && !value.includes('\0') && value.isWellFormed()) return value;
  throw new TypeError(`A ${typeof value} that this database cannot store was bound to a query`);
}
