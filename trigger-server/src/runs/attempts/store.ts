/** The queries of the attempts that have ended and were followed by another one. */
import type { RunReason, RunStatus, WaitingReason } from '@dograh-trigger/shared';
import { sql } from 'kysely';
import { idsOf, type IdList } from '../../storage/id-list';
import { query, type ParameterMaker } from '../../storage/query';
import type { DialOutcome } from '../../storage/tables/runs';

export const attemptsQuery = query((db, param: ParameterMaker<{ runId: number }>) =>
  db.selectFrom('attempts').selectAll().where('run_id', '=', param('runId')).orderBy('number'),
);

export const attemptQuery = query((db, param: ParameterMaker<{ runId: number; number: number }>) =>
  db
    .selectFrom('attempts')
    .selectAll()
    .where('run_id', '=', param('runId'))
    .where('number', '=', param('number')),
);

/** Of all organizations and configurations: two may share one account at the carrier. */
export const callOfAttemptQuery = query((db, param: ParameterMaker<{ mode: string; callId: string }>) =>
  db
    .selectFrom('attempts')
    .select('run_id')
    .where('call_id', '=', param('callId'))
    .where('mode', '=', param('mode'))
    .limit(1),
);

export const insertAttemptQuery = query(
  (
    db,
    param: ParameterMaker<{
      runId: number;
      number: number;
      mode: string;
      configurationId: number;
      callerNumber: string | null;
      callId: string | null;
      dialOutcome: DialOutcome | null;
      status: RunStatus;
      disposition: string | null;
      reason: RunReason | null;
      startedAt: string;
      endedAt: string;
    }>,
  ) =>
    db.insertInto('attempts').values({
      run_id: param('runId'),
      number: param('number'),
      mode: param('mode'),
      telephony_configuration_id: param('configurationId'),
      caller_number: param('callerNumber'),
      call_id: param('callId'),
      dial_outcome: param('dialOutcome'),
      status: param('status'),
      disposition: param('disposition'),
      reason: param('reason'),
      started_at: param('startedAt'),
      ended_at: param('endedAt'),
    }),
);

/** The columns of the call begin again. The caller ID stays, so that the next attempt can show the same. */
export const queueNextQuery = query(
  (
    db,
    param: ParameterMaker<{ id: number; dueAt: string; waitingFor: WaitingReason; earlierSeconds: number }>,
  ) =>
    db
      .updateTable('runs')
      .set((eb) => ({
        attempt: eb('attempt', '+', 1),
        earlier_seconds: param('earlierSeconds'),
        status: 'queued' as const,
        due_at: param('dueAt'),
        waiting_for: param('waitingFor'),
        dialled_at: null,
        owner: null,
        follow_up_at: null,
        dial_outcome: null,
        dial_detail: null,
        provider_call_id: null,
        disposition: null,
        reason: null,
        gathered_context: '{}',
        call_duration_seconds: null,
        ringing_steady_at: null,
        answered_at: null,
        answered_steady_at: null,
        completed_at: null,
        has_transcript: sql.lit(0),
        message_state: null,
        recording_source: null,
        reported_usage: null,
      }))
      .where('id', '=', param('id')),
);

/** What became known of a dial after its attempt had ended. */
export const noteDialQuery = query(
  (
    db,
    param: ParameterMaker<{ runId: number; number: number; outcome: DialOutcome; callId: string | null }>,
  ) =>
    db
      .updateTable('attempts')
      .set({
        dial_outcome: param('outcome'),
        call_id: sql<string | null>`coalesce(call_id, ${param('callId')})`,
      })
      .where('run_id', '=', param('runId'))
      .where('number', '=', param('number')),
);

export const deleteAttemptsQuery = query((db, param: ParameterMaker<IdList>) =>
  db.deleteFrom('attempts').where('run_id', 'in', idsOf(param)),
);

export const eraseAttemptsQuery = query((db, param: ParameterMaker<{ runId: number }>) =>
  db.updateTable('attempts').set({ call_id: null, caller_number: null }).where('run_id', '=', param('runId')),
);
