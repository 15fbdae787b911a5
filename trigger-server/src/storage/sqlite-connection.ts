/** One connection to SQLite through libsql: statements prepared once, and only values bound that it keeps whole. */
import type { CompiledQuery, Kysely } from 'kysely';
import Libsql from 'libsql';
import type { Database } from './schema';
import type { BindValue, QueryOutcome, Session } from './storage';

/** SQLite waits inside the call, which blocks the whole process: so only briefly, and then the wait is the caller's. */
const busyTimeoutMilliseconds = 20;

/** A few hundred queries are declared; those with filters come in as many shapes as callers think of. */
const maxPreparedStatements = 1000;

interface PreparedStatement {
  statement: Libsql.Statement;
  /** Null for a statement without rows. Asked once: each look goes through to the native library. */
  columns: string[] | null;
}

export class Connection implements Session {
  private readonly database: Libsql.Database;
  private readonly statements = new Map<string, PreparedStatement>();

  constructor(
    file: string,
    readonly builder: Kysely<Database>,
  ) {
    this.database = new Libsql(file, { timeout: busyTimeoutMilliseconds });
    this.database.pragma('journal_mode = WAL');
    this.database.pragma('synchronous = FULL');
    this.database.pragma('foreign_keys = ON');
  }

  run<Row>(query: CompiledQuery<Row>): Promise<QueryOutcome<Row>> {
    // The driver is synchronous; a thrown error becomes a rejection.
    return new Promise((resolve) => {
      resolve(this.execute<Row>(query.sql, query.parameters));
    });
  }

  first<Row>(query: CompiledQuery<Row>): Promise<Row | undefined> {
    return new Promise((resolve) => {
      const { statement, columns } = this.prepare(query.sql);
      if (columns === null) throw new TypeError('A statement without rows was asked for its first row');
      const parameters = query.parameters.map(bindable);
      let values: unknown[] | undefined;
      try {
        values = statement.get(parameters) as unknown[] | undefined;
      } catch (error) {
        // libsql does not reset a statement whose `get` failed: it would give the same error for ever.
        this.statements.delete(query.sql);
        throw error;
      }
      resolve(values === undefined ? undefined : (toObject(columns, values) as Row));
    });
  }

  /** For BEGIN, SAVEPOINT and the like, which have nothing to bind or to tell: running them bare costs least. */
  control(sql: string): void {
    this.database.exec(sql);
  }

  execute<Row>(sql: string, parameters: readonly unknown[] = []): QueryOutcome<Row> {
    const { statement, columns } = this.prepare(sql);
    const values = parameters.map(bindable);
    if (columns !== null) {
      const rows = (statement.all(values) as unknown[][]).map((row) => toObject(columns, row)) as Row[];
      return { rows, changes: rows.length };
    }
    return { rows: [], changes: statement.run(values).changes };
  }

  close(): void {
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
