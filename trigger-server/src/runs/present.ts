/** Runs in the form of the API: Dograh's keys, and this server's own keys unless extensions are off. */
import {
  isFinalStatus,
  neverConnectedStatuses,
  type FallbackFrom,
  type JsonObject,
  type Metadata,
  type Run,
  type RunAttempt,
  type WaitingReason,
} from '@dograh-trigger/shared';
import { outcomes } from '../carriers/port/outcomes';
import { artifactKeys, artifactUrls } from './links';
import type { Services } from '../services';
import { initialContext } from './prompt-context';
import { reportedUsageOf } from './reported-usage';
import type { RunEvent } from './run-log';
import type { RunRow } from './store';

type Needs = Pick<Services, 'config' | 'clock' | 'secrets'>;

const neverConnected: ReadonlySet<string> = new Set(neverConnectedStatuses);

/** A run, or its columns in a list, where a context that is too long is null. */
export type ShownRun = Pick<
  RunRow,
  | 'id'
  | 'agent_id'
  | 'definition_id'
  | 'name'
  | 'mode'
  | 'created_at'
  | 'status'
  | 'answered_at'
  | 'completed_at'
  | 'artifacts_ready_at'
  | 'reason'
  | 'disposition'
  | 'fallback_from'
  | 'ignored_fields'
  | 'unresolved_variables'
  | 'voicemail'
  | 'message_state'
  | 'has_transcript'
  | 'recording_key'
  | 'call_duration_seconds'
  | 'called_number'
  | 'caller_number'
  | 'provider_call_id'
  | 'dial_outcome'
  | 'dial_detail'
  | 'trigger_path'
  | 'source'
  | 'api_key_id'
  | 'erased_at'
  | 'due_at'
  | 'waiting_for'
  | 'expires_at'
  | 'attempt'
  | 'campaign_id'
  | 'reference'
  | 'metadata'
  | 'reported_usage'
> & { initial_context: string | null; gathered_context: string | null; api_key_name: string | null };

/** What is read of a run beside its columns. */
export interface RunDetails {
  events: readonly RunEvent[];
  attempts: RunAttempt[];
}

/** @param details null in a list, which has neither events nor links to files, as in Dograh. */
export function presentRun(services: Needs, row: ShownRun, details: RunDetails | null): Run {
  const duration = row.call_duration_seconds;
  const ended = isFinalStatus(row.status);
  const reported = reportedUsageOf(row);
  return {
    id: row.id,
    workflow_id: row.agent_id,
    name: row.name,
    mode: row.mode,
    created_at: row.created_at,
    definition_id: row.definition_id,
    call_type: 'outbound',
    is_completed: ended,
    ...extensionFields(services, row, details?.attempts ?? null),
    ...(details === null ? artifactKeys(row) : artifactUrls(services, row)),
    usage_info:
      ended && details !== null
        ? { llm: {}, tts: {}, stt: {}, ...reported.usage, call_duration_seconds: duration }
        : null,
    cost_info: ended ? { dograh_token_usage: 0, ...reported.cost, call_duration_seconds: duration } : null,
    ...contexts(row),
    logs: details === null ? null : logs(details.events),
    annotations: details === null ? null : {},
  };
}

/** The keys that Dograh does not have. @param attempts null in a list. */
export function extensionFields(
  { config, clock }: Pick<Services, 'config' | 'clock'>,
  row: ShownRun,
  attempts: RunAttempt[] | null,
) {
  if (config.extensions.size === 0) return {};
  return {
    status: row.status,
    answered_at: row.answered_at,
    completed_at: row.completed_at,
    artifacts_ready: row.artifacts_ready_at !== null,
    artifacts_ready_at: row.artifacts_ready_at,
    reason: row.reason,
    dial_detail: row.dial_detail,
    source:
      row.source === null
        ? null
        : { kind: row.source, api_key_id: row.api_key_id, api_key_name: row.api_key_name },
    voicemail_left: voicemailLeft(row),
    fallback_from: parseFallback(row.fallback_from),
    ignored_fields: listOf(row.ignored_fields),
    unresolved_variables: listOf(row.unresolved_variables),
    erased_at: row.erased_at,
    waiting_for: waitingFor(row, clock.now()),
    due_at: row.due_at,
    not_after: row.expires_at,
    attempt: row.attempt,
    attempts,
    reference: row.reference,
    metadata: row.metadata === null ? null : (JSON.parse(row.metadata) as Metadata),
  };
}

