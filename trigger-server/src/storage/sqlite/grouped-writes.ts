/**
 * Writes that come close together share a transaction and its fsync. Each is still rolled back alone: most of those
 * that fail have changed nothing yet, and where one has, the others run again without it, and it after them. (A
 * savepoint for each would do the same, and cost every write a third of its time.)
 */
import type { CompiledQuery, Kysely } from 'kysely';
import type { Database } from '../schema';
import { isBusy } from './failures';
import type { Connection } from './connection';
import { DamagedDatabase, DatabaseRefusal, type QueryOutcome, type WriteSession } from '../port';

interface PendingWrite {
  /** By the monotonic clock, in milliseconds. */
  askedAt: number;
  body: (session: WriteSession) => Promise<unknown>;
  resolve: (result: never) => void;
  reject: (error: unknown) => void;
}

type Settled = { ok: true; result: unknown } | { ok: false; error: unknown };

/** Only the end of the whole transaction takes back what this write did, or it has ended that transaction. */
class SpoiltError extends Error {
  constructor(
    readonly offender: PendingWrite,
    cause: unknown,
  ) {
    super('A write spoilt the transaction that it shared', { cause });
  }
}

/** For how long a write waits, from when it was asked for, while another program holds the database. */
const patienceMilliseconds = 4000;
const busyPauseMilliseconds = 100;

/**
 * Writes are gathered until a turn of the event loop has brought no more of them, and at most for so many turns. A
 * commit costs an fsync, so under load fewer and larger ones carry more calls; a lone write waits for one turn.
 */
const gatheringTurns = 8;

const endedByDatabase = 'The database ended the transaction';

/** @see Storage.write */
export class GroupedWrites {
  private pending: PendingWrite[] = [];
  /** Batches that begin anew, because one of them had spoilt their transaction. They come first. */
  private again: PendingWrite[][] = [];
  private flushing: Promise<void> | undefined;

  constructor(private readonly connection: Connection) {}

  write<Result>(body: (session: WriteSession) => Promise<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.pending.push({ askedAt: performance.now(), body, resolve, reject });
      this.flushing ??= this.flushNextTurn();
    });
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
      if (await this.begin()) await this.commit(this.takeBatch());
    } while (this.again.length > 0);
    this.flushing = this.pending.length > 0 ? this.flushNextTurn() : undefined;
  }

  /**
   * Waits while another program holds the database, without holding up anything else. What comes in meanwhile waits along,
   * each for its own time: nobody begins to wait when somebody else has waited enough.
   * @returns false when nobody is left who waits.
   */
  private async begin(): Promise<boolean> {
    while (this.pending.length > 0 || this.again.length > 0) {
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

  /** Whoever gains nothing by waiting, or by waiting longer. */
  private refuse(error: unknown): void {
    const since = performance.now() - (isBusy(error) ? patienceMilliseconds : 0);
    const keep = (writes: PendingWrite[]) =>
      writes.filter(({ askedAt, reject }) => {
        if (askedAt > since) return true;
        reject(error);
        return false;
      });
    this.pending = keep(this.pending);
    this.again = this.again.map(keep).filter((batch) => batch.length > 0);
  }

  private takeBatch(): PendingWrite[] {
    const next = this.again.shift();
    if (next !== undefined) return next;
    const batch = this.pending;
    this.pending = [];
    return batch;
  }

  /** All of them in the transaction that has begun; one that would spoil it for the others in its own. */
  private async commit(batch: PendingWrite[]): Promise<void> {
    let outcomes: Settled[];
    try {
      outcomes = await this.settleAll(batch);
      this.connection.control('COMMIT');
    } catch (error) {
      const isSpoilt = error instanceof SpoiltError;
      const cause = isSpoilt ? error.cause : error;
      const failure = this.rollBack(cause);
      // What the database refuses to one (a full disk), it refuses to all: nobody waits for the refusals of others.
      if (isSpoilt && batch.length > 1 && !(cause instanceof DatabaseRefusal)) {
        this.again.unshift(
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

  /** @throws SpoiltError for the first that spoils the transaction. */
  private async settleAll(batch: readonly PendingWrite[]): Promise<Settled[]> {
    const turn = new TurnGuard();
    const outcomes: Settled[] = [];
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
  private async settle(write: PendingWrite, turn: TurnGuard): Promise<Settled> {
    const session = new OneWrite(this.connection);
    let outcome: Settled;
    try {
      outcome = { ok: true, result: await turn.settle(write.body(session)) };
    } catch (error) {
      outcome = { ok: false, error };
    } finally {
      session.end();
    }
    // After some failures (no memory, a full disk) SQLite has rolled back by itself; what came next would be on its own.
    if (!this.connection.inTransaction || (!outcome.ok && session.hasWritten)) {
      throw new SpoiltError(write, outcome.ok ? new Error(endedByDatabase) : outcome.error);
    }
    return outcome;
  }

  /** Gives what went wrong: the failure of the writes, and that of rolling them back, if there was one. */
  private rollBack(failure: unknown): unknown {
    try {
      this.connection.control('ROLLBACK');
      return failure;
    } catch (error) {
      // SQLite may have rolled back by itself. And where it refused the write, nothing of it stays, whatever it says now.
      const isOver = String(error).includes('no transaction is active');
      if (isOver || failure instanceof DatabaseRefusal || failure instanceof DamagedDatabase) return failure;
      return new AggregateError([failure, error], 'A write failed, and so did rolling it back');
    }
  }
}

/** One write's view of the connection: knows whether it has changed anything, and closes when the write is settled. */
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

  /** Nothing is waited for: SQLite has one write at a time, and each sees all of those before it. */
  lock(): Promise<void> {
    return this.settled(() => undefined);
  }

  end(): void {
    this.isOver = true;
  }

  /** The driver is synchronous; a thrown error becomes a rejection. */
  private settled<Result>(execute: () => Result): Promise<Result> {
    return new Promise((resolve) => {
      if (this.isOver) throw new Error('A query came after its write was settled');
      resolve(execute());
    });
  }
}

/** What changed rows is told from what read them by its first word; a query that begins with `with` may do either. */
function isRead({ sql }: CompiledQuery): boolean {
  return sql.startsWith('select ');
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
