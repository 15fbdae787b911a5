/**
 * The main job: one request becomes one call. In order: replay a repeat, resolve the agent, resolve telephony,
 * check the number, record the run durably, dial, record the outcome. Nothing else in the server dials.
 */
import type { FallbackFrom, JsonObject, ProblemCode } from '@dograh-trigger/shared';
import { resolveTrigger } from '../agents/resolve-trigger';
import { limitedToCallsOf, mayUseAgent } from '../http/access/key-scope';
import { Problem } from '../problem';
import type { RunRow } from '../runs/runs';
import type { Services } from '../services';
import type { CarrierServices } from '../telephony/tools';
import type { DialOutcome } from '../storage/tables/runs';
import { resolveOutboundRoute } from '../telephony/outbound-route';
import { addCallbackUrl } from '../events/subscriptions/callback-url';
import { parseDestination } from './policy/destination';
import { dialRun } from './dial';
import { findEarlierRun, keyClaim, KeyTakenError } from './idempotency';
import {
  assertAnswerable,
  deadlineOf,
  initialContextOf,
  isRecorded,
  maxCallDurationSeconds,
  ringTimeoutSeconds,
  runNameFor,
  triggerPathOf,
  voicemailFor,
  type CallOrder,
  type PlannedCall,
} from './order';
import { recordRuns, type Placement } from './slots/record-runs';
import { checkSpoken } from './spoken';
import { parseFallback } from '../runs/present';

/** The content of the reply, whatever the outcome of the dial. */
export interface CallReceipt {
  runId: number;
  runName: string;
  agentId: number;
  /** `null` while the dial of an earlier request with the same idempotency key is under way. */
  outcome: DialOutcome | null;
  /** Why nobody was called, in the carrier's words if there are any. */
  refusal: string | null;
  /** If the same request may succeed soon: the reason why it failed now, and when to retry. */
  temporary: { code: ProblemCode; retryAfterSeconds: number } | null;
  /** The telephony provider. */
  mode: string;
  fallbackFrom: FallbackFrom | null;
  replayed: boolean;
  /** Whether the callback URL of this repeat was not added to the call. */
  isCallbackUrlIgnored: boolean;
}

/** @throws Problem for every refusal before the run exists; the outcome of the dial is in the receipt. */
export async function placeCall(
  services: CarrierServices &
    Pick<Services, 'chance' | 'connections' | 'thisProcess' | 'ownDials' | 'followUpAlarm' | 'metrics'>,
  order: CallOrder,
): Promise<CallReceipt> {
  const { organizationId } = order.identity;
  if (order.idempotent !== null) {
    const earlier = await findEarlierRun(services, organizationId, order.idempotent);
    if (earlier !== null) return replay(services, order, earlier);
  }
  const agent = await resolveTrigger(services, organizationId, order.target, order.mode);
  assertMayCall(order, agent.agentId);
  const route = await resolveOutboundRoute(services, organizationId, {
    configurationId: order.request.telephony_configuration_id,
    fromPhoneNumberId: order.request.from_phone_number_id,
  });
  const planned = { order, agent, route, destination: parseDestination(order.request.phone_number) };
  assertAnswerable(planned);

  const context = initialContextOf(planned);
  const promptContext = {
    ...context,
    ...(route.callerNumber === null ? {} : { caller_number: route.callerNumber }),
  };
  const strict = order.request.strict_variables ?? null;
  const voicemail = voicemailFor(planned);
  const unresolved = await checkSpoken(services, agent, promptContext, strict, voicemail?.message ?? null);

  const now = services.clock.now();
  const begunAt = services.clock.steady();
  const runName = runNameFor(services, order);
  let runId: number;
  try {
    const placement = placementOf(services, { ...planned, context, unresolved, runName, now });
    runId = await services.ownDials.add(services.storage.writeTogether(recordRuns, placement));
  } catch (error) {
    if (order.idempotent === null || !(error instanceof KeyTakenError)) throw error;
    // A request with the same key was faster: its run is the answer.
    const earlier = await findEarlierRun(services, organizationId, order.idempotent);
    if (earlier === null) {
      const words = 'An earlier request with this key has just ended and called nobody: send this one again';
      throw new Problem('unavailable', words, { retryAfterSeconds: 1 });
    }
    return replay(services, order, earlier);
  }
  const call = {
    runId,
    recordedAt: now,
    begunAt,
    apiKeyId: order.identity.apiKeyId,
    to: planned.destination.e164,
    ringTimeoutSeconds: ringTimeoutSeconds(planned),
    maxCallDurationSeconds: maxCallDurationSeconds(planned),
    record: isRecorded(planned),
    voicemail: voicemail?.action ?? null,
  };
  const result = await dialRun(services, call, route);
  return {
    runId,
    runName,
    agentId: agent.agentId,
    outcome: result.outcome,
    refusal: 'detail' in result ? result.detail : null,
    temporary:
      result.outcome === 'not_sent'
        ? { code: result.code, retryAfterSeconds: result.retryAfterSeconds }
        : null,
    mode: route.providerName,
    fallbackFrom: route.fallbackFrom,
    replayed: false,
    isCallbackUrlIgnored: false,
  };
}

