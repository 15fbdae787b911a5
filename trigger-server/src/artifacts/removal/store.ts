/** The queries of files and recordings that are to be deleted. */
import type { Selectable } from 'kysely';
import { query, type ParameterMaker } from '../../storage/query';
import type { UnwantedRecordingTable } from '../../storage/tables/artifacts';

export type UnwantedRecording = Selectable<UnwantedRecordingTable>;

export const insertFileQuery = query((db, param: ParameterMaker<{ key: string; dueAt: string }>) =>
  db
    .insertInto('removed_files')
    .values({ key: param('key'), due_at: param('dueAt') })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ due_at: param('dueAt') })),
);

export const dueFilesQuery = query((db, param: ParameterMaker<{ now: string; limit: number }>) =>
  db
    .selectFrom('removed_files')
    .select('key')
    .where('due_at', '<=', param('now'))
    .orderBy('due_at')
    .limit(param('limit')),
);

export const deleteFileQuery = query((db, param: ParameterMaker<{ key: string }>) =>
  db.deleteFrom('removed_files').where('key', '=', param('key')),
);

export const forgetAwaitedQuery = query((db, param: ParameterMaker<{ runId: number }>) =>
  db.deleteFrom('awaited_recordings').where('run_id', '=', param('runId')).returning('run_id'),
);

export const insertRecordingQuery = query(
  (
    db,
    param: ParameterMaker<{
      runId: number;
      organizationId: number;
      configurationId: number;
      url: string;
      at: string;
    }>,
  ) =>
    db
      .insertInto('unwanted_recordings')
      .values({
        run_id: param('runId'),
        organization_id: param('organizationId'),
        telephony_configuration_id: param('configurationId'),
        url: param('url'),
        attempts: 0,
        next_attempt_at: param('at'),
      })
      .onConflict((conflict) => conflict.column('run_id').doNothing()),
);

export const dueRecordingsQuery = query((db, param: ParameterMaker<{ now: string; limit: number }>) =>
  db
    .selectFrom('unwanted_recordings')
    .selectAll()
    .where('next_attempt_at', '<=', param('now'))
    .orderBy('next_attempt_at')
    .limit(param('limit')),
);

export const beginDeletionQuery = query(
  (db, param: ParameterMaker<{ runId: number; attempts: number; seen: number; nextAttemptAt: string }>) =>
    db
      .updateTable('unwanted_recordings')
      .set({ attempts: param('attempts'), next_attempt_at: param('nextAttemptAt') })
      .where('run_id', '=', param('runId'))
      .where('attempts', '=', param('seen')),
);

export const deleteRecordingQuery = query((db, param: ParameterMaker<{ runId: number }>) =>
  db.deleteFrom('unwanted_recordings').where('run_id', '=', param('runId')),
);
