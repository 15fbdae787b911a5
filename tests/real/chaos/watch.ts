/** A connection of its own to PostgreSQL, past the servers: it counts the calls under way all the time. */
import { sleep } from '@dograh-trigger/shared/axios';
import { Pool } from 'pg';

const pauseMilliseconds = 10;

export interface UnfinishedRun {
  id: number;
  /** By the servers' steady clock, when the watchdog ends it. */
  deadline: Date;
}

export class Watch {
  /** The most unfinished runs that were committed at any moment. */
  mostUnfinished = 0;
  private readonly pool: Pool;
  private isClosed = false;
  private readonly watching: Promise<void>;

  constructor(url: string) {
    this.pool = new Pool({ connectionString: url, max: 3 });
    this.pool.on('error', () => undefined);
    this.watching = this.count();
  }

  /** The id of the run that was recorded last. */
  async newestRun(): Promise<number> {
    const [newest] = await this.ask<{ id: string | null }>('select max(id) as id from runs');
    return Number(newest?.id);
  }

  /** The runs after this one whose dial has no outcome yet, and the number that each is to call. */
  async undialledRuns(after: number): Promise<{ id: number; to: string }[]> {
    const rows = await this.ask<{ id: string; called_number: string }>(
      'select id, called_number from runs where id > $1 and completed_at is null and dial_outcome is null',
      [after],
    );
    return rows.map(({ id, called_number: to }) => ({ id: Number(id), to }));
  }

  async unfinishedRuns(): Promise<UnfinishedRun[]> {
    const rows = await this.ask<{ id: string; deadline_at: string }>(
      'select id, deadline_at from runs where completed_at is null order by id',
    );
    return rows.map(({ id, deadline_at }) => ({ id: Number(id), deadline: new Date(deadline_at) }));
  }

  /** The runs that no row has. */
  async missing(runs: readonly number[]): Promise<number[]> {
    const rows = await this.ask<{ id: string }>(
      'select wanted.id from unnest($1::bigint[]) as wanted(id) where not exists (select from runs where runs.id = wanted.id)',
      [runs],
    );
    return rows.map(({ id }) => Number(id));
  }

  /** Counters of unfinished runs that differ from a count at the same moment, in words. */
  async wrongCounters(): Promise<string[]> {
    const rows = await this.ask<{ words: string }>(
      `select concat_ws(' ', 'the counter of organization', id, 'says', open_run_count, 'and there are', counted) as words
       from organizations, lateral (
         select count(*) as counted from runs where organization_id = organizations.id and completed_at is null
       ) as unfinished where open_run_count <> counted`,
    );
    return rows.map(({ words }) => words);
  }

  /** The deliveries of these runs, in words. */
  async deliveries(runs: readonly number[]): Promise<Map<number, string>> {
    const rows = await this.ask<{ run_id: string; words: string }>(
      `select run_id, concat_ws(' ', status, attempt_count, 'attempts, next', next_attempt_at) as words
       from webhook_deliveries where run_id = any($1::bigint[])`,
      [runs],
    );
    return new Map(rows.map(({ run_id, words }) => [Number(run_id), words]));
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.watching;
    await this.pool.end();
  }

  private async count(): Promise<void> {
    while (!this.isClosed) {
      try {
        const { rows } = await this.pool.query<{ count: string }>(
          'select count(*) from runs where completed_at is null',
        );
        this.mostUnfinished = Math.max(this.mostUnfinished, Number(rows[0]?.count));
      } catch {
        // PostgreSQL is down, or its connections were ended.
      }
      await sleep(pauseMilliseconds);
    }
  }

  private async ask<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    for (let tries = 0; ; tries += 1) {
      try {
        return (await this.pool.query<Row>(sql, values)).rows;
      } catch (error) {
        if (tries === 50) throw error;
        await sleep(100);
      }
    }
  }
}
