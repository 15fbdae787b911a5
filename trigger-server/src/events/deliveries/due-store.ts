/**
 * The queries that find what is due. A delivery whose time has come is noted as due first, some at a time; then
 * receivers take turns among those that are noted. So neither step passes over a delivery that has to wait, or over a
 * receiver that nothing is due for, however many of them a tenant has.
 */
import { sql } from 'kysely';
import { query, type ParameterMaker } from '../../storage/query';
import type { Session } from '../../storage/port';

// Written into the text of the queries, so that SQLite uses the partial indexes.
const pending = sql<'pending'>`${sql.lit('pending')}`;
const yes = sql<number>`${sql.lit(1)}`;
const no = sql<number>`${sql.lit(0)}`;

const anyQuery = query((db, param: ParameterMaker<{ now: string }>) =>
  db
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('status', '=', pending)
    .where('is_due', '=', no)
    .where('next_attempt_at', '<=', param('now'))
    .limit(1),
);

/** Whether the time of a delivery has come that is not noted yet. */
export async function hasBecomeDue(session: Session, now: string): Promise<boolean> {
  return (await anyQuery.first(session, { now })) !== undefined;
}

const noteQuery = query((db, param: ParameterMaker<{ now: string; limit: number }>) =>
  db
    .updateTable('webhook_deliveries')
    .set({ is_due: yes })
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('webhook_deliveries')
        .select('id')
        .where('status', '=', pending)
        .where('is_due', '=', no)
        .where('next_attempt_at', '<=', param('now'))
        .orderBy('next_attempt_at')
        .limit(param('limit')),
    ),
);

/** Notes deliveries whose time has come, those first that have waited longest; gives how many. */
export function noteDue(session: Session, values: Parameters<typeof noteQuery.changes>[1]): Promise<number> {
  return noteQuery.changes(session, values);
}

export const makeAllEventsDueNowQuery = query((db, param: ParameterMaker<{ now: string }>) =>
  db
    .updateTable('webhook_deliveries')
    .set({ next_attempt_at: param('now') })
    .where('status', '=', pending)
    .where('next_attempt_at', '>', param('now')),
);

export interface DueDelivery {
  receiver: string;
  id: number;
}

// A loose scan: it steps from one receiver to the next through the index, however much is due for each.
const dueQuery = query((db, param: ParameterMaker<{ after: string; limit: number }>) =>
  db
    .withRecursive('receivers(name)', (cte) =>
      cte
        .selectFrom('webhook_deliveries')
        .select((eb) => eb.fn.min<string | null>('receiver').as('name'))
        .where('status', '=', pending)
        .where('is_due', '=', yes)
        .where('receiver', '>', param('after'))
        .unionAll((union) =>
          union
            .selectFrom('receivers')
            .select((eb) =>
              eb
                .selectFrom('webhook_deliveries')
                .select((next) => next.fn.min<string | null>('receiver').as('name'))
                .where('status', '=', pending)
                .where('is_due', '=', yes)
                .whereRef('receiver', '>', 'receivers.name')
                .as('name'),
            )
            .where('receivers.name', 'is not', null),
        ),
    )
    .selectFrom('receivers')
    .select((eb) => [
      eb.ref('name').as('receiver'),
      eb
        .selectFrom('webhook_deliveries')
        .select('id')
        .whereRef('receiver', '=', 'receivers.name')
        .where('status', '=', pending)
        .where('is_due', '=', yes)
        .orderBy('next_attempt_at')
        .orderBy('id')
        .limit(1)
        .as('id'),
    ])
    .where('name', 'is not', null)
    .limit(param('limit')),
);

/**
 * What has been due the longest for each receiver, of those that are noted, in the order of the receivers' names from
 * the first one after `after` on.
 */
export async function listDue(
  session: Session,
  values: Parameters<typeof dueQuery.all>[1],
): Promise<DueDelivery[]> {
  const rows = await dueQuery.all(session, values);
  return rows.flatMap(({ receiver, id }) => (receiver === null || id === null ? [] : [{ receiver, id }]));
}

const dueForQuery = query((db, param: ParameterMaker<{ receiver: string; limit: number }>) =>
  db
    .selectFrom('webhook_deliveries')
    .select('id')
    .where('receiver', '=', param('receiver'))
    .where('status', '=', pending)
    .where('is_due', '=', yes)
    .orderBy('next_attempt_at')
    .orderBy('id')
    .limit(param('limit')),
);

/** Of what is noted as due for this receiver: the ids, what has been due the longest first. */
export async function listDueFor(
  session: Session,
  values: Parameters<typeof dueForQuery.all>[1],
): Promise<number[]> {
  return (await dueForQuery.all(session, values)).map(({ id }) => id);
}
