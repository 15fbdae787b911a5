/** The queries of results that were not there when their call ended. */
import { sql, type Selectable } from 'kysely';
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

/** What is due: first the oldest of each organization, then the second of each. */
export const dueQuery = query((db, param: ParameterMaker<{ now: string; limit: number }>) =>
  db
    .selectFrom('late_results')
    .innerJoin('runs', 'runs.id', 'late_results.run_id')
    .select(['late_results.run_id', 'runs.organization_id'])
    .where('late_results.next_try_at', '<=', param('now'))
    .orderBy(
      sql`row_number() over (partition by runs.organization_id order by late_results.next_try_at, late_results.run_id)`,
    )
    .orderBy('late_results.next_try_at')
    .limit(param('limit')),
);

/** Claims one that is still due. A try is counted before it starts; one that does not end counts as failed at `leaseEnd`. */
export const claimQuery = query(
  (db, param: ParameterMaker<{ runId: number; now: string; leaseEnd: string }>) =>
    db
      .updateTable('late_results')
      .set((eb) => ({ tries: eb('tries', '+', 1), next_try_at: param('leaseEnd') }))
      .where('run_id', '=', param('runId'))
      .where(sql<boolean>`next_try_at <= ${param('now')}`)
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
