/** The queries of the times at which a run is due: its deadline and its follow-ups. */
import { sql, type RawBuilder } from 'kysely';
import { unclaimed } from '../../storage/claim';
import { query, type ParameterMaker } from '../../storage/query';
import { unfinishedColumns } from '../store';

export const claimOverdueQuery = query(
  (db, param: ParameterMaker<{ now: string; leaseEnd: string; limit: number }>) =>
    db
      .with('due', (cte) =>
        unclaimed(
          db,
          cte
            .selectFrom('runs')
            .select('id')
            .where('completed_at', 'is', null)
            .where('due_at', 'is', null)
            .where('deadline_at', '<', param('now'))
            .orderBy('id')
            .limit(param('limit')),
        ),
      )
      .updateTable('runs')
      .set({ deadline_at: param('leaseEnd') })
      .where('id', 'in', (eb) => eb.selectFrom('due').select('id'))
      .returning(unfinishedColumns),
);

/** Only while the claim of an overdue run stands: see `claimOverdueRuns`. */
export const postponeQuery = query(
  (db, param: ParameterMaker<{ id: number; leaseEnd: string; deadlineAt: string }>) =>
    db
      .updateTable('runs')
      .set({ deadline_at: param('deadlineAt') })
      .where('id', '=', param('id'))
      .where('deadline_at', '=', param('leaseEnd'))
      .where('due_at', 'is', null)
      .where('completed_at', 'is', null),
);

/** @param others ids as `,3,17,`: lists cannot be bound to a query, and this works on every database. */
function isOfOthers(others: RawBuilder<string>): RawBuilder<boolean> {
  return sql<boolean>`${others} like '%,' || telephony_configuration_id || ',%'`;
}

export const nextFollowUpQuery = query((db, param: ParameterMaker<{ others: string }>) =>
  db
    .selectFrom('runs')
    .select('follow_up_at')
    .where('completed_at', 'is', null)
    .where('follow_up_at', 'is not', null)
    .where((eb) => eb.not(isOfOthers(param('others'))))
    .orderBy('follow_up_at')
    .limit(1),
);

export const claimFollowUpsQuery = query(
  (db, param: ParameterMaker<{ now: string; leaseEnd: string; limit: number; others: string }>) =>
    db
      .with('due', (cte) =>
        unclaimed(
          db,
          cte
            .selectFrom('runs')
            .select('id')
            .where('completed_at', 'is', null)
            .where('follow_up_at', '<=', param('now'))
            .where((eb) => eb.not(isOfOthers(param('others'))))
            .orderBy('follow_up_at')
            .limit(param('limit')),
        ),
      )
      .updateTable('runs')
      .set({ follow_up_at: param('leaseEnd') })
      .where('id', 'in', (eb) => eb.selectFrom('due').select('id'))
      .returning(unfinishedColumns),
);

export const planFollowUpQuery = query(
  (db, param: ParameterMaker<{ runId: number; attempt: number; at: string | null }>) =>
    db
      .updateTable('runs')
      .set({ follow_up_at: param('at') })
      .where('id', '=', param('runId'))
      .where('attempt', '=', param('attempt'))
      .where('due_at', 'is', null)
      .where('completed_at', 'is', null),
);

/** A call that is being dialled has no follow-up yet. */
export const followUpAllQuery = query((db, param: ParameterMaker<{ at: string }>) =>
  db
    .updateTable('runs')
    .set({ follow_up_at: param('at') })
    .where('completed_at', 'is', null)
    .where('due_at', 'is', null)
    .where('dial_outcome', 'is not', null),
);
