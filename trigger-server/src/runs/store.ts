/** The queries of runs. */
import { textChatMode, type RunReason, type RunStatus } from '@dograh-trigger/shared';
import { sql, type Insertable, type Selectable } from 'kysely';
import { insertedId } from '../storage/columns';
import type { TelephonyProvider } from '../carriers/port/provider';
import { findProvider, providerNames } from '../carriers/registry';
import { query, type ParameterMaker } from '../storage/query';
import type { DialOutcome, MessageState, RunTable } from '../storage/tables/runs';
import type { Session } from '../storage/port';

export type RunRow = Selectable<RunTable>;

export type NewRun = Required<
  Omit<
    Insertable<RunTable>,
    | 'id'
    | 'provider_call_id'
    | 'dial_outcome'
    | 'dial_detail'
    | 'call_duration_seconds'
    | 'gathered_context'
    | 'ringing_steady_at'
    | 'answered_at'
    | 'answered_steady_at'
    | 'completed_at'
    | 'has_transcript'
    | 'message_state'
    | 'recording_key'
    | 'recording_source'
    | 'erased_at'
    | 'artifacts_ready_at'
    | 'cancel_requested_at'
    | 'reason'
    | 'follow_up_at'
    | 'disposition'
    | 'status'
    | 'due_at'
    | 'waiting_for'
    | 'lane'
    | 'expires_at'
    | 'is_scheduled'
    | 'has_plan'
    | 'attempt'
    | 'earlier_seconds'
    | 'dialled_at'
    | 'reference'
    | 'metadata'
    | 'campaign_id'
    | 'campaign_line'
    | 'reported_usage'
  >
>;

const insertRunQuery = query((db, param: ParameterMaker<{ [Column in keyof NewRun]: NewRun[Column] }>) =>
  db
    .insertInto('runs')
    .values({
      organization_id: param('organization_id'),
      agent_id: param('agent_id'),
      definition_id: param('definition_id'),
      name: param('name'),
      mode: param('mode'),
      trigger_mode: param('trigger_mode'),
      trigger_path: param('trigger_path'),
      telephony_configuration_id: param('telephony_configuration_id'),
      called_number: param('called_number'),
      initial_context: param('initial_context'),
      created_at: param('created_at'),
      deadline_at: param('deadline_at'),
      is_recorded: param('is_recorded'),
      caller_number: param('caller_number'),
      language: param('language'),
      voice: param('voice'),
      voicemail: param('voicemail'),
      fallback_from: param('fallback_from'),
      ignored_fields: param('ignored_fields'),
      unresolved_variables: param('unresolved_variables'),
      owner: param('owner'),
      source: param('source'),
      trace: param('trace'),
      api_key_id: param('api_key_id'),
      gathered_context: '{}',
      status: 'initiated',
    })
    .returning('id'),
);

export async function insertRun(session: Session, run: NewRun): Promise<number> {
  return insertedId(await insertRunQuery.first(session, run));
}

/** Of one account. */
export const openCallsQuery = query(
  (db, param: ParameterMaker<{ organizationId: number; configurationId: number }>) =>
    db
      .selectFrom('runs')
      .select((eb) => eb.fn.countAll().as('count'))
      .where('organization_id', '=', param('organizationId'))
      .where('completed_at', 'is', null)
      .where('due_at', 'is', null)
      .where('telephony_configuration_id', '=', param('configurationId')),
);

export const recordDialQuery = query(
  (
    db,
    param: ParameterMaker<{
      id: number;
      outcome: DialOutcome;
      detail: string | null;
      callId: string | null;
      callerNumber: string | null;
      followUpAt: string | null;
      attempt: number;
    }>,
  ) =>
    db
      .updateTable('runs')
      .set({
        dial_outcome: param('outcome'),
        // One that was planned while the dial was under way stands.
        follow_up_at: sql<string | null>`coalesce(${param('followUpAt')}, follow_up_at)`,
        dial_detail: param('detail'),
        // A callback may have reported it before the reply to the dial arrived.
        provider_call_id: sql<string | null>`coalesce(provider_call_id, ${param('callId')})`,
        // The caller ID that the carrier chose, if it did; otherwise the requested one.
        caller_number: sql<string | null>`coalesce(${param('callerNumber')}, caller_number)`,
      })
      .where('id', '=', param('id'))
      .where('attempt', '=', param('attempt')),
);

