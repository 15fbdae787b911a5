/**
 * The connections to PostgreSQL. A restart of PostgreSQL is waited out: whoever needs a connection waits for one, for at
 * most four seconds.
 */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool, types, type PoolClient, type QueryConfig, type QueryResult } from 'pg';
import { isPassing, isSilence, toPortError } from './failures';
import type { NoteTime } from '../timing';

/** As long as a write waits for SQLite's lock. A request is answered with 503 after that. */
const maxWaitMilliseconds = 4000;
const pauseMilliseconds = 100;
/** Longer than any statement of a request or a worker takes, also one that waits for a lock. Migrations and copies have no limit. */
const maxStatementMilliseconds = 6000;
/**
 * When PostgreSQL's machine dies or the network drops packets, a reply never arrives, and TCP waits a quarter of an hour
 * for it. A reply later than this counts as a lost connection. PostgreSQL itself ends a statement earlier.
 */
const maxReplyMilliseconds = 8000;
/** Of `begin`, which keeps nothing: another connection is tried while the caller still waits. */
const maxBeginMilliseconds = 2000;
const maxCommitMilliseconds = 5000;
/** An idle connection that has gone silent is noticed by TCP about ten seconds after this. */
const keepAliveMilliseconds = 10_000;
/**
 * A process that stops in the middle of a write (paused, or cut off from the network) holds its locks no longer than
 * this: PostgreSQL then rolls the write back.
 */
const maxIdleInWriteMilliseconds = 5000;
/** A server prepares a statement once per connection. Filters produce texts without limit; only so many are prepared. */
const maxPreparedTexts = 500;
/**
 * PostgreSQL keeps the plan of a prepared statement until it has analyzed a table again, which it does once a minute. A
 * plan that was made for a small table reads the whole table, however large it has become. So a connection has its plans
 * made anew after so many statements, which costs about 1 % of them.
 */
const statementsPerPlan = 1000;

/** Counts and sums are numbers, as on SQLite. Ids stay below 2^31. */
types.setTypeParser(types.builtins.INT8, Number);
types.setTypeParser(types.builtins.NUMERIC, Number);

/** A point in time, by the monotonic clock, after which waiting is given up. */
export interface Patience {
  readonly until: number;
}

export function newPatience(): Patience {
  return { until: performance.now() + maxWaitMilliseconds };
}

/** Pauses before another try. @returns false when the time is up. */
export async function mayTryAgain({ until }: Patience): Promise<boolean> {
  if (performance.now() >= until) return false;
  await pause(pauseMilliseconds);
  return true;
}

export class Connections {
  private readonly pool: Pool;
  private readonly prepared = new Map<string, string>();
  /** How many statements each connection has run since its plans were made. */
  private readonly planUses = new WeakMap<PoolClient, number>();
  /** When each connection last replied, by the monotonic clock. */
  private readonly repliedAt = new WeakMap<PoolClient, number>();
  /** When a statement was sent that got no reply. */
  private silentAt = -Infinity;
  private isClosed = false;

  /** @param max the number of connections at most. @param onLost is told when an idle connection breaks. */
  constructor(
    url: string,
    max: number,
    onLost: (error: Error) => void,
    private readonly noteTime: NoteTime = () => undefined,
  ) {
    this.pool = new Pool({
      connectionString: url,
      max,
      application_name: 'dograh-trigger',
      connectionTimeoutMillis: maxWaitMilliseconds,
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveMilliseconds,
      lock_timeout: maxWaitMilliseconds,
      statement_timeout: maxStatementMilliseconds,
      idle_in_transaction_session_timeout: maxIdleInWriteMilliseconds,
    });
    // Without a listener, the first restart of PostgreSQL would end the process.
    this.pool.on('error', onLost);
    this.pool.on('connect', (client) => client.on('error', onLost));
  }

  /**
   * Runs `body` with a connection of its own. A connection on which something failed is not used again.
   * @param work what its time counts as. @throws what `body` throws; DatabaseRefusal when there is no connection.
   */
  async use<Result>(
    patience: Patience,
    body: (client: PoolClient) => Promise<Result>,
    work: 'read' | 'write' = 'write',
  ): Promise<Result> {
    const askedAt = performance.now();
    const client = await this.connect(patience);
    const connectedAt = performance.now();
    this.noteTime('connection', connectedAt - askedAt);
    let isSound = false;
    try {
      await this.renewPlans(client);
      const result = await body(client);
      isSound = true;
      this.repliedAt.set(client, performance.now());
      return result;
    } finally {
      client.release(!isSound);
      this.noteTime(work, performance.now() - connectedAt);
    }
  }

  private async connect(patience: Patience): Promise<PoolClient> {
    for (;;) {
      if (this.isClosed) throw new Error('The database is closed');
      try {
        const client = await this.pool.connect();
        // When one connection has gone silent, those that were idle all the while may have, too.
        if ((this.repliedAt.get(client) ?? Infinity) > this.silentAt) return client;
        client.release(true);
      } catch (error) {
        if (!isPassing(error) || !(await mayTryAgain(patience))) throw toPortError(error);
      }
    }
  }

  /** Begins a transaction with a first statement, which has no parameters. */
  async begin(client: PoolClient, statement: string): Promise<void> {
    await this.ask(client, limited(`begin; ${statement}`, maxBeginMilliseconds));
  }

  /** Ends a transaction. */
  async end(client: PoolClient, text: 'commit' | 'rollback'): Promise<void> {
    await this.ask(client, limited(text, maxCommitMilliseconds));
  }

  /** Runs a statement, which the connection prepares once. */
  execute(
    client: PoolClient,
    text: string,
    values: readonly unknown[],
  ): Promise<QueryResult<Record<string, unknown>>> {
    this.planUses.set(client, (this.planUses.get(client) ?? 0) + 1);
    const name = this.nameOf(text);
    const statement = { ...limited(text, maxReplyMilliseconds), values: [...values] };
    return this.ask(client, name === undefined ? statement : { ...statement, name });
  }

  /** Notes when no reply comes in time. */
  private async ask(client: PoolClient, statement: Limited): Promise<QueryResult<Record<string, unknown>>> {
    const sentAt = performance.now();
    try {
      return await client.query<Record<string, unknown>>(statement);
    } catch (error) {
      if (isSilence(error)) this.silentAt = Math.max(this.silentAt, sentAt);
      throw error;
    }
  }

  /** The clock of PostgreSQL's machine, in milliseconds since 1970. */
  async readTime(): Promise<number> {
    const text = 'select (extract(epoch from clock_timestamp()) * 1000)::bigint as now';
    const { rows } = await this.use(newPatience(), (client) => this.execute(client, text, []));
    return Number(rows[0]?.['now']);
  }

  /** https://www.postgresql.org/docs/current/sql-discard.html */
  private async renewPlans(client: PoolClient): Promise<void> {
    if ((this.planUses.get(client) ?? 0) < statementsPerPlan) return;
    this.planUses.set(client, 0);
    await this.ask(client, limited('discard plans', maxBeginMilliseconds));
  }

  private nameOf(text: string): string | undefined {
    const known = this.prepared.get(text);
    if (known !== undefined || this.prepared.size >= maxPreparedTexts) return known;
    const name = createHash('sha256').update(text).digest('base64url').slice(0, 24);
    this.prepared.set(text, name);
    return name;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.pool.end();
  }
}

/** The driver knows `query_timeout` of one query; its types lack it. */
interface Limited extends QueryConfig {
  query_timeout: number;
}

function limited(text: string, milliseconds: number): Limited {
  return { text, query_timeout: milliseconds };
}

export type { PoolClient };
