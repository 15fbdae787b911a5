/** What is sent to a receiver: the event of a run, or what a webhook node makes of the run. */
import {
  renderTemplate,
  type CallCompletedEvent,
  type JsonObject,
  type JsonValue,
  type Run,
} from '@dograh-trigger/shared';
import { findAgentName } from '../agents/agents';
import { readRun } from '../runs/runs';
import type { Services } from '../services';
import type { DeliveryRequest } from './outbox';

/** Longer than any receiver reads; a template could else multiply a context without end. */
const longestPayload = 1024 * 1024;
const methodsWithBody: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/**
 * The body of a delivery, as of now; empty for a method that has none.
 * @throws RangeError for a payload of more than 1,048,576 characters.
 */
export async function renderBody(
  services: Services,
  delivery: { organizationId: number; runId: number },
  request: DeliveryRequest,
): Promise<string> {
  if (!methodsWithBody.has(request.method)) return '';
  const run = await readRun(services, delivery.organizationId, delivery.runId);
  const now = services.clock.now();
  if (request.payloadTemplate === null) return JSON.stringify(callCompleted(run, now));
  const name = await findAgentName(services.storage.read, run.workflow_id);
  return JSON.stringify(nodePayload(request.payloadTemplate, run, name, now));
}

function callCompleted(run: Run, now: Date): CallCompletedEvent {
  return { type: 'call.completed', timestamp: run.completed_at ?? now.toISOString(), data: run };
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
