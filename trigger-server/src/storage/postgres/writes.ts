/** Writes on PostgreSQL: each is a transaction on a connection of its own. */
import type { CompiledQuery, Kysely } from 'kysely';
import { bindable } from '../bindable';
import type { LockName, QueryOutcome, WriteSession } from '../port';
import type { Database } from '../schema';
import { mayTryAgain, newPatience, type Connections, type Patience, type PoolClient } from './connections';
import { isConnectionLost, isPassing, toPortError } from './failures';

type Body<Result> = (session: WriteSession) => Promise<Result>;

/** What became of a transaction whose connection broke while it was committed. */
type Fate = 'committed' | 'rolled back';

/** The connection broke at COMMIT: `transaction` is PostgreSQL's own id of it. */
class CommitUnknownError extends Error {
  constructor(
    readonly transaction: string,
    readonly result: unknown,
    cause: unknown,
  ) {
    super('The connection broke while a transaction was committed', { cause });
  }
}

export class Writes {
  private readonly underWay = new Set<Promise<unknown>>();
  private isClosed = false;

  constructor(
    private readonly builder: Kysely<Database>,
    private readonly connections: Connections,
  ) {}

  async write<Result>(body: Body<Result>): Promise<Result> {
    if (this.isClosed) throw new Error('The database is closed');
    const writing = this.untilSettled(body);
    this.underWay.add(writing);
    try {
      return await writing;
    } finally {
      this.underWay.delete(writing);
    }
  }

  /** Waits for the writes under way. Later ones are refused. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.allSettled(this.underWay);
  }

  /** Runs the transaction again while PostgreSQL restarts, or when two transactions were in each other's way. */
  private async untilSettled<Result>(body: Body<Result>): Promise<Result> {
    const patience = newPatience();
    for (;;) {
      try {
        return await this.connections.use(patience, (client) => this.transact(client, body));
      } catch (error) {
        if (error instanceof CommitUnknownError) {
          if ((await this.fateOf(error.transaction)) === 'committed') return error.result as Result;
        } else if (!isPassing(error)) throw toPortError(error);
        if (!(await mayTryAgain(patience)))
          throw toPortError(error instanceof CommitUnknownError ? error.cause : error);
      }
    }
  }

  private async transact<Result>(client: PoolClient, body: Body<Result>): Promise<Result> {
    await client.query('begin');
    const begun = await client.query<{ id: string }>('select pg_current_xact_id()::text as id');
    const session = new OneWrite(this.builder, this.connections, client);
    let result: Result;
    try {
      result = await session.settle(body);
    } catch (error) {
      await rollBack(client, error);
      throw error;
    }
    try {
      await client.query('commit');
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      throw new CommitUnknownError(begun.rows[0]?.id ?? '', result, error);
    }
    return result;
  }

  /** Asks PostgreSQL, once it is there again. @throws DatabaseRefusal when it does not come back in time. */
  private async fateOf(transaction: string): Promise<Fate> {
    const patience: Patience = newPatience();
    for (;;) {
      const status = await this.connections.use(patience, (client) => statusOf(client, transaction));
      if (status !== 'in progress') return status === 'committed' ? 'committed' : 'rolled back';
      if (!(await mayTryAgain(patience))) throw new Error('A transaction is still being committed');
    }
  }
}

/** https://www.postgresql.org/docs/current/functions-info.html, pg_xact_status. */
async function statusOf(client: PoolClient, transaction: string): Promise<string> {
  try {
    const { rows } = await client.query<{ status: string | null }>(
      'select pg_xact_status($1::text::xid8) as status',
      [transaction],
    );
    return rows[0]?.status ?? 'aborted';
  } catch (error) {
    // After a crash the id may not have been given out at all: then nothing of the transaction was kept.
    if (error instanceof Error && error.message.includes('is in the future')) return 'aborted';
    throw error;
  }
}

/** A connection that cannot roll back is closed by whoever lent it, which rolls back too. */
async function rollBack(client: PoolClient, failure: unknown): Promise<void> {
  if (isConnectionLost(failure)) return;
  await client.query('rollback').catch(() => undefined);
}

const lockNumbers: Record<LockName, number> = { organization: 1, run: 2 };

/** The session of one write. It refuses queries once the write is settled. */
class OneWrite implements WriteSession {
  private isOver = false;
  private queries = 0;
  private refuse: (error: Error) => void = () => undefined;

  constructor(
    readonly builder: Kysely<Database>,
    private readonly connections: Connections,
    private readonly client: PoolClient,
  ) {}

  /** Runs the body. One that awaits anything but its own queries is refused: it would hold its locks meanwhile. */
  settle<Result>(body: Body<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.refuse = reject;
      this.expectQuery();
      body(this).then(resolve, reject);
    }).finally(() => {
      this.isOver = true;
    });
  }

  async run<Row>(query: CompiledQuery<Row>): Promise<QueryOutcome<Row>> {
    const { rows, rowCount } = await this.execute(query.sql, query.parameters);
    return { rows: rows as Row[], changes: rowCount ?? 0 };
  }

  async first<Row>(query: CompiledQuery<Row>): Promise<Row | undefined> {
    return (await this.execute(query.sql, query.parameters)).rows[0] as Row | undefined;
  }

  async lock(name: LockName, id: number): Promise<void> {
    await this.execute('select pg_advisory_xact_lock($1::int, $2::int)', [lockNumbers[name], id]);
  }

  private async execute(text: string, parameters: readonly unknown[]) {
    if (this.isOver) throw new Error('A query came after its write was settled');
    const values = parameters.map(bindable);
    this.queries += 1;
    try {
      return await this.connections.execute(this.client, text, values);
    } catch (error) {
      throw isPassing(error) ? error : toPortError(error);
    } finally {
      this.queries -= 1;
      this.expectQuery();
    }
  }

  /** A body goes on in the same turn of the event loop: it asks its next query, or it ends. */
  private expectQuery(): void {
    setImmediate(() => {
      if (this.isOver || this.queries > 0) return;
      this.refuse(new Error('A write awaited something other than its own queries; it was rolled back'));
    });
  }
}
