/** Work that waits in the database, for the metrics. */
import { sql, type Kysely, type SelectQueryBuilder } from 'kysely';
import type { Database } from './schema';

export interface Backlog {
  /** How much is due, up to 10,000. */
  count: number;
  /** Since when the oldest of it is due; null when nothing is. */
  oldest: string | null;
}

/** A longer backlog is not counted to its end, so that counting never holds up the server. */
const mostCounted = 10_000;

/** @param due selects `since` of everything that is due. */
export function backlogOf<Tables extends keyof Database>(
  db: Kysely<Database>,
  due: SelectQueryBuilder<Database, Tables, { since: string | null }>,
) {
  return db
    .selectFrom(due.limit(sql.lit(mostCounted)).as('due'))
    .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.min<string | null>('since').as('oldest')]);
}
