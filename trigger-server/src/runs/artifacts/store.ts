/** The queries of a run's columns about its files. */
import { query, type ParameterMaker } from '../../storage/query';

export const setRecordingKeyQuery = query((db, param: ParameterMaker<{ runId: number; key: string }>) =>
  db
    .updateTable('runs')
    .set({ recording_key: param('key') })
    .where('id', '=', param('runId')),
);

export const setRecordingSourceQuery = query((db, param: ParameterMaker<{ runId: number; source: string }>) =>
  db
    .updateTable('runs')
    .set({ recording_source: param('source') })
    .where('id', '=', param('runId'))
    .where('recording_source', 'is', null),
);

export const readyQuery = query((db, param: ParameterMaker<{ runId: number; at: string }>) =>
  db
    .updateTable('runs')
    .set({ artifacts_ready_at: param('at') })
    .where('id', '=', param('runId'))
    .where('completed_at', 'is not', null)
    .where('artifacts_ready_at', 'is', null),
);
