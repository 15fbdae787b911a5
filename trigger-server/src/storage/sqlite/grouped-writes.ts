/**
 * Writes that arrive close together share a transaction and its fsync. Each can still be rolled back alone: most
 * failing writes have changed nothing yet. If one has, the transaction is rolled back, the others run again without it,
 * and it runs again after them. (A savepoint per write would do the same, but cost every write a third of its time.)
 */
import type { CompiledQuery, Kysely } from 'kysely';
import type { Database } from '../schema';
import { isBusy } from './failures';
import type { Connection } from './connection';
import { addStatement } from './counters';
import {
  DamagedDatabase,
  DatabaseRefusal,
  type Counter,
  type QueryOutcome,
  type Settled,
  type WriteSession,
} from '../port';
import type { NoteTime } from '../timing';

interface PendingWrite {
  /** By the monotonic clock, in milliseconds. */
  askedAt: number;
  body: (session: WriteSession) => Promise<unknown>;
  resolve: (result: never) => void;
  reject: (error: unknown) => void;
}

/**
 * Thrown when a write fails after changing rows, or has ended the shared transaction: all of it must be rolled back.
 */
class SpoiltError extends Error {
  constructor(
    readonly offender: PendingWrite,
    cause: unknown,
  ) {
    super('A write spoilt the transaction that it shared', { cause });
  }
}

/** How long a write waits, from when it was requested, while another program locks the database. */
const maxWaitMilliseconds = 4000;
const busyPauseMilliseconds = 100;

/**
 * Writes are gathered until a turn of the event loop adds none, but for at most this many turns. A commit costs an
 * fsync, so under load fewer and larger commits carry more calls. A single write waits for one turn.
 */
const gatheringTurns = 8;

/** A server that writes all the time uses freed space again by itself. */
const mostBatchesWaitedFor = 100;

const endedByDatabase = 'The database ended the transaction';

/** @see Storage.write */
export class GroupedWrites {
  private pending: PendingWrite[] = [];
  /** Batches to run again, because one of their writes spoilt the transaction. They run first. */
  private retryBatches: PendingWrite[][] = [];
  private flushing: Promise<void> | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly noteTime: NoteTime = () => undefined,
  ) {}

  write<Result>(body: (session: WriteSession) => Promise<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.pending.push({ askedAt: performance.now(), body, resolve, reject });
      this.flushing ??= this.flushNextTurn();
    });
  }

  /**
   * Runs `body` between two transactions. @returns null when writes follow each other without a pause.
   */
  async between<Result>(body: (connection: Connection) => Result): Promise<Result | null> {
    for (let waited = 0; waited < mostBatchesWaitedFor; waited += 1) {
      if (this.flushing === undefined) return body(this.connection);
      await this.flushing;
    }
    return null;
  }

  /** Waits for the writes under way, then closes. */
  async close(): Promise<void> {
    while (this.flushing !== undefined) await this.flushing;
    this.connection.close();
  }

  private async flushNextTurn(): Promise<void> {
    let seen = 0;
    for (let turn = 0; turn < gatheringTurns && this.pending.length > seen; turn += 1) {
      seen = this.pending.length;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    do {
      const startedAt = performance.now();
      if (await this.begin()) await this.commit(this.takeBatch());
      this.noteTime('write', performance.now() - startedAt);
    } while (this.retryBatches.length > 0);
    this.flushing = this.pending.length > 0 ? this.flushNextTurn() : undefined;
  }

  /**
   * Begins a transaction. While another program locks the database it waits without blocking the process. Writes that
   * arrive meanwhile wait too, and each has its own time limit.
   * @returns false when no write is left that waits.
   */
  private async begin(): Promise<boolean> {
    while (this.pending.length > 0 || this.retryBatches.length > 0) {
      try {
        this.connection.control('BEGIN IMMEDIATE');
        return true;
      } catch (error) {
        this.refuse(error);
        await new Promise((resolve) => setTimeout(resolve, busyPauseMilliseconds));
      }
    }
    return false;
  }

  /** Rejects the writes that have waited for too long, or all of them if waiting does not help. */
  private refuse(error: unknown): void {
    const since = performance.now() - (isBusy(error) ? maxWaitMilliseconds : 0);
    const keep = (writes: PendingWrite[]) =>
      writes.filter(({ askedAt, reject }) => {
        if (askedAt > since) return true;
        reject(error);
        return false;
      });
    this.pending = keep(this.pending);
    this.retryBatches = this.retryBatches.map(keep).filter((batch) => batch.length > 0);
  }

  private takeBatch(): PendingWrite[] {
    const next = this.retryBatches.shift();
    if (next !== undefined) return next;
    const batch = this.pending;
    this.pending = [];
    return batch;
  }

  /**
   * Runs the batch in the open transaction and commits it. A write that spoils it runs again in a transaction of its
   * own.
   */
  private async commit(batch: PendingWrite[]): Promise<void> {
    let outcomes: Settled<unknown>[];
    try {
      outcomes = await this.settleAll(batch);
      this.connection.control('COMMIT');
    } catch (error) {
      const isSpoilt = error instanceof SpoiltError;
      const cause = isSpoilt ? error.cause : error;
      const failure = this.rollBack(cause);
      // A refusal of the database, such as a full disk, concerns all writes, so none of them is tried again.
      if (isSpoilt && batch.length > 1 && !(cause instanceof DatabaseRefusal)) {
        this.retryBatches.unshift(
          batch.filter((write) => write !== error.offender),
          [error.offender],
        );
      } else {
        for (const { reject } of batch) reject(failure);
      }
      return;
    }
    batch.forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index];
      if (outcome?.ok === true) resolve(outcome.result as never);
      else reject(outcome?.error);
    });
  }

  /** @throws SpoiltError for the first write that spoils the transaction. */
  private async settleAll(batch: readonly PendingWrite[]): Promise<Settled<unknown>[]> {
    const turn = new TurnGuard();
    const outcomes: Settled<unknown>[] = [];
    try {
      for (const write of batch) {
        outcomes.push(await this.settle(write, turn));
      }
    } finally {
      turn.end();
    }
    return outcomes;
  }

  /** @throws SpoiltError */
  private async settle(write: PendingWrite, turn: TurnGuard): Promise<Settled<unknown>> {
    const session = new OneWrite(this.connection);
    let outcome: Settled<unknown>;
    try {
      outcome = { ok: true, result: await turn.settle(write.body(session)) };
    } catch (error) {
      outcome = { ok: false, error };
    } finally {
      session.end();
    }
    // After some failures (no memory, a full disk) SQLite rolls back by itself. Further queries would run outside of a
    // transaction.
    if (!this.connection.inTransaction || (!outcome.ok && session.hasWritten)) {
      throw new SpoiltError(write, outcome.ok ? new Error(endedByDatabase) : outcome.error);
    }
    return outcome;
  }

  /** Rolls back. @returns the failure of the writes, together with that of the rollback if there was one. */
  private rollBack(failure: unknown): unknown {
    try {
      this.connection.control('ROLLBACK');
      return failure;
    } catch (error) {
      // SQLite may have rolled back by itself. After a refusal or damage no change remains, even if the rollback fails.
      const isOver = String(error).includes('no transaction is active');
      if (isOver || failure instanceof DatabaseRefusal || failure instanceof DamagedDatabase) return failure;
      return new AggregateError([failure, error], 'A write failed, and so did rolling it back');
    }
  }
}