/** A call that is due and has not been placed waits for a slot, or for its turn at its account or in its campaign. */
function waitingFor(
  {
    due_at: dueAt,
    waiting_for: stored,
    campaign_id: campaignId,
  }: Pick<ShownRun, 'due_at' | 'waiting_for' | 'campaign_id'>,
  now: Date,
): WaitingReason | null {
  if (dueAt === null) return null;
  if (dueAt > now.toISOString()) return stored;
  if (campaignId !== null) return 'campaign';
  return stored === 'pace' ? stored : 'slot';
}

/** Null where no machine answered, as far as is known, or the call does not say what happens then. */
function voicemailLeft(row: Pick<ShownRun, 'voicemail' | 'message_state' | 'disposition'>): boolean | null {
  if (row.message_state === 'left') return true;
  const isMachine = row.disposition === outcomes.voicemail.disposition;
  return row.voicemail !== null && isMachine ? false : null;
}

/** Parses the column `fallback_from`. */
export function parseFallback(text: string | null): FallbackFrom | null {
  return text === null ? null : (JSON.parse(text) as FallbackFrom);
}

function listOf(names: string | null): string[] {
  return names === null ? [] : (JSON.parse(names) as string[]);
}

/**
 * The two contexts of a call. A context that is too long for the list is named in `omitted_fields`; the keys that come
 * from columns are there even then.
 */
export function contexts(row: ShownRun) {
  const { initial_context: initial, gathered_context: gathered } = row;
  const omitted = [
    ...(initial === null ? ['initial_context'] : []),
    ...(gathered === null ? ['gathered_context'] : []),
  ];
  return {
    initial_context: initialContext({ ...row, initial_context: initial ?? '{}' }),
    gathered_context: gatheredContext(row),
    ...(omitted.length === 0 ? {} : { omitted_fields: omitted }),
  };
}

/** The keys that come from columns are last, so that gathered values cannot replace them. */
function gatheredContext(row: ShownRun): JsonObject {
  const gathered = JSON.parse(row.gathered_context ?? '{}') as JsonObject;
  return {
    ...gathered,
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.disposition === null
      ? {}
      : {
          call_disposition: row.disposition,
          mapped_call_disposition: row.disposition,
          call_tags: [...new Set([...callTags(row), ...tagsIn(gathered)])],
        }),
    provider: row.mode,
    triggered_by: 'api',
    ...(isDialUnknown(row) ? { dial_outcome: 'unknown' } : {}),
    ...(row.provider_call_id === null ? {} : { call_id: row.provider_call_id }),
    ...(row.trigger_path === null ? {} : { trigger_uuid: row.trigger_path }),
  };
}

/**
 * Whether it is still unknown if the call was placed. The carrier's first report settles it. A run that this server
 * ended may never get one.
 */
function isDialUnknown({ dial_outcome, provider_call_id, status }: ShownRun): boolean {
  const isReportedOn = provider_call_id !== null || (status !== 'initiated' && status !== 'error');
  return dial_outcome === 'unknown' && !isReportedOn;
}

/** The tags that another server gave to the conversation that it held. */
function tagsIn({ call_tags: tags }: JsonObject): string[] {
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
}

/** Empty until the call has ended. */
export function callTags({
  status,
  disposition,
  answered_at: answeredAt,
}: Pick<ShownRun, 'status' | 'disposition' | 'answered_at'>): string[] {
  if (disposition === null) return [];
  return answeredAt === null && neverConnected.has(status)
    ? ['not_connected', `telephony_${status}`]
    : [disposition];
}

function logs(events: readonly RunEvent[]): JsonObject {
  const payloads = (kind: RunEvent['kind']) =>
    events.filter((event) => event.kind === kind).map(({ payload }) => payload);
  return {
    realtime_feedback_events: payloads('feedback'),
    telephony_status_callbacks: payloads('status_callback'),
  };
}