export const dialOwnersQuery = query((db) =>
  db
    .selectFrom('runs')
    .select('owner')
    .distinct()
    .where('dial_outcome', 'is', null)
    .where('owner', 'is not', null),
);

export const undialledQuery = query((db, param: ParameterMaker<{ owner: string }>) =>
  db
    .selectFrom('runs')
    .select(['id', 'attempt'])
    .where('dial_outcome', 'is', null)
    .where('owner', '=', param('owner'))
    .orderBy('id'),
);

export const abandonDialsQuery = query((db, param: ParameterMaker<{ owner: string; at: string }>) =>
  db
    .updateTable('runs')
    .set({ dial_outcome: 'unknown', follow_up_at: param('at') })
    .where('dial_outcome', 'is', null)
    .where('owner', '=', param('owner')),
);

export const runQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db.selectFrom('runs').selectAll().where('id', '=', param('id')),
);

/** What the state machine reads and writes of a run. */
const runStateColumns = [
  'id',
  'mode',
  'organization_id',
  'agent_id',
  'api_key_id',
  'definition_id',
  'initial_context',
  'called_number',
  'caller_number',
  'status',
  'disposition',
  'gathered_context',
  'provider_call_id',
  'call_duration_seconds',
  'ringing_steady_at',
  'answered_at',
  'answered_steady_at',
  'cancel_requested_at',
  'completed_at',
  'is_recorded',
  'has_transcript',
  'recording_key',
  'artifacts_ready_at',
  'reason',
  'voicemail',
  'message_state',
  'erased_at',
  'trace',
  'has_plan',
  'attempt',
  'earlier_seconds',
  'is_scheduled',
  'campaign_id',
] as const;

export type RunState = Pick<RunRow, (typeof runStateColumns)[number]>;

export const runStateQuery = query((db, param: ParameterMaker<{ id: number }>) =>
  db.selectFrom('runs').select(runStateColumns).where('id', '=', param('id')),
);

export const updateRunStateQuery = query(
  (
    db,
    param: ParameterMaker<{
      id: number;
      status: RunStatus;
      disposition: string | null;
      gatheredContext: string;
      callId: string | null;
      durationSeconds: number | null;
      ringingSteadyAt: string | null;
      answeredAt: string | null;
      answeredSteadyAt: string | null;
      completedAt: string | null;
      hasTranscript: number;
      artifactsReadyAt: string | null;
      reason: RunReason | null;
      messageState: MessageState | null;
      followUpAt: string | null;
    }>,
  ) =>
    db
      .updateTable('runs')
      .set({
        status: param('status'),
        disposition: param('disposition'),
        gathered_context: param('gatheredContext'),
        provider_call_id: param('callId'),
        call_duration_seconds: param('durationSeconds'),
        ringing_steady_at: param('ringingSteadyAt'),
        answered_at: param('answeredAt'),
        answered_steady_at: param('answeredSteadyAt'),
        completed_at: param('completedAt'),
        has_transcript: param('hasTranscript'),
        artifacts_ready_at: param('artifactsReadyAt'),
        reason: param('reason'),
        message_state: param('messageState'),
        follow_up_at: sql<string | null>`coalesce(${param('followUpAt')}, follow_up_at)`,
      })
      .where('id', '=', param('id')),
);

/** What is read of a run that has not ended. */
export const unfinishedColumns = [
  'id',
  'organization_id',
  'definition_id',
  'mode',
  'status',
  'called_number',
  'caller_number',
  'created_at',
  'ringing_steady_at',
  'telephony_configuration_id',
  'provider_call_id',
  'cancel_requested_at',
  'is_recorded',
  'voicemail',
  'attempt',
  'dialled_at',
] as const;

