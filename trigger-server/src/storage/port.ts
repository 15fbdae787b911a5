/**
 * The port to the database. A query runs on a session: that of the reads, or that of one write. Whatever the database, its
 * own errors come out of here as `UniqueViolation`, `DatabaseRefusal` or `DamagedDatabase`, or as what nobody foresaw.
 */
import type { CompiledQuery, Kysely } from 'kysely';
import type { Database } from './schema';

export type BindValue = string | number | null;

export interface QueryOutcome<Row> {
  rows: Row[];
  /** How many rows an update or delete changed. */
  changes: number;
}

/** Where a query runs: on the last committed state, or inside one write. */
export interface Session {
  /** Builds queries in this database's dialect; it never runs them. */
  readonly builder: Kysely<Database>;
  run<Row>(query: CompiledQuery<Row>): Promise<QueryOutcome<Row>>;
  /** The first row alone, which costs a driver less than a list of one. */
  first<Row>(query: CompiledQuery<Row>): Promise<Row | undefined>;
}

/**
 * What a lock is for, in the order in which a write takes them. Who counts the rows of an organization, or reads the state
 * of a run, and writes by what it found, takes the lock first.
 */
export type LockName = 'organization' | 'run';

/** Inside one write. It ends with the write: what comes later is refused. */
export interface WriteSession extends Session {
  /**
   * Waits for the write that holds this lock, and holds it until this write ends. What other writes changed under the
   * same lock is seen by the queries that follow. A write takes its locks in a fixed order, before it changes anything.
   * @param id which one of those that `name` says.
   */
  lock(name: LockName, id: number): Promise<void>;
}

export interface Storage {
  /**
   * Sees what was committed when the query runs, which is within a turn of the event loop; never a write under way. Two
   * queries, one awaited after the other, may see different states.
   */
  readonly read: Session;
  /**
   * Runs `body` as a transaction and resolves with its result once what it changed is durable: a power cut takes back
   * nothing that was acknowledged. When `body` throws, nothing that it changed stays, and the error comes out as it is.
   *
   * Bodies that come close together may share one commit, and so its fsync; each sees what those before it changed, and
   * one that throws takes back only its own. For that, **`body` may run more than once**: its last run is the one that
   * counts. So it awaits nothing but queries of its own session, which is refused otherwise, and leaves no trace outside
   * the database.
   * @throws UniqueViolation, DatabaseRefusal, DamagedDatabase, or what `body` throws.
   */
  write<Result>(body: (session: WriteSession) => Promise<Result>): Promise<Result>;
  /** Waits for the writes under way, then closes. */
  close(): Promise<void>;
}

/** What the database says to a query, in the words of this port. `code` is the database's own, for the log. */
abstract class DatabaseError extends Error {
  readonly code: string;

  constructor(message: string, cause: Error) {
    super(message, { cause });
    this.code = 'code' in cause ? String(cause.code) : '';
  }
}

/** A write would have put a second row where a key allows one. */
export class UniqueViolation extends DatabaseError {
  override readonly name = 'UniqueViolation';
}

/** Nothing was read or changed, because of something that may pass: the database is held, or its disk is full. */
export class DatabaseRefusal extends DatabaseError {
  override readonly name = 'DatabaseRefusal';
}

/** The database is damaged. What it says is not to be relied on any more, a key that it does not find least of all. */
export class DamagedDatabase extends DatabaseError {
  override readonly name = 'DamagedDatabase';
}
