/** The queries of results that were not there when their call ended. */
import type { Selectable } from 'kysely';
import { unclaimed } from '../../storage/claim';
import { query, type ParameterMaker } from '../../storage/query';
import type { LateResultsTable } from '../../storage/tables/calls';

export type LateResults = Selectable<LateResultsTable>;

export const awaitQuery = query(
  (db, param: ParameterMaker<{ runId: number; attempt: number; nextTryAt: string }>) =>
    db
      .insertInto('late_results')
      .values({
        run_id: param('runId'),
        attempt: param('attempt'),
        tries: 0,
        next_try_at: param('nextTryAt'),
      })
      .onConflict((conflict) =>
        conflict
          .column('run_id')
          .doUpdateSet({ attempt: param('attempt'), tries: 0, next_try_at: param('nextTryAt') }),
      ),
);

export const awaitedQuery = query((db, param: ParameterMaker<{ runId: number }>) =>
  db.selectFrom('late_results').select('attempt').where('run_id', '=', param('runId')),
);

/** A try is counted before it starts. One that does not end counts as failed at `leaseEnd`. */
export const claimQuery = query(
  (db, param: ParameterMaker<{ now: string; leaseEnd: string; limit: number }>) =>
    db
      .with('due', (cte) =>
        unclaimed(
          db,
          cte
            .selectFrom('late_results')
            .select('run_id')
            .where('next_try_at', '<=', param('now'))
            .orderBy('next_try_at')
            .limit(param('limit')),
        ),
      )
      .updateTable('late_results')
      .set((eb) => ({ tries: eb('tries', '+', 1), next_try_at: param('leaseEnd') }))
      .where('run_id', 'in', (eb) => eb.selectFrom('due').select('run_id'))
      .returningAll(),
);

export const scheduleQuery = query(
  (db, param: ParameterMaker<{ runId: number; tries: number; nextTryAt: string }>) =>
    db
      .updateTable('late_results')
      .set({ next_try_at: param('nextTryAt') })
      .where('run_id', '=', param('runId'))
      .where('tries', '=', param('tries')),
);

export const deleteQuery = query((db, param: ParameterMaker<{ runId: number; tries: number }>) =>
  db.deleteFrom('late_results').where('run_id', '=', param('runId')).where('tries', '=', param('tries')),
);