/** The session of one write. It records whether rows were changed, and refuses queries once the write is settled. */
class OneWrite implements WriteSession {
  hasWritten = false;
  private isOver = false;

  constructor(private readonly connection: Connection) {}

  get builder(): Kysely<Database> {
    return this.connection.builder;
  }

  run<Row>(query: CompiledQuery<Row>): Promise<QueryOutcome<Row>> {
    return this.settled(() => {
      const outcome = this.connection.execute<Row>(query);
      this.hasWritten ||= outcome.changes > 0 && !isRead(query);
      return outcome;
    });
  }

  first<Row>(query: CompiledQuery<Row>): Promise<Row | undefined> {
    return this.settled(() => {
      const row = this.connection.executeFirst<Row>(query);
      this.hasWritten ||= row !== undefined && !isRead(query);
      return row;
    });
  }

  /** Does not wait: SQLite runs one write at a time, and each sees all earlier ones. */
  lock(): Promise<void> {
    return this.settled(() => undefined);
  }

  add(counter: Counter, id: number, amounts: readonly number[]): Promise<void> {
    return this.settled(() => {
      this.connection.execute({ sql: addStatement(counter, () => '?'), parameters: [...amounts, id] });
      this.hasWritten = true;
    });
  }

  end(): void {
    this.isOver = true;
  }

  /** The driver is synchronous, so a thrown error becomes a rejection. */
  private settled<Result>(execute: () => Result): Promise<Result> {
    return new Promise((resolve) => {
      if (this.isOver) throw new Error('A query came after its write was settled');
      resolve(execute());
    });
  }
}

/**
 * Whether a query only reads, by its first word. A query that begins with `with` may do either, so it counts as a
 * write.
 */
function isRead({ sql }: CompiledQuery): boolean {
  return sql.startsWith('select ');
}

/** Refuses a body that awaits anything but its own queries: queries settle within one turn of the event loop. */
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
