/** The queries of queued runs: those with a due time. They take no slot. */
import type { RunReason, RunStatus, WaitingReason } from '@dograh-trigger/shared';
import { sql } from 'kysely';
import { query, type ParameterMaker } from '../../storage/query';

export const queueQuery = query(
  (
    db,
    param: ParameterMaker<{
      id: number;
      dueAt: string;
      waitingFor: WaitingReason;
      lane: string;
      expiresAt: string | null;
    }>,
  ) =>
    db
      .updateTable('runs')
      .set({
        status: 'queued',
        due_at: param('dueAt'),
        waiting_for: param('waitingFor'),
        lane: param('lane'),
        expires_at: param('expiresAt'),
        is_scheduled: 1,
        has_plan: 1,
        owner: null,
      })
      .where('id', '=', param('id')),
);

export const planQuery = query(
  (db, param: ParameterMaker<{ id: number; lane: string; expiresAt: string | null }>) =>
    db
      .updateTable('runs')
      .set({ lane: param('lane'), expires_at: param('expiresAt'), has_plan: 1 })
      .where('id', '=', param('id')),
);

export const labelQuery = query(
  (db, param: ParameterMaker<{ id: number; reference: string | null; metadata: string | null }>) =>
    db
      .updateTable('runs')
      .set({ reference: param('reference'), metadata: param('metadata') })
      .where('id', '=', param('id')),
);

/** Walks from lane to lane through the index, and not through the queue. */
export const lanesQuery = query((db) =>
  db
    .withRecursive('lanes', (cte) =>
      cte
        .selectFrom('runs')
        .select((eb) => eb.fn.min('lane').as('lane'))
        .where('due_at', 'is not', null)
        .unionAll(
          cte
            .selectFrom('lanes')
            .select((eb) =>
              eb
                .selectFrom('runs')
                .select((run) => run.fn.min('runs.lane').as('lane'))
                .where('runs.due_at', 'is not', null)
                .whereRef('runs.lane', '>', 'lanes.lane')
                .as('lane'),
            )
            .where('lanes.lane', 'is not', null),
        ),
    )
    .selectFrom('lanes')
    .leftJoin('queue_lanes', 'queue_lanes.lane', 'lanes.lane')
    .select((eb) => [
      'lanes.lane',
      'queue_lanes.taken_at',
      eb
        .selectFrom('runs')
        .select((run) => run.fn.min('runs.due_at').as('due_at'))
        .where('runs.due_at', 'is not', null)
        .whereRef('runs.lane', '=', 'lanes.lane')
        .as('due_at'),
    ])
    .where('lanes.lane', 'is not', null),
);

export const headsQuery = query((db, param: ParameterMaker<{ lane: string; now: string; limit: number }>) =>
  db
    .selectFrom('runs')
    .select(['id', 'organization_id', 'due_at', 'waiting_for', 'telephony_configuration_id'])
    .where('lane', '=', param('lane'))
    .where('due_at', '<=', param('now'))
    .orderBy('due_at')
    .orderBy('id')
    .limit(param('limit')),
);

export const takeLaneTurnQuery = query((db, param: ParameterMaker<{ lane: string; at: string }>) =>
  db
    .insertInto('queue_lanes')
    .values({ lane: param('lane'), taken_at: param('at') })
    .onConflict((conflict) => conflict.column('lane').doUpdateSet({ taken_at: param('at') })),
);

/** Of the rows that are still queued as they were read, and have not expired. */
export const takeQuery = query(
  (
    db,
    param: ParameterMaker<{
      id: number;
      dueAt: string;
      now: string;
      definitionId: number;
      mode: string;
      configurationId: number;
      callerNumber: string | null;
      fallbackFrom: string | null;
      voicemail: string | null;
      unresolved: string | null;
      isRecorded: number;
      initialContext: string;
      deadlineAt: string;
      owner: string;
      at: string;
    }>,
  ) =>
    db
      .updateTable('runs')
      .set({
        status: 'initiated',
        due_at: null,
        waiting_for: null,
        dial_outcome: null,
        dial_detail: null,
        definition_id: param('definitionId'),
        mode: param('mode'),
        telephony_configuration_id: param('configurationId'),
        caller_number: param('callerNumber'),
        fallback_from: param('fallbackFrom'),
        voicemail: param('voicemail'),
        unresolved_variables: param('unresolved'),
        is_recorded: param('isRecorded'),
        initial_context: param('initialContext'),
        deadline_at: param('deadlineAt'),
        owner: param('owner'),
        dialled_at: param('at'),
      })
      .where('id', '=', param('id'))
      .where('due_at', '=', param('dueAt'))
      .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', param('now'))])),
);

