/** What is sent to a receiver: the event of a run, or what a webhook node makes of the run. */
import {
  callMarker,
  renderTemplate,
  type CallArtifactsReadyEvent,
  type CallCompletedEvent,
  type JsonObject,
  type JsonValue,
  type Run,
} from '@dograh-trigger/shared';
import { findAgentName } from '../agents/known-agents';
import { readRun } from '../runs/runs';
import type { Services } from '../services';
import { eventOf, type DeliveryRequest } from './outbox';

/** Longer than any receiver reads; a template could else multiply a context without end. */
const longestPayload = 1024 * 1024;
const methodsWithBody: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/**
 * The body of a delivery, as of now; empty for a method that has none.
 * @param delivery `owedSince`: when it was written.
 * @throws RangeError for a payload of more than 1,048,576 characters.
 */
export async function renderBody(
  services: Pick<Services, 'config' | 'storage' | 'clock' | 'secrets'>,
  delivery: { organizationId: number; runId: number; owedSince: string },
  request: DeliveryRequest,
): Promise<string> {
  if (!methodsWithBody.has(request.method)) return '';
  const stored = await readRun(services, delivery.organizationId, delivery.runId);
  // Plain Dograh knows no marker: to it this is a value like any other.
  const run = services.config.extensions.size === 0 ? stored : withoutMarker(stored);
  if (request.payloadTemplate === null) return JSON.stringify(runEvent(request, run, delivery.owedSince));
  const name = await findAgentName(services.storage.read, run.workflow_id);
  return JSON.stringify(nodePayload(request.payloadTemplate, run, name, services.clock.now()));
}

/** What tells a client its own call again is nothing to a receiver. */
function withoutMarker(run: Run): Run {
  const { [callMarker]: _marker, ...context } = run.initial_context ?? {};
  return { ...run, initial_context: context };
}

function runEvent(
  request: DeliveryRequest,
  run: Run,
  owedSince: string,
): CallCompletedEvent | CallArtifactsReadyEvent {
  // It was written by what made the files ready.
  if (eventOf(request) === 'call.artifacts_ready') {
    return { type: 'call.artifacts_ready', timestamp: owedSince, data: run };
  }
  return { type: 'call.completed', timestamp: run.completed_at ?? owedSince, data: run };
}

/** As Dograh renders it; `call_disposition` is always there. */
function nodePayload(template: JsonObject, run: Run, agentName: string | null, now: Date): JsonObject {
  const rendered = renderTemplate(template, contextOf(run, agentName), { now, wholeUpTo: longestPayload });
  // What comes of an object is an object.
  const payload = rendered as JsonObject;
  if (Object.hasOwn(payload, 'call_disposition')) return payload;
  return { ...payload, call_disposition: run.gathered_context?.call_disposition ?? '' };
}

/** Dograh's names. Its `cost_info` is what a run shows as `usage_info`. */
function contextOf(run: Run, agentName: string | null): JsonObject {
  return {
    workflow_run_id: run.id,
    workflow_run_name: run.name,
    workflow_id: run.workflow_id,
    workflow_name: agentName,
    campaign_id: null,
    call_time: run.created_at,
    initial_context: run.initial_context ?? {},
    gathered_context: run.gathered_context ?? {},
    cost_info: (run.usage_info ?? {}) as Record<string, JsonValue>,
    annotations: run.annotations ?? {},
    extra: {},
    recording_url: run.recording_public_url ?? null,
    transcript_url: run.transcript_public_url ?? null,
    user_recording_url: run.user_recording_public_url ?? null,
    bot_recording_url: run.bot_recording_public_url ?? null,
  };
}
