/**
 * Writes that come close together share a transaction and its fsync. Each is still rolled back alone: most of those
 * that fail have changed nothing yet, and where one has, the others run again without it, and it after them. (A
 * savepoint for each would do the same, and cost every write a third of its time.)
 */
import type { CompiledQuery, Kysely } from 'kysely';
import type { Database } from './schema';
import type { Connection } from './sqlite-connection';
import type { QueryOutcome, Session } from './storage';

interface PendingWrite {
  body: (session: Session) => Promise<unknown>;
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

/** For how long another program that holds the database is waited for: 5 s. */
const busyPauseMilliseconds = 100;
const busyAttempts = 50;

/**
 * Writes are gathered until a turn of the event loop has brought no more of them, and at most for so many turns. A
 * commit costs an fsync, so under load fewer and larger ones carry more calls; a lone write waits for one turn.
 */
const gatheringTurns = 8;

const endedByDatabase = 'The database ended the transaction';

/** Whether another connection holds the file. */
export function isBusy(error: unknown): boolean {
  // With its extended codes, such as SQLITE_BUSY_RECOVERY after another program has crashed.
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

/** @see Storage.write */
export class GroupedWrites {
  private pending: PendingWrite[] = [];
  private flushing: Promise<void> | undefined;

  constructor(private readonly connection: Connection) {}

  write<Result>(body: (session: Session) => Promise<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.pending.push({ body, resolve, reject });
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
    const batch = this.pending;
    this.pending = [];
    await this.commit(batch);
    this.flushing = this.pending.length > 0 ? this.flushNextTurn() : undefined;
  }

  /** All of them in one transaction; one that would spoil it for the others in its own. */
  private async commit(batch: PendingWrite[]): Promise<void> {
    let outcomes: Settled[];
    try {
      await this.begin();
      outcomes = await this.settleAll(batch);
      this.connection.control('COMMIT');
    } catch (error) {
      const isSpoilt = error instanceof SpoiltError;
      const failure = this.rollBack(isSpoilt ? error.cause : error);
      if (isSpoilt && batch.length > 1) {
        await this.commit(batch.filter((write) => write !== error.offender));
        await this.commit([error.offender]);
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

  /** Waits while another program holds the database, without holding up anything else. */
  private async begin(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.connection.control('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        if (!isBusy(error) || attempt === busyAttempts) throw error;
        await new Promise((resolve) => setTimeout(resolve, busyPauseMilliseconds));
      }
    }
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
    const session = new WriteSession(this.connection);
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
      // SQLite may have rolled back by itself.
      if (String(error).includes('no transaction is active')) return failure;
      return new AggregateError([failure, error], 'A write failed, and so did rolling it back');
    }
  }
}

/** One write's view of the connection: knows whether it has changed anything, and closes when the write is settled. */
class WriteSession implements Session {
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
