/**
 * SQLite through libsql. Two connections: one reads what is committed, one writes. WAL with `synchronous=FULL`,
 * so a commit that was acknowledged survives a power cut; writes of one turn of the event loop share a commit,
 * so that throughput is not one fsync each.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
} from 'kysely';
import Libsql from 'libsql';
import { migrations } from './migrations';
import type { Database } from './schema';
import type { BindValue, QueryOutcome, Session, Storage } from './storage';

interface PendingWrite {
  body: (session: Session) => Promise<unknown>;
  resolve: (result: never) => void;
  reject: (error: unknown) => void;
}

type Settled = { ok: true; result: unknown } | { ok: false; error: unknown };

/** SQLite waits inside the call, which blocks the whole process: so only briefly, and then the wait is ours. */
const busyTimeoutMilliseconds = 20;
const busyPauseMilliseconds = 100;
const busyAttempts = 50;

/** A few hundred queries are declared; those with filters come in as many shapes as callers think of. */
const maxPreparedStatements = 1000;

/** Opens (and if needed creates and migrates) the database in `file`. */
export function openSqlite(file: string): Storage {
  mkdirSync(dirname(file), { recursive: true });
  const builder = new Kysely<Database>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  const writer = new Connection(file, builder);
  migrate(writer);
  return new SqliteStorage(new Reader(new Connection(file, builder)), writer);
}

/** Whether a write failed because a unique key is taken. */
export function isUniqueViolation(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

interface PreparedStatement {
  statement: Libsql.Statement;
  /** Null for a statement without rows. Asked once: each look goes through to the native library. */
  columns: string[] | null;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY';
}

class Connection implements Session {
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

/**
 * Reads of one turn of the event loop share a snapshot: taking SQLite's read lock costs more than most queries.
 * What is committed, by this process or another, is seen from the next turn on, or from `refresh` on.
 */
class Reader implements Session {
  private inSnapshot = false;

  constructor(private readonly connection: Connection) {}

  get builder(): Kysely<Database> {
    return this.connection.builder;
  }

  run<Row>(query: CompiledQuery<Row>): Promise<QueryOutcome<Row>> {
    this.openSnapshot();
    return this.connection.run(query);
  }

  first<Row>(query: CompiledQuery<Row>): Promise<Row | undefined> {
    this.openSnapshot();
    return this.connection.first(query);
  }

  refresh(): void {
    if (!this.inSnapshot) return;
    this.connection.control('COMMIT');
    this.inSnapshot = false;
  }

  close(): void {
    this.refresh();
    this.connection.close();
  }

  private openSnapshot(): void {
    if (this.inSnapshot) return;
    this.connection.control('BEGIN');
    this.inSnapshot = true;
    setImmediate(() => {
      this.refresh();
    });
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

class SqliteStorage implements Storage {
  private pending: PendingWrite[] = [];
  private flushing: Promise<void> | undefined;

  constructor(
    private readonly reader: Reader,
    private readonly writer: Connection,
  ) {}

  get read(): Session {
    return this.reader;
  }

  write<Result>(body: (session: Session) => Promise<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.pending.push({ body, resolve, reject });
      this.flushing ??= this.flushNextTurn();
    });
  }

  async close(): Promise<void> {
    while (this.flushing !== undefined) await this.flushing;
    this.reader.close();
    this.writer.close();
  }

  private async flushNextTurn(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    const batch = this.pending;
    this.pending = [];
    await this.commit(batch);
    this.flushing = this.pending.length > 0 ? this.flushNextTurn() : undefined;
  }

  private async commit(batch: PendingWrite[]): Promise<void> {
    const outcomes: Settled[] = [];
    try {
      await this.begin();
      const turn = new TurnGuard();
      try {
        for (const { body } of batch) outcomes.push(await this.inSavepoint(body, turn));
      } finally {
        turn.end();
      }
      // Whoever waits for these writes sees them, even within this turn.
      this.reader.refresh();
      this.writer.control('COMMIT');
    } catch (error) {
      const failure = this.rollBack(error);
      for (const { reject } of batch) reject(failure);
      return;
    }
    batch.forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index];
      if (outcome?.ok === true) resolve(outcome.result as never);
      else reject(outcome?.error);
    });
  }

  /** Waits while another program holds the database, without holding up anything else. */
  private async begin(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.writer.control('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        if (!isBusy(error) || attempt === busyAttempts) throw error;
        await new Promise((resolve) => setTimeout(resolve, busyPauseMilliseconds));
      }
    }
  }

  private async inSavepoint(body: (session: Session) => Promise<unknown>, turn: TurnGuard): Promise<Settled> {
    this.writer.control('SAVEPOINT one_write');
    try {
      const result = await turn.settle(body(this.writer));
      this.writer.control('RELEASE one_write');
      return { ok: true, result };
    } catch (error) {
      this.writer.control('ROLLBACK TO one_write');
      this.writer.control('RELEASE one_write');
      return { ok: false, error };
    }
  }

  /** Gives what went wrong: the failure of the writes, and that of rolling them back, if there was one. */
  private rollBack(failure: unknown): unknown {
    try {
      this.writer.control('ROLLBACK');
      return failure;
    } catch (error) {
      // SQLite has already rolled back by itself after some failures (a full disk, for one).
      if (String(error).includes('no transaction is active')) return failure;
      return new AggregateError([failure, error], 'A write failed, and so did rolling it back');
    }
  }
}

/** Queries settle within a turn of the event loop; a body that does not is waiting for something else. */
class TurnGuard {
  private refuse: (error: Error) => void = () => undefined;
  private timer = this.arm();

  settle<Result>(body: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.refuse = reject;
      body.then(resolve, reject);
    });
  }

  end(): void {
    clearImmediate(this.timer);
  }

  private arm(): NodeJS.Immediate {
    return setImmediate(() => {
      this.refuse(new Error('A write awaited something other than its own queries; it was rolled back'));
      this.timer = this.arm();
    });
  }
}

function migrate(writer: Connection): void {
  writer.execute(
    'CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)',
  );
  const applied = new Set(
    writer.execute<{ name: string }>('SELECT name FROM schema_migrations').rows.map((row) => row.name),
  );
  for (const { name, statements } of migrations('INTEGER PRIMARY KEY AUTOINCREMENT')) {
    if (applied.has(name)) continue;
    writer.execute('BEGIN IMMEDIATE');
    for (const statement of statements) writer.execute(statement);
    writer.execute('INSERT INTO schema_migrations (name, applied_at) VALUES (?, ?)', [
      name,
      new Date().toISOString(),
    ]);
    writer.execute('COMMIT');
  }
}