/** @throws Problem forbidden, with the code `agent_not_allowed`. */
function assertMayCall({ identity }: CallOrder, agentId: number): void {
  if (mayUseAgent(identity, agentId)) return;
  throw new Problem(
    'forbidden',
    'This API key is limited to other agents, so nobody was called. Use a key that may call this agent.',
    { code: 'agent_not_allowed' },
  );
}

/** Answers a repeat from the earlier run. Its callback URL receives the end of the call, too. */
async function replay(
  services: Pick<Services, 'storage' | 'clock' | 'chance'>,
  order: CallOrder,
  run: RunRow,
): Promise<CallReceipt> {
  assertMayCall(order, run.agent_id);
  return {
    isCallbackUrlIgnored: !(await addCallbackUrlOf(services, order, run)),
    runId: run.id,
    runName: run.name,
    agentId: run.agent_id,
    outcome: run.dial_outcome,
    refusal: run.dial_detail,
    temporary: null,
    mode: run.mode,
    fallbackFrom: parseFallback(run.fallback_from),
    replayed: true,
  };
}

/** @returns false if the request has a callback URL that was not added. */
async function addCallbackUrlOf(
  services: Pick<Services, 'storage' | 'clock' | 'chance'>,
  { callbackUrl: url, identity }: CallOrder,
  run: RunRow,
): Promise<boolean> {
  if (url === null) return true;
  const onlyKey = limitedToCallsOf(identity);
  // The event would show the call to a key that may not read it.
  if (onlyKey !== null && onlyKey !== run.api_key_id) return false;
  return services.storage.write(async (session) => {
    // The end of the call, which reads its callback URLs, holds the same lock.
    await session.lock('run', run.id);
    return addCallbackUrl(services, session, run.id, url);
  });
}

interface NewCall extends PlannedCall {
  context: JsonObject;
  unresolved: readonly string[];
  runName: string;
  now: Date;
}

function placementOf(services: Pick<Services, 'clock' | 'thisProcess'>, call: NewCall): Placement {
  const { order, agent, route, destination, now } = call;
  const { organizationId, apiKeyId } = order.identity;
  const voicemail = voicemailFor(call);
  return {
    destination,
    now,
    key: order.idempotent === null ? null : keyClaim(services, organizationId, order.idempotent),
    callbackUrl: order.callbackUrl,
    run: {
      organization_id: organizationId,
      agent_id: agent.agentId,
      definition_id: agent.definitionId,
      name: call.runName,
      mode: route.providerName,
      trigger_mode: order.mode,
      trigger_path: triggerPathOf(order),
      telephony_configuration_id: route.configurationId,
      called_number: destination.e164,
      caller_number: route.callerNumber,
      fallback_from: route.fallbackFrom === null ? null : JSON.stringify(route.fallbackFrom),
      language: order.speech.language,
      voice: order.speech.voice,
      voicemail: voicemail === null ? null : JSON.stringify(voicemail),
      ignored_fields: order.ignoredFields.length === 0 ? null : JSON.stringify(order.ignoredFields),
      unresolved_variables: call.unresolved.length === 0 ? null : JSON.stringify(call.unresolved),
      is_recorded: isRecorded(call) ? 1 : 0,
      initial_context: JSON.stringify(call.context),
      created_at: now.toISOString(),
      deadline_at: deadlineOf(services, call).toISOString(),
      owner: services.thisProcess.id,
      source: order.source,
      trace: order.trace === null ? null : JSON.stringify(order.trace),
      api_key_id: apiKeyId,
    },
  };
}
