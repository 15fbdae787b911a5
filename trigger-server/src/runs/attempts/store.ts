/** The queries of the attempts that have ended and were followed by another one. */
import { query, type ParameterMaker } from '../../storage/query';

export const attemptsQuery = query((db, param: ParameterMaker<{ runId: number }>) =>
  db.selectFrom('attempts').selectAll().where('run_id', '=', param('runId')).orderBy('number'),
);
