/** Queries about the deliveries of all organizations, for the metrics. Each walks through one partial index. */
import { sql } from 'kysely';
import { backlogOf } from '../../storage/backlog';
import { query, type ParameterMaker } from '../../storage/query';

// Literals instead of parameters, so that SQLite uses the partial indexes.
const pending = sql<'pending'>`${sql.lit('pending')}`;
const yes = sql<number>`${sql.lit(1)}`;
const no = sql<number>`${sql.lit(0)}`;

/** Deliveries that were found due, and that no attempt has begun for. */
export const markedQuery = query((db) =>
  backlogOf(
    db,
    db
      .selectFrom('webhook_deliveries')
      .select('next_attempt_at as since')
      .where('status', '=', pending)
      .where('is_due', '=', yes),
  ),
);

/** Deliveries whose time has come and that nobody has found yet. */
export const unmarkedQuery = query((db, param: ParameterMaker<{ now: string }>) =>
  backlogOf(
    db,
    db
      .selectFrom('webhook_deliveries')
      .select('next_attempt_at as since')
      .where('status', '=', pending)
      .where('is_due', '=', no)
      .where('next_attempt_at', '<=', param('now'))
      .orderBy('next_attempt_at'),
  ),
);
