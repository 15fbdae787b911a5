/**
 * One connection to SQLite through libsql. Statements are prepared once, and only values that libsql stores unchanged
 * are bound.
 */
import type { CompiledQuery, Kysely } from 'kysely';
import Libsql from 'libsql';
import { toPortError } from './failures';
import type { Database } from '../schema';
import { bindable } from '../bindable';
import { DamagedDatabase, type QueryOutcome } from '../port';

/** SQLite's own busy wait blocks the whole process, so it is short. Longer waits are up to the caller. */
const busyTimeoutMilliseconds = 20;
/** While the server starts, blocking the process delays nobody. */
const openingTimeoutMilliseconds = 5000;

/** Only a few hundred queries are declared, but filters produce further ones without limit. */
const maxPreparedStatements = 1000;

interface PreparedStatement {
  statement: Libsql.Statement;
  /** Null for a statement without rows. Read once, because each access is a call into the native library. */
  columns: string[] | null;
}

/** The part of a compiled query that is executed; `Row` is the type of its rows. */
type Statement<Row> = Pick<CompiledQuery<Row>, 'sql' | 'parameters'>;

export class Connection {
  private readonly database: Libsql.Database;
  private readonly statements = new PreparedStatements();
  /** Apart: libsql's `get` answers with the row before, when the same statement was used by `all`. */
  private readonly statementsForFirst = new PreparedStatements();
  private isClosed = false;

  constructor(
    private readonly file: string,
    readonly builder: Kysely<Database>,
    private readonly options: { readOnly?: boolean; onDamage: (damage: Error) => void },
  ) {
    this.database = new Libsql(file);
    try {
      this.withLongWait(() => {
        // Only a new file takes it on: freed space can then be given back part by part.
        this.database.pragma('auto_vacuum = INCREMENTAL');
        this.database.pragma('journal_mode = WAL');
        // What is deleted is overwritten. Measured, it costs less than 3 % of a call.
        this.database.pragma('secure_delete = ON');
      });
      this.database.pragma('synchronous = FULL');
      this.database.pragma('foreign_keys = ON');
      if (options.readOnly === true) this.database.pragma('query_only = ON');
    } catch (error) {
      // The file is not a database.
      this.close();
      throw this.failure(error);
    }
  }

  /** Runs `body` with the long busy timeout that is allowed only while opening. */
  withLongWait(body: () => void): void {
    this.database.pragma(`busy_timeout = ${String(openingTimeoutMilliseconds)}`);
    try {
      body();
    } finally {
      this.database.pragma(`busy_timeout = ${String(busyTimeoutMilliseconds)}`);
    }
  }

  /** Checks for a closed connection first: there, libsql's own `inTransaction` aborts the process. */
  get inTransaction(): boolean {
    return !this.isClosed && this.database.inTransaction;
  }

  /** For BEGIN, COMMIT and ROLLBACK, which have neither parameters nor rows: `exec` costs least. */
  control(sql: string): void {
    try {
      this.database.exec(sql);
    } catch (error) {
      throw this.failure(error);
    }
  }

  /** A setting or a state of the database that is one number, such as `freelist_count`. */
  number(pragma: string): number {
    const [value] = this.database.prepare(`PRAGMA ${pragma}`).raw().get([]) as unknown[];
    return Number(value);
  }

  execute<Row>({ sql, parameters }: Statement<Row>): QueryOutcome<Row> {
    try {
      const { statement, columns } = this.statements.prepare(this.database, sql);
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

  /** @throws TypeError for a statement without rows. */
  executeFirst<Row>({ sql, parameters }: Statement<Row>): Row | undefined {
    try {
      const { statement, columns } = this.statementsForFirst.prepare(this.database, sql);
      if (columns === null) throw new TypeError('A statement without rows was asked for its first row');
      const bound = parameters.map(bindable);
      const values = statement.get(bound) as unknown[] | undefined;
      return values === undefined ? undefined : (toObject(columns, values) as Row);
    } catch (error) {
      // libsql does not reset a statement whose `get` failed, so it would fail with the same error forever.
      this.statementsForFirst.forget(sql);
      throw this.failure(error);
    }
  }

  /** Translates an error into one of the port, and reports damage to the listener. */
  private failure(error: unknown): unknown {
    const failure = toPortError(error, this.file);
    if (failure instanceof DamagedDatabase) this.options.onDamage(failure);
    return failure;
  }

  close(): void {
    this.isClosed = true;
    this.statements.clear();
    this.statementsForFirst.clear();
    this.database.close();
  }
}

/** Each is prepared once. The oldest is forgotten when there are too many. */
class PreparedStatements {
  private readonly bySql = new Map<string, PreparedStatement>();

  prepare(database: Libsql.Database, sql: string): PreparedStatement {
    let prepared = this.bySql.get(sql);
    if (prepared === undefined) {
      const statement = database.prepare(sql);
      const columns = statement.reader ? statement.columns().map(({ name }) => name) : null;
      // Rows as arrays cost less to pass from the native library than objects.
      prepared = { statement: columns === null ? statement : statement.raw(), columns };
      this.forgetOldest();
      this.bySql.set(sql, prepared);
    }
    return prepared;
  }

  forget(sql: string): void {
    this.bySql.delete(sql);
  }

  clear(): void {
    this.bySql.clear();
  }

  private forgetOldest(): void {
    if (this.bySql.size < maxPreparedStatements) return;
    for (const oldest of this.bySql.keys()) {
      this.bySql.delete(oldest);
      return;
    }
  }
}

function toObject(columns: readonly string[], values: readonly unknown[]): unknown {
  const row: Record<string, unknown> = {};
  for (let index = 0; index < columns.length; index += 1) row[columns[index] ?? ''] = values[index];
  return row;
}
