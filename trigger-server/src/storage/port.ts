/**
 * The port to the database. A query runs in a session: the session of all reads, or the session of one write. Errors of
 * any database become `UniqueViolation`, `DatabaseRefusal` or `DamagedDatabase`; unexpected ones stay as they are.
 */
import type { CompiledQuery, Kysely } from 'kysely';
import type { Database } from './schema';

export type BindValue = string | number | null;

export interface QueryOutcome<Row> {
  rows: Row[];
  /** How many rows an update or delete changed. */
  changes: number;
}

/**
 * Runs queries: on the last committed state, or inside one write. Queries that are asked without awaiting one another run
 * in any order; where they differ only in their values, the database may run them as one statement.
 */
export interface Session {
  /** Builds queries in this database's dialect. It cannot run them. */
  readonly builder: Kysely<Database>;
  run<Row>(query: CompiledQuery<Row>): Promise<QueryOutcome<Row>>;
  /** The first row only, which costs a driver less than a list with one row. */
  first<Row>(query: CompiledQuery<Row>): Promise<Row | undefined>;
}

/**
 * What a lock protects, in the order in which a write takes them. A write that counts the rows of an organization, or reads
 * the state of a run, and acts on what it found, takes the lock first.
 */
export type LockName = 'organization' | 'run';

/** Numeric columns of a table's rows that many writes add to, such as the number of an organization's open calls. */
export interface Counter {
  table: keyof Database;
  columns: readonly string[];
}

/** The session of one write. It ends with the write; later queries are refused. */
export interface WriteSession extends Session {
  /**
   * Waits until no other write holds this lock, then holds it until this write ends. The queries that follow see what
   * other writes changed under the same lock. A write takes its locks in a fixed order, before it changes anything.
   * @param id the id of the entity that `name` says.
   */
  lock(name: LockName, id: number): Promise<void>;
  /**
   * Adds to a counter at the end of the transaction, so that its row, which many writes need, is held for the shortest
   * time. A query of the same write may not see it yet.
   * @param id of the counter's row. @param amounts one for each of its columns.
   */
  add(counter: Counter, id: number, amounts: readonly number[]): Promise<void>;
}

/** What became of one of several things that are done together. */
export type Settled<Result> = { ok: true; result: Result } | { ok: false; error: unknown };

/**
 * A write for a list of items. It reads and writes for all of them at once, and returns what became of each, in order.
 * An item that is refused must have changed nothing.
 */
export type BodyForMany<Item, Result> = (
  session: WriteSession,
  items: readonly Item[],
) => Promise<Settled<Result>[]>;

/** Background work that a process may signal to the others. Each job has one worker in a process. */
export const jobs = ['follow-ups', 'following', 'deliveries', 'queue'] as const;

export type Job = (typeof jobs)[number];

/** Signals between the processes of a database. They may be lost, so a worker must also find its work by itself, in rounds. */
export interface Wake {
  /** Signals to the processes that listen that this job has work. Returns at once; signals close together become one. */
  signal(job: Job): void;
  /**
   * Calls `task` at each signal for this job, and whenever signals may have been missed.
   * @returns a function that stops this.
   */
  listen(job: Job, task: () => void): () => void;
}

export interface Storage {
  /**
   * A query sees what is committed when it runs, at the end of the current turn of the event loop, and never an
   * unfinished write. Two queries, one awaited after the other, may see different states.
   */
  readonly read: Session;
  /**
   * Runs `body` as a transaction and resolves with its result once its changes are durable, so that a power cut loses
   * nothing that was acknowledged. When `body` throws, its changes are rolled back, and the error is passed on.
   *
   * Writes that arrive close together may share one commit and its fsync. Each sees the changes of those before it, and
   * one that throws loses only its own. For that, **`body` may run more than once**, and only its last run counts. So
   * `body` must await nothing but queries of its own session (anything else is refused), and must have no side effects
   * outside the database.
   * @throws UniqueViolation, DatabaseRefusal, UnknownCommit, DamagedDatabase, or what `body` throws.
   */
  write<Result>(body: (session: WriteSession) => Promise<Result>): Promise<Result>;
  /**
   * As `write`, for requests that arrive by the hundred: items that arrive close together are given to `body` as a list.
   * When `body` throws, each item is written alone. The transaction has no other writes, so that `body` may lock what
   * others wait for.
   * @param body a function that is the same for each item, because only its items are written together.
   */
  writeTogether<Item, Result>(body: BodyForMany<Item, Result>, item: Item): Promise<Result>;
  /**
   * The clock of the database's machine, in milliseconds since 1970. Absent where the database is a file of this machine.
   * @throws DatabaseRefusal when the database does not answer.
   */
  readonly readTime?: () => Promise<number>;
  /** Signals between the processes of this database. Absent where only one process may use it. */
  readonly wake?: Wake;
  /**
   * Gives a part of the space that deleted rows have freed back to the system, where that is much, and removes what they
   * contained from the journal. Takes a few milliseconds. PostgreSQL does it by itself.
   * @returns whether more can be given back.
   */
  tidyUp(): Promise<boolean>;
  /** Waits for the writes under way, then closes. */
  close(): Promise<void>;
}

/** A database error in the terms of this port. `code` is the database's own code, for the log. */
abstract class DatabaseError extends Error {
  readonly code: string;

  constructor(message: string, cause: Error) {
    super(message, { cause });
    this.code = 'code' in cause ? String(cause.code) : '';
  }
}

/** A write violated a unique key. */
export class UniqueViolation extends DatabaseError {
  override readonly name = 'UniqueViolation';
}

/** Nothing was read or changed, for a reason that may pass: the database is locked, or its disk is full. */
export class DatabaseRefusal extends DatabaseError {
  override readonly name: string = 'DatabaseRefusal';
}

/** The database did not answer in time, and a write may have been made: its commit was sent. */
export class UnknownCommit extends DatabaseRefusal {
  override readonly name = 'UnknownCommit';
}

/** The database is damaged, so its answers are unreliable. In particular, a key that it does not find may exist. */
export class DamagedDatabase extends DatabaseError {
  override readonly name = 'DamagedDatabase';
}
