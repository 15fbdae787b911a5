/** The queries of a run's columns about its files. */
import { query, type ParameterMaker } from '../../storage/query';

export const setRecordingKeyQuery = query(
  (db, param: ParameterMaker<{ runId: number; key: string; source: string }>) =>
    db
      .updateTable('runs')
      .set({ recording_key: param('key'), recording_source: param('source') })
      .where('id', '=', param('runId')),
);

export const readyQuery = query((db, param: ParameterMaker<{ runId: number; at: string }>) =>
  db
    .updateTable('runs')
    .set({ artifacts_ready_at: param('at') })
    .where('id', '=', param('runId'))
    .where('completed_at', 'is not', null)
    .where('artifacts_ready_at', 'is', null),
);
