/**
 * Writes that come close together share a transaction and its fsync. Each is still rolled back alone: most of those
 * that fail have changed nothing yet, and where one has, it is left out and the others run again. (A savepoint for
 * each would do the same, and cost every write a third of its time.)
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

type Settled =
  | { ok: true; spoils: false; result: unknown }
  /** `spoils`: it wrote before it failed, which only the end of the whole transaction takes back. */
  | { ok: false; spoils: boolean; error: unknown };

/** For how long another program that holds the database is waited for: 5 s. */
const busyPauseMilliseconds = 100;
const busyAttempts = 50;

/**
 * Writes are gathered until a turn of the event loop has brought no more of them, and at most for so many turns. A
 * commit costs an fsync, so under load fewer and larger ones carry more calls; a lone write waits for one turn.
 */
const gatheringTurns = 8;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY';
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

  /** All of them in one transaction, or, where one would spoil it for the others, each in its own. */
  private async commit(batch: PendingWrite[]): Promise<void> {
    const outcomes: Settled[] = [];
    let isSpoilt = false;
    try {
      await this.begin();
      const turn = new TurnGuard();
      try {
        for (const { body } of batch) {
          const outcome = await this.settle(body, turn);
          isSpoilt = outcome.spoils;
          if (outcome.spoils) throw outcome.error;
          outcomes.push(outcome);
        }
      } finally {
        turn.end();
      }
      this.connection.control('COMMIT');
    } catch (error) {
      const failure = this.rollBack(error);
      if (isSpoilt && batch.length > 1) for (const write of batch) await this.commit([write]);
      else for (const { reject } of batch) reject(failure);
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

  private async settle(body: (session: Session) => Promise<unknown>, turn: TurnGuard): Promise<Settled> {
    const session = new WriteSession(this.connection);
    try {
      return { ok: true, spoils: false, result: await turn.settle(body(session)) };
    } catch (error) {
      return { ok: false, spoils: session.hasWritten, error };
    } finally {
      session.end();
    }
  }

  /** Gives what went wrong: the failure of the writes, and that of rolling them back, if there was one. */
  private rollBack(failure: unknown): unknown {
    try {
      this.connection.control('ROLLBACK');
      return failure;
    } catch (error) {
      // SQLite has already rolled back by itself after some failures (a full disk, for one).
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
    return this.note(query) ?? this.connection.run(query);
  }

  first<Row>(query: CompiledQuery<Row>): Promise<Row | undefined> {
    return this.note(query) ?? this.connection.first(query);
  }

  end(): void {
    this.isOver = true;
  }

  private note({ sql }: CompiledQuery): Promise<never> | undefined {
    if (this.isOver) return Promise.reject(new Error('A query came after its write was settled'));
    if (!sql.startsWith('select ')) this.hasWritten = true;
    return undefined;
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
