/**
 * What became of a transaction whose connection broke at COMMIT. Each transaction writes a mark of its own, so the mark is
 * there if, and only if, the transaction was committed. PostgreSQL's own id of a transaction does not say it: after a
 * crash, PostgreSQL may have used the id of a lost transaction again.
 */
import { randomUUID } from 'node:crypto';
import { sql, type CompiledQuery, type Kysely } from 'kysely';
import { UnknownCommit } from '../port';
import type { Database } from '../schema';
import { mayTryAgain, newPatience, type Connections, type Patience, type PoolClient } from './connections';
import { isPassing } from './failures';

/** The mark of one transaction. */
export interface CommitMark {
  /** The row. Two transactions under way never share one, since the second would wait for the first. */
  readonly place: string;
  readonly token: string;
}

/** After so long, no process asks for a mark any more. */
const keptSeconds = 86_400;
const now = 'extract(epoch from now())::bigint';

export class CommitMarks {
  private readonly freePlaces: string[] = [];

  constructor(
    private readonly builder: Kysely<Database>,
    private readonly connections: Connections,
  ) {}

  /**
   * Begins a transaction that writes a mark, in one round trip.
   * @returns its mark. `release` it when the transaction has ended on a connection that is sound.
   */
  async begin(client: PoolClient): Promise<CommitMark> {
    const mark = { place: this.freePlaces.pop() ?? randomUUID(), token: randomUUID() };
    await this.connections.begin(
      client,
      `insert into commit_marks (id, token, used_at) values ('${mark.place}', '${mark.token}', ${now}) ` +
        'on conflict (id) do update set token = excluded.token, used_at = excluded.used_at',
    );
    return mark;
  }

  /** The place may be used again. That of a transaction whose connection broke never is: the fate may be asked for later. */
  release({ place }: CommitMark): void {
    this.freePlaces.push(place);
  }

  /**
   * Whether the transaction was committed. Asks PostgreSQL, once it is there again.
   * @throws UnknownCommit when there is no answer in time.
   */
  async isCommitted({ place, token }: CommitMark): Promise<boolean> {
    const patience = newPatience();
    for (;;) {
      try {
        const [last] = await this.run(patience, this.lastToken(place));
        return last?.['token'] === token;
      } catch (error) {
        // Other connections may have broken with the first one, or the transaction is still being committed.
        if (!(error instanceof Error)) throw error;
        if (!isPassing(error) || !(await mayTryAgain(patience)))
          throw new UnknownCommit(error.message, error);
      }
    }
  }

  /** Deletes the marks of processes that have ended. */
  async deleteOld(): Promise<void> {
    const oldest = sql<number>`${sql.raw(now)} - ${sql.lit(keptSeconds)}`;
    await this.run(
      newPatience(),
      this.builder.deleteFrom('commit_marks').where('used_at', '<', oldest).compile(),
    );
  }

  /**
   * Waits for a transaction that still holds the row: its connection broke, and PostgreSQL has not noticed, or is committing
   * it. Then the row has the token of the last transaction that was committed, or is written with a token of nobody.
   */
  private lastToken(place: string): CompiledQuery {
    return this.builder
      .insertInto('commit_marks')
      .values({ id: place, token: '', used_at: sql<number>`${sql.raw(now)}` })
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((existing) => ({ used_at: existing.ref('commit_marks.used_at') })),
      )
      .returning('token')
      .compile();
  }

  private async run(
    patience: Patience,
    { sql: text, parameters }: CompiledQuery,
  ): Promise<Record<string, unknown>[]> {
    const { rows } = await this.connections.use(patience, (client) =>
      this.connections.execute(client, text, parameters),
    );
    return rows;
  }
}
