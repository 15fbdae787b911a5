/** The queries of awaited recordings. */
import type { Selectable } from 'kysely';
import { backlogOf } from '../storage/backlog';
import { unclaimed } from '../storage/claim';
import { query, type ParameterMaker } from '../storage/query';
import type { AwaitedRecordingTable } from '../storage/tables/artifacts';
import type { Session } from '../storage/port';

export type AwaitedRecording = Selectable<AwaitedRecordingTable>;

const awaitQuery = query(
  (db, param: ParameterMaker<{ runId: number; endedAt: string; reportDueAt: string }>) =>
    db
      .insertInto('awaited_recordings')
      .values({ run_id: param('runId'), url: null, attempts: 0, next_attempt_at: param('reportDueAt') })
      .onConflict((conflict) =>
        conflict
          .column('run_id')
          .doUpdateSet({ next_attempt_at: param('endedAt') })
          .where('awaited_recordings.url', 'is not', null)
          .where('awaited_recordings.attempts', '=', 0),
      ),
);

/**
 * Notes that a recording is awaited. If its address is known, it is due at once; otherwise the carrier has until
 * `reportDueAt` to report it.
 */
export function awaitFromEnd(
  session: Session,
  values: { runId: number; endedAt: string; reportDueAt: string },
): Promise<number> {
  return awaitQuery.changes(session, values);
}

const fetchFromEndQuery = query((db, param: ParameterMaker<{ runId: number; endedAt: string }>) =>
  db
    .updateTable('awaited_recordings')
    .set({ next_attempt_at: param('endedAt') })
    .where('run_id', '=', param('runId'))
    .where('url', 'is not', null)
    .where('attempts', '=', 0),
);

/** Makes a recording due whose address is known. */
export function fetchFromEnd(session: Session, values: { runId: number; endedAt: string }): Promise<number> {
  return fetchFromEndQuery.changes(session, values);
}

const announceQuery = query(
  (db, param: ParameterMaker<{ runId: number; url: string; nextAttemptAt: string }>) =>
    db
      .insertInto('awaited_recordings')
      .values({
        run_id: param('runId'),
        url: param('url'),
        attempts: 0,
        next_attempt_at: param('nextAttemptAt'),
      })
      .onConflict((conflict) =>
        conflict
          .column('run_id')
          .doUpdateSet((row) => ({
            url: row.ref('excluded.url'),
            next_attempt_at: row.ref('excluded.next_attempt_at'),
          }))
          .where('awaited_recordings.url', 'is', null),
      ),
);

/** Stores the address of a recording. Only the first reported address counts. */
export function announceRecording(
  session: Session,
  values: { runId: number; url: string; nextAttemptAt: string },
): Promise<number> {
  return announceQuery.changes(session, values);
}

const awaitedQuery = query((db, param: ParameterMaker<{ runId: number }>) =>
  db.selectFrom('awaited_recordings').select('run_id').where('run_id', '=', param('runId')),
);

export async function isAwaited(session: Session, runId: number): Promise<boolean> {
  return (await awaitedQuery.first(session, { runId })) !== undefined;
}

const claimQuery = query((db, param: ParameterMaker<{ now: string; leaseEnd: string; limit: number }>) =>
  db
    .with('due', (cte) =>
      unclaimed(
        db,
        cte
          .selectFrom('awaited_recordings')
          .select('run_id')
          .where('next_attempt_at', '<=', param('now'))
          .orderBy('next_attempt_at')
          .limit(param('limit')),
      ),
    )
    .updateTable('awaited_recordings')
    .set((eb) => ({ attempts: eb('attempts', '+', 1), next_attempt_at: param('leaseEnd') }))
    .where('run_id', 'in', (eb) => eb.selectFrom('due').select('run_id'))
    .returningAll(),
);

/**
 * Claims recordings that are due, for one attempt each, which is counted before it starts. An attempt that neither ends
 * nor keeps its claim counts as lost at `leaseEnd`.
 */
export function claimRecordings(
  session: Session,
  values: { now: string; leaseEnd: string; limit: number },
): Promise<AwaitedRecording[]> {
  return claimQuery.all(session, values);
}

export const backlogQuery = query((db, param: ParameterMaker<{ now: string }>) =>
  backlogOf(
    db,
    db
      .selectFrom('awaited_recordings')
      .select('next_attempt_at as since')
      .where('next_attempt_at', '<=', param('now'))
      .orderBy('next_attempt_at'),
  ),
);

export const makeDueNowQuery = query((db, param: ParameterMaker<{ now: string }>) =>
  db
    .updateTable('awaited_recordings')
    .set({ next_attempt_at: param('now') })
    .where('next_attempt_at', '>', param('now'))
    .where('run_id', 'in', (eb) => eb.selectFrom('runs').select('id').where('completed_at', 'is not', null)),
);

const scheduleQuery = query(
  (db, param: ParameterMaker<{ runId: number; attempts: number; nextAttemptAt: string }>) =>
    db
      .updateTable('awaited_recordings')
      .set({ next_attempt_at: param('nextAttemptAt') })
      .where('run_id', '=', param('runId'))
      .where('attempts', '=', param('attempts')),
);

/** Schedules the next attempt, or keeps the claim for longer. Does nothing if another process has claimed the recording. */
export async function scheduleAttempt(
  session: Session,
  { run_id: runId, attempts }: AwaitedRecording,
  nextAttemptAt: string,
): Promise<void> {
  await scheduleQuery.changes(session, { runId, attempts, nextAttemptAt });
}

const deleteQuery = query((db, param: ParameterMaker<{ runId: number; attempts: number }>) =>
  db
    .deleteFrom('awaited_recordings')
    .where('run_id', '=', param('runId'))
    .where('attempts', '=', param('attempts')),
);

/** Ends the wait for a recording. @returns false if another process has claimed it: then that one ends the wait. */
export async function deleteAwaited(
  session: Session,
  { run_id: runId, attempts }: AwaitedRecording,
): Promise<boolean> {
  return (await deleteQuery.changes(session, { runId, attempts })) > 0;
}
