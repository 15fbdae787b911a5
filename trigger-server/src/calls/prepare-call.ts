/** Everything that is decided about a call before its run is recorded or taken from the queue: its route and its texts. */
import type { JsonObject } from '@dograh-trigger/shared';
import type { RunnableAgent } from '../agents/resolve-trigger';
import type { CallAttempt } from '../carriers/port/call-name';
import type { Services } from '../services';
import { resolveOutboundRoute, type FormerRoute } from '../telephony/outbound-route';
import type { CarrierServices } from '../telephony/tools';
import { answerAccountOf, answerMode } from './carrier/answering';
import { withDefaultAnswer } from './carrier/default-answer';
import type { RecordedCall } from './dial';
import {
  assertAnswerable,
  assertNotEndless,
  deadlineOf,
  initialContextOf,
  isRecorded,
  maxCallDurationSeconds,
  ringTimeoutSeconds,
  voicemailFor,
  type CallOrder,
  type PlannedCall,
} from './order';
import { parseDestination } from './policy/destination';
import { checkSpoken } from './spoken';

export interface PreparedCall extends PlannedCall {
  /** The run's initial context. */
  context: JsonObject;
  /** Variables of the agent's texts without a value. */
  unresolved: readonly string[];
}

/**
 * @param former the route of the attempt before; null: this is the first one.
 * @throws Problem for what makes the call impossible. Nothing has been recorded or dialled.
 */
export async function prepareCall(
  services: CarrierServices & Pick<Services, 'chance' | 'connections' | 'hasModel'>,
  order: CallOrder,
  given: RunnableAgent,
  former: FormerRoute | null = null,
): Promise<PreparedCall> {
  const route = await resolveOutboundRoute(services, order.identity.organizationId, {
    mode: answerMode(given.configurations),
    configurationId: order.request.telephony_configuration_id,
    answerAccountId: answerAccountOf(given.configurations),
    fromPhoneNumberId: order.request.from_phone_number_id,
    former,
  });
  const { organizationId } = order.identity;
  const agent = {
    ...given,
    configurations: await withDefaultAnswer(
      services,
      services.storage.read,
      organizationId,
      route.provider,
      given,
    ),
  };
  const planned = { order, agent, route, destination: parseDestination(order.request.phone_number) };
  assertNotEndless(planned);
  assertAnswerable(planned);
  const context = initialContextOf(planned);
  const promptContext = {
    ...context,
    ...(route.callerNumber === null ? {} : { caller_number: route.callerNumber }),
  };
  const strict = order.request.strict_variables ?? null;
  const message = voicemailFor(planned)?.message ?? null;
  const unresolved = await checkSpoken(services, agent, promptContext, strict, message);
  return { ...planned, context, unresolved };
}

/** The columns of a run that are decided at its dial. */
export function dialColumns(services: Pick<Services, 'clock' | 'thisProcess'>, call: PreparedCall) {
  const { agent, route, unresolved } = call;
  const voicemail = voicemailFor(call);
  return {
    definition_id: agent.definitionId,
    mode: route.providerName,
    telephony_configuration_id: route.configurationId,
    caller_number: route.callerNumber,
    fallback_from: route.fallbackFrom === null ? null : JSON.stringify(route.fallbackFrom),
    voicemail: voicemail === null ? null : JSON.stringify(voicemail),
    unresolved_variables: unresolved.length === 0 ? null : JSON.stringify(unresolved),
    is_recorded: isRecorded(call) ? 1 : 0,
    initial_context: JSON.stringify(call.context),
    deadline_at: deadlineOf(services, call).toISOString(),
    owner: services.thisProcess.id,
  };
}

/**
 * @param dial `recordedAt` by the wall clock, `begunAt` by the steady clock: when the run was to be recorded.
 * `planRevision`: null for a call that was not queued.
 */
export function recordedCall(
  call: PreparedCall,
  called: CallAttempt,
  dial: Pick<RecordedCall, 'recordedAt' | 'begunAt' | 'planRevision'>,
): RecordedCall {
  return {
    ...called,
    ...dial,
    notAfter: call.order.schedule.notAfter,
    apiKeyId: call.order.identity.apiKeyId,
    to: call.destination.e164,
    ringTimeoutSeconds: ringTimeoutSeconds(call),
    maxCallDurationSeconds: maxCallDurationSeconds(call),
    record: isRecorded(call),
    voicemail: voicemailFor(call)?.action ?? null,
  };
}
