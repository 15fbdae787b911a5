/**
 * Writes on PostgreSQL. Those that are requested close together share one transaction, its statements and its commit.
 * While a transaction is under way, further writes gather for the next one.
 */
import type { Kysely } from 'kysely';
import { DatabaseRefusal, type Settled, type WriteSession } from '../port';
import type { Database } from '../schema';
import type { CommitMark, CommitMarks } from './commit-marks';
import { mayTryAgain, newPatience, type Connections, type Patience, type PoolClient } from './connections';
import { isConnectionLost, isPassing, toPortError } from './failures';
import { settleTogether, SpoiltError, type Body } from './one-transaction';
import type { Ask } from './set-based';

/** More would compete for the same rows, and each would carry fewer writes. */
const mostTransactions = 2;
/**
 * A transaction of ten writes takes a tenth of the CPU of ten transactions, so writes wait for the end of the one under
 * way. One that waits itself, for a lock of another server, must not delay them for longer than this.
 */
const gatherMilliseconds = 100;
/**
 * While calls come in, the callers of one transaction ask their next writes just after its end: the dial that follows a
 * recorded run, for example. Waiting for them saves a fifth of PostgreSQL's CPU for a call, and their callers a
 * transaction of its own.
 */
const lingerMilliseconds = 2;
/** After a transaction of so many writes, more are on their way. After fewer, nobody waits. */
const busyWrites = 8;
const mostTogether = 200;

interface PendingWrite {
  body: Body;
  patience: Patience;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
}

/** The connection broke at COMMIT. */
class CommitUnknownError extends Error {
  constructor(
    readonly mark: CommitMark,
    readonly outcomes: Settled<unknown>[],
    cause: unknown,
  ) {
    super('The connection broke while a transaction was committed', { cause });
  }
}