/** Only while it is queued. */
export const postponeQueuedQuery = query(
  (db, param: ParameterMaker<{ id: number; seenDueAt: string; dueAt: string; waitingFor: WaitingReason }>) =>
    db
      .updateTable('runs')
      .set({ due_at: param('dueAt'), waiting_for: param('waitingFor') })
      .where('id', '=', param('id'))
      .where('due_at', '=', param('seenDueAt')),
);

export const changeQueuedQuery = query(
  (
    db,
    param: ParameterMaker<{
      id: number;
      dueAt: string;
      waitingFor: WaitingReason;
      expiresAt: string | null;
      reference: string | null;
      metadata: string | null;
    }>,
  ) =>
    db
      .updateTable('runs')
      .set({
        due_at: param('dueAt'),
        waiting_for: param('waitingFor'),
        expires_at: param('expiresAt'),
        reference: param('reference'),
        metadata: param('metadata'),
      })
      .where('id', '=', param('id'))
      .where('due_at', 'is not', null),
);

export const returnQuery = query(
  (db, param: ParameterMaker<{ id: number; dueAt: string; waitingFor: WaitingReason; detail: string }>) =>
    db
      .updateTable('runs')
      .set({
        status: 'queued',
        due_at: param('dueAt'),
        waiting_for: param('waitingFor'),
        dial_outcome: null,
        dial_detail: param('detail'),
        follow_up_at: null,
        owner: null,
        dialled_at: null,
      })
      .where('id', '=', param('id'))
      .where('completed_at', 'is', null)
      .where('due_at', 'is', null),
);

export const endQueuedQuery = query(
  (
    db,
    param: ParameterMaker<{
      id: number;
      status: RunStatus;
      reason: RunReason;
      detail: string | null;
      hasTranscript: number;
      at: string;
    }>,
  ) =>
    db
      .updateTable('runs')
      .set({
        status: param('status'),
        disposition: param('status'),
        reason: param('reason'),
        dial_detail: sql<string | null>`coalesce(${param('detail')}, dial_detail)`,
        due_at: null,
        waiting_for: null,
        has_plan: 0,
        has_transcript: param('hasTranscript'),
        call_duration_seconds: sql<number>`earlier_seconds`,
        completed_at: param('at'),
        artifacts_ready_at: param('at'),
      })
      .where('id', '=', param('id'))
      .where('due_at', 'is not', null)
      .returningAll(),
);

export const expiredQuery = query((db, param: ParameterMaker<{ now: string; limit: number }>) =>
  db
    .selectFrom('runs')
    .select('id')
    .where('due_at', 'is not', null)
    .where('expires_at', '<=', param('now'))
    .orderBy('expires_at')
    .limit(param('limit')),
);

/** Not those that wait for an instant by the wall clock: it comes when that clock says so. */
export const dueNowQuery = query((db, param: ParameterMaker<{ now: string }>) =>
  db
    .updateTable('runs')
    .set({ due_at: param('now') })
    .where('due_at', '>', param('now'))
    .where('waiting_for', 'in', ['slot', 'pace', 'carrier']),
);

export const queuedInLaneQuery = query(
  (
    db,
    param: ParameterMaker<{
      organizationId: number;
      lane: string;
      afterDue: string;
      afterId: number;
      limit: number;
    }>,
  ) =>
    db
      .selectFrom('runs')
      .select(['id', 'due_at', 'agent_id', 'reference'])
      .where('lane', '=', param('lane'))
      .where('organization_id', '=', param('organizationId'))
      .where('due_at', 'is not', null)
      .where(sql<boolean>`(due_at, id) > (${param('afterDue')}, ${param('afterId')})`)
      .orderBy('due_at')
      .orderBy('id')
      .limit(param('limit')),
);

export const queuedToNumberQuery = query(
  (
    db,
    param: ParameterMaker<{ organizationId: number; calledNumber: string; before: string; limit: number }>,
  ) =>
    db
      .selectFrom('runs')
      .select('id')
      .where('called_number', '=', param('calledNumber'))
      .where('organization_id', '=', param('organizationId'))
      .where('due_at', '<', param('before'))
      .limit(param('limit')),
);

export const hasDueQuery = query((db, param: ParameterMaker<{ lane: string; now: string }>) =>
  db
    .selectFrom('runs')
    .select('id')
    .where('lane', '=', param('lane'))
    .where('due_at', '<=', param('now'))
    .limit(1),
);