export type UnfinishedRun = Pick<RunRow, (typeof unfinishedColumns)[number]>;

export const unfinishedQuery = query((db) =>
  db
    .selectFrom('runs')
    .select(unfinishedColumns)
    .where('completed_at', 'is', null)
    .where('due_at', 'is', null)
    .where('mode', '<>', textChatMode)
    .orderBy('id'),
);

function followedProviders(): string[] {
  return providerNames.filter((name) => {
    const provider: TelephonyProvider | undefined = findProvider(name);
    return provider?.follow !== undefined;
  });
}

/** Of all accounts. A call without an id is looked for first. */
export const followedQuery = query((db) =>
  db
    .selectFrom('runs')
    .select(unfinishedColumns)
    .where('completed_at', 'is', null)
    .where('due_at', 'is', null)
    .where('provider_call_id', 'is not', null)
    .where('mode', 'in', followedProviders())
    .orderBy('id'),
);

export const openCallQuery = query((db, param: ParameterMaker<{ configurationId: number; callId: string }>) =>
  db
    .selectFrom('runs')
    .select(unfinishedColumns)
    .where('provider_call_id', '=', param('callId'))
    .where('telephony_configuration_id', '=', param('configurationId'))
    .where('completed_at', 'is', null)
    .where('due_at', 'is', null),
);

/** Those that a carrier has or may have placed. */
export const sameNumberQuery = query(
  (
    db,
    param: ParameterMaker<{
      id: number;
      organizationId: number;
      mode: string;
      calledNumber: string;
      since: string;
      until: string;
    }>,
  ) =>
    db
      .selectFrom('runs')
      .select('provider_call_id')
      .where('organization_id', '=', param('organizationId'))
      .where((eb) =>
        eb.or([
          eb.and([eb('created_at', '>=', param('since')), eb('created_at', '<=', param('until'))]),
          eb.and([eb('dialled_at', '>=', param('since')), eb('dialled_at', '<=', param('until'))]),
        ]),
      )
      .where('due_at', 'is', null)
      .where('mode', '=', param('mode'))
      .where('called_number', '=', param('calledNumber'))
      .where('id', '<>', param('id'))
      .where((eb) =>
        eb.or([eb('dial_outcome', 'is', null), eb('dial_outcome', 'in', ['placed', 'unknown'])]),
      ),
);

/** Of all organizations and configurations: two may share one account at the carrier. */
export const callHolderQuery = query((db, param: ParameterMaker<{ mode: string; callId: string }>) =>
  db
    .selectFrom('runs')
    .select('id')
    .where('provider_call_id', '=', param('callId'))
    .where('mode', '=', param('mode'))
    .limit(1),
);

export const identifyQuery = query(
  (db, param: ParameterMaker<{ id: number; attempt: number; callId: string; knownCallId: string | null }>) =>
    db
      .updateTable('runs')
      .set({ provider_call_id: param('callId') })
      .where('id', '=', param('id'))
      .where('attempt', '=', param('attempt'))
      .where('due_at', 'is', null)
      .where('completed_at', 'is', null)
      .where(sql<boolean>`provider_call_id is not distinct from ${param('knownCallId')}`),
);

export const requestCancelQuery = query(
  (db, param: ParameterMaker<{ id: number; attempt: number; at: string }>) =>
    db
      .updateTable('runs')
      .set({ cancel_requested_at: sql<string>`coalesce(cancel_requested_at, ${param('at')})` })
      .where('id', '=', param('id'))
      .where('attempt', '=', param('attempt'))
      .where('due_at', 'is', null)
      .where('completed_at', 'is', null),
);

export const removeCancelQuery = query((db, param: ParameterMaker<{ id: number; at: string }>) =>
  db
    .updateTable('runs')
    .set({ cancel_requested_at: null })
    .where('id', '=', param('id'))
    .where('cancel_requested_at', '=', param('at')),
);