export class Writes {
  private pending: PendingWrite[] = [];
  private readonly underWay = new Set<Promise<void>>();
  /** Whether a transaction has not begun yet, and will take the pending writes when it has. */
  private isGathering = false;
  private isClosed = false;
  private lastBegunAt = -Infinity;
  private lastEndedAt = -Infinity;
  /** The number of writes of the last transaction. */
  private lastSize = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly builder: Kysely<Database>,
    private readonly connections: Connections,
    private readonly marks: CommitMarks,
  ) {}

  write<Result>(body: (session: WriteSession) => Promise<Result>): Promise<Result> {
    if (this.isClosed) return Promise.reject(new Error('The database is closed'));
    return new Promise<Result>((resolve, reject) => {
      const settle = resolve as (result: unknown) => void;
      this.pending.push({ body, patience: newPatience(), resolve: settle, reject });
      this.gather();
    });
  }

  /** Waits for the writes under way. Later ones are refused. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.gather();
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  private gather(): void {
    if (this.isGathering || this.pending.length === 0 || this.underWay.size >= mostTransactions) return;
    const gathersFor = this.gathersFor();
    if (gathersFor > 0) {
      this.timer ??= setTimeout(() => {
        this.timer = null;
        this.gather();
      }, gathersFor);
      return;
    }
    this.isGathering = true;
    this.begin(this.writePending());
  }

  /** For how long the pending writes still gather, in milliseconds. */
  private gathersFor(): number {
    const now = performance.now();
    if (this.isClosed) return 0;
    if (this.underWay.size > 0) return this.lastBegunAt + gatherMilliseconds - now;
    return this.lastSize < busyWrites ? 0 : this.lastEndedAt + lingerMilliseconds - now;
  }

  private begin(work: Promise<void>): void {
    const underWay = work.finally(() => {
      this.underWay.delete(underWay);
      this.lastEndedAt = performance.now();
      if (this.timer !== null) clearTimeout(this.timer);
      this.timer = null;
      this.gather();
    });
    this.underWay.add(underWay);
  }

  private async writePending(): Promise<void> {
    let taken: PendingWrite[] | undefined;
    const take = () => {
      if (taken === undefined) {
        this.isGathering = false;
        this.lastBegunAt = performance.now();
        taken = this.pending.splice(0, mostTogether);
        this.lastSize = taken.length;
        this.gather();
      }
      return taken;
    };
    try {
      await this.settle(take, newPatience());
    } catch (error) {
      for (const { reject } of taken ?? this.takeExpired()) reject(toPortError(error));
    }
  }

  /** No transaction could begin. Writes that were requested later may wait for longer. */
  private takeExpired(): PendingWrite[] {
    this.isGathering = false;
    const now = performance.now();
    const expired = this.pending.filter(({ patience }) => patience.until <= now);
    this.pending = this.pending.filter(({ patience }) => patience.until > now);
    return expired;
  }

  /**
   * Runs the transaction again while PostgreSQL restarts, or when two transactions were in each other's way.
   * @throws UnknownCommit when it is not known whether the writes were made; anything else when none was.
   */
  private async settle(take: () => PendingWrite[], patience: Patience): Promise<void> {
    for (;;) {
      try {
        const outcomes = await this.transact(take, patience);
        deliver(take(), outcomes);
        return;
      } catch (error) {
        if (error instanceof SpoiltError) {
          await this.separate(take(), error);
          return;
        }
        if (error instanceof CommitUnknownError) {
          if (await this.marks.isCommitted(error.mark)) {
            deliver(take(), error.outcomes);
            return;
          }
        } else if (!isPassing(error)) throw error;
        if (!(await mayTryAgain(patience))) throw error instanceof CommitUnknownError ? error.cause : error;
      }
    }
  }

  /** The write that failed runs again alone, and the others without it. If it is not known which one, it is searched for. */
  private async separate(writes: PendingWrite[], { offender, cause }: SpoiltError): Promise<void> {
    // What the database refuses, such as a statement that took too long, it would refuse to each of them.
    if (writes.length === 1 || cause instanceof DatabaseRefusal) {
      for (const { reject } of writes) reject(cause);
      return;
    }
    const middle = Math.ceil(writes.length / 2);
    const isFirst = (index: number) => (offender === null ? index < middle : index !== offender);
    const parts = [writes.filter((_, index) => isFirst(index)), writes.filter((_, index) => !isFirst(index))];
    for (const part of parts) {
      try {
        await this.settle(() => part, newPatience());
      } catch (error) {
        for (const { reject } of part) reject(toPortError(error));
      }
    }
  }

  private async transact(take: () => PendingWrite[], patience: Patience): Promise<Settled<unknown>[]> {
    // A spoilt transaction leaves its connection sound, so it is no error to `use`.
    const outcome = await this.connections.use(patience, (client) => this.transactWith(client, take));
    if (outcome instanceof SpoiltError) throw outcome;
    return outcome;
  }

  private async transactWith(
    client: PoolClient,
    take: () => PendingWrite[],
  ): Promise<Settled<unknown>[] | SpoiltError> {
    const mark = await this.marks.begin(client);
    const ask = this.askInOrder(client);
    let outcomes: Settled<unknown>[];
    try {
      outcomes = await settleTogether(
        this.builder,
        ask,
        take().map(({ body }) => body),
      );
    } catch (error) {
      if (!(error instanceof SpoiltError)) throw error;
      await this.connections.end(client, 'rollback');
      this.marks.release(mark);
      return error;
    }
    try {
      await this.connections.end(client, 'commit');
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      throw new CommitUnknownError(mark, outcomes, error);
    }
    this.marks.release(mark);
    return outcomes;
  }

  /** A connection runs one query at a time. */
  private askInOrder(client: PoolClient): Ask {
    let previous: Promise<unknown> = Promise.resolve();
    return (text, values) => {
      const outcome = previous.then(async () => {
        const { rows, rowCount } = await this.connections.execute(client, text, values);
        return { rows, changes: rowCount ?? 0 };
      });
      previous = outcome.catch(() => undefined);
      return outcome;
    };
  }
}

function deliver(writes: readonly PendingWrite[], outcomes: readonly Settled<unknown>[]): void {
  writes.forEach(({ resolve, reject }, index) => {
    const outcome = outcomes[index];
    if (outcome?.ok === true) resolve(outcome.result);
    else reject(outcome?.error);
  });
}
