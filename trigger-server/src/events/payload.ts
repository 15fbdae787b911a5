/** Renders the body for a receiver: the event of a run, or the payload of a webhook node. */
import {
  callMarker,
  renderTemplate,
  type CallAnsweredEvent,
  type CallArtifactsReadyEvent,
  type CallAttemptEndedEvent,
  type CallCompletedEvent,
  type JsonObject,
  type JsonValue,
  type Run,
} from '@dograh-trigger/shared';
import { findAgentName } from '../agents/known-agents';
import { shortTranscriptOf } from '../artifacts/transcript';
import { findOwnRun, readOwnRun } from '../runs/runs';
import type { Services } from '../services';
import { eventOf, type DeliveryRequest } from './outbox';

/** The most characters of a payload. Without a limit, a template could multiply a large context. */
const longestPayload = 1024 * 1024;
const methodsWithBody: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/**
 * Renders the body of a delivery from the current state of the run; empty for a method without a body.
 * @param delivery `owedSince`: when it was inserted.
 * @throws RangeError for a payload of more than 1,048,576 characters.
 */
export async function renderBody(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'secrets'>,
  delivery: { organizationId: number; runId: number; owedSince: string },
  request: DeliveryRequest,
): Promise<string> {
  if (!methodsWithBody.has(request.method)) return '';
  const stored = await readOwnRun(services, delivery.organizationId, delivery.runId);
  // To plain Dograh the marker is a value like any other, so it stays.
  const run = services.config.extensions.size === 0 ? stored : withoutMarker(stored);
  if (request.payloadTemplate === null) return JSON.stringify(runEvent(request, run, delivery.owedSince));
  const { read } = services.storage;
  const agentName = await findAgentName(read, run.workflow_id);
  const { campaign_id: campaignId } = await findOwnRun(read, delivery.organizationId, run.id);
  const context = contextOf(run, { agentName, campaignId });
  return JSON.stringify(nodePayload(request.payloadTemplate, run, context, services.clock.now()));
}

/** The marker only serves the client that placed the call, so receivers do not get it. */
function withoutMarker(run: Run): Run {
  const { [callMarker]: _marker, ...context } = run.initial_context ?? {};
  return { ...run, initial_context: context };
}

function runEvent(
  request: DeliveryRequest,
  run: Run,
  owedSince: string,
): CallAnsweredEvent | CallCompletedEvent | CallArtifactsReadyEvent | CallAttemptEndedEvent {
  const type = eventOf(request);
  if (type === 'call.attempt_ended') return attemptEvent(request, run, owedSince);
  // The delivery was inserted when the call was answered, or its files became ready.
  if (type === 'call.answered' || type === 'call.artifacts_ready') {
    return { type, timestamp: owedSince, data: run };
  }
  return { type: 'call.completed', timestamp: run.completed_at ?? owedSince, data: run };
}

/** @throws Error when the run has no such attempt. */
function attemptEvent(
  { attempt: number }: DeliveryRequest,
  run: Run,
  owedSince: string,
): CallAttemptEndedEvent {
  const attempt = run.attempts?.find((one) => one.number === number);
  if (attempt === undefined) throw new Error(`Run ${String(run.id)} has no attempt ${String(number)}`);
  return { type: 'call.attempt_ended', timestamp: attempt.ended_at ?? owedSince, data: run, attempt };
}

/** Renders a payload as Dograh does. `call_disposition` is always added. */
function nodePayload(template: JsonObject, run: Run, context: JsonObject, now: Date): JsonObject {
  const rendered = renderTemplate(template, context, { now, wholeUpTo: longestPayload });
  // Rendering an object yields an object.
  const payload = rendered as JsonObject;
  if (Object.hasOwn(payload, 'call_disposition')) return payload;
  return { ...payload, call_disposition: run.gathered_context?.call_disposition ?? '' };
}

/** What both have said; null until the call has ended, and when nothing was said. Dograh has only its address. */
function transcriptIn({ transcript_url: key, logs }: Run): string | null {
  const events = logs?.realtime_feedback_events;
  if (key == null || !Array.isArray(events)) return null;
  return shortTranscriptOf(events as JsonObject[]);
}

/** The variables of a payload, with Dograh's names. Its `cost_info` is the `usage_info` of a run. */
function contextOf(
  run: Run,
  { agentName, campaignId }: { agentName: string | null; campaignId: number | null },
): JsonObject {
  return {
    workflow_run_id: run.id,
    workflow_run_name: run.name,
    workflow_id: run.workflow_id,
    workflow_name: agentName,
    campaign_id: campaignId,
    call_time: run.created_at,
    initial_context: run.initial_context ?? {},
    gathered_context: run.gathered_context ?? {},
    cost_info: (run.usage_info ?? {}) as Record<string, JsonValue>,
    annotations: run.annotations ?? {},
    extra: {},
    recording_url: run.recording_public_url ?? null,
    transcript_url: run.transcript_public_url ?? null,
    transcript: transcriptIn(run),
    user_recording_url: run.user_recording_public_url ?? null,
    bot_recording_url: run.bot_recording_public_url ?? null,
  };
}
