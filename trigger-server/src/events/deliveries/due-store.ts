/**
 * The queries that find what is due, in two steps. First, deliveries whose time has come are marked as due, some at a
 * time. Then receivers take turns among the marked ones. So no query reads through deliveries that must wait, or through
 * receivers with nothing due, however many a tenant has.
 */
import { sql } from 'kysely';
import { unclaimed } from '../../storage/claim';
import { query, type ParameterMaker } from '../../storage/query';
import type { Session } from '../../storage/port';

// Literals instead of parameters, so that SQLite uses the partial indexes.
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

/** Whether any delivery's time has come that is not marked as due yet. */
export async function hasBecomeDue(session: Session, now: string): Promise<boolean> {
  return (await anyQuery.first(session, { now })) !== undefined;
}

const markQuery = query((db, param: ParameterMaker<{ now: string; limit: number }>) =>
  db
    .with('waiting', (cte) =>
      unclaimed(
        db,
        cte
          .selectFrom('webhook_deliveries')
          .select('id')
          .where('status', '=', pending)
          .where('is_due', '=', no)
          .where('next_attempt_at', '<=', param('now'))
          .orderBy('next_attempt_at')
          .limit(param('limit')),
      ),
    )
    .updateTable('webhook_deliveries')
    .set({ is_due: yes })
    .where('id', 'in', (eb) => eb.selectFrom('waiting').select('id')),
);

/** Marks deliveries whose time has come as due, the longest overdue first. @returns how many. */
export function markDue(session: Session, values: Parameters<typeof markQuery.changes>[1]): Promise<number> {
  return markQuery.changes(session, values);
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

// A loose index scan: it steps from one receiver to the next, however much is due for each.
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

/** The longest overdue of the marked deliveries of each receiver, by the receiver's name, for the names after `after`. */
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

/** The ids of this receiver's deliveries that are marked as due, the longest overdue first. */
export async function listDueFor(
  session: Session,
  values: Parameters<typeof dueForQuery.all>[1],
): Promise<number[]> {
  return (await dueForQuery.all(session, values)).map(({ id }) => id);
}
