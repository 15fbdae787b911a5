/** The queries of the plans of calls that wait. */
import { query, type ParameterMaker } from '../../storage/query';

export const insertPlanQuery = query(
  (db, param: ParameterMaker<{ runId: number; request: string; schedule: string }>) =>
    db.insertInto('call_plans').values({
      run_id: param('runId'),
      request: param('request'),
      schedule: param('schedule'),
    }),
);

export const planQuery = query((db, param: ParameterMaker<{ runId: number }>) =>
  db
    .selectFrom('call_plans')
    .select(['request', 'schedule', 'revision'])
    .where('run_id', '=', param('runId')),
);

export const changePlanQuery = query(
  (db, param: ParameterMaker<{ runId: number; request: string; schedule: string }>) =>
    db
      .updateTable('call_plans')
      .set((eb) => ({
        request: param('request'),
        schedule: param('schedule'),
        revision: eb('revision', '+', 1),
      }))
      .where('run_id', '=', param('runId')),
);

/** Only while it is as it was read. */
export const claimPlanQuery = query((db, param: ParameterMaker<{ runId: number; revision: number }>) =>
  db
    .updateTable('call_plans')
    .set((eb) => ({ revision: eb('revision', '+', 1) }))
    .where('run_id', '=', param('runId'))
    .where('revision', '=', param('revision')),
);

export const deletePlanQuery = query((db, param: ParameterMaker<{ runId: number }>) =>
  db.deleteFrom('call_plans').where('run_id', '=', param('runId')),
);
