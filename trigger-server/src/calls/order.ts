/** A call before its run is recorded: the request, the agent, the route and the destination, and what follows from them. */
import type { CallSource, JsonObject, TriggerRequest, Voicemail } from '@dograh-trigger/shared';
import type { CallTarget, RunnableAgent } from '../agents/resolve-trigger';
import { answerModesOf } from '../carriers/answer-modes';
import { isHandedOver } from '../carriers/port/hand-over';
import type { RequestedSpeech } from '../carriers/port/speech';
import type { TraceContext } from '../http/request/trace-context';
import type { Identity } from '../http/route';
import { Problem } from '../problem';
import type { Services } from '../services';
import type { OutboundRoute } from '../telephony/outbound-route';
import {
  answerMode,
  defaultMaxCallDurationSeconds,
  defaultRingTimeoutSeconds,
  longestCallSeconds,
} from './carrier/answering';
import { speechOf, speechRefusal } from './carrier/speech';
import { voicemailRefusal } from './carrier/voicemail';
import type { IdempotentRequest } from './idempotency';
import { buildInitialContext } from './request/initial-context';
import type { Destination } from './policy/destination';
import type { Labels, Schedule } from './waiting/schedule';

export interface CallOrder {
  identity: Identity;
  source: CallSource;
  target: CallTarget;
  mode: 'production' | 'test';
  request: TriggerRequest;
  idempotent: IdempotentRequest | null;
  /** Language and voice of the request. */
  speech: RequestedSpeech;
  /** What the request says about a machine that answers. */
  voicemail: Voicemail | null;
  /** Where the end of the call is reported to its caller. */
  callbackUrl: string | null;
  /** Fields of the request that have no effect, bounded. */
  ignoredFields: readonly string[];
  /** The caller's trace, in which the events of the call continue. */
  trace: TraceContext | null;
  schedule: Schedule;
  labels: Labels;
}

export interface PlannedCall {
  order: CallOrder;
  agent: RunnableAgent;
  route: OutboundRoute;
  destination: Destination;
}

/**
 * What sent the request. It is shown and filtered by, and decides nothing: anyone can send any `User-Agent`.
 * @param userAgent n8n sends `n8n`, our Zapier app `dograh-zapier-app/…`, and Zapier's own webhooks `Zapier`.
 */
export function sourceOf({ sessionId }: Identity, userAgent = ''): CallSource {
  if (sessionId !== null) return 'session';
  if (/^n8n\b/i.test(userAgent)) return 'n8n';
  return /^(?:dograh-)?zapier\b/i.test(userAgent) ? 'zapier' : 'api';
}

export function ringTimeoutSeconds({ agent }: PlannedCall): number {
  return agent.configurations.ring_timeout_seconds ?? defaultRingTimeoutSeconds;
}

export function maxCallDurationSeconds({ agent }: PlannedCall): number {
  return agent.configurations.max_call_duration ?? defaultMaxCallDurationSeconds;
}

/** What happens if a machine answers; null where neither the request nor the agent says it. */
export function voicemailFor({ order, agent }: Pick<PlannedCall, 'order' | 'agent'>): Voicemail | null {
  return order.voicemail ?? agent.configurations.voicemail ?? null;
}

/**
 * Where the carrier cannot record, a call is made all the same, without a recording. A server that holds the call records
 * it by its own rules, and its recording is copied unless the agent says otherwise.
 */
export function isRecorded({ agent, route }: PlannedCall): boolean {
  const { recording_enabled: isWanted = route.provider.follow !== undefined } = agent.configurations;
  return isWanted && route.provider.openRecording !== undefined;
}

/** When the watchdog ends the run: steady time. */
export function deadlineOf({ clock }: Pick<Services, 'clock'>, { agent }: PlannedCall): Date {
  return new Date(clock.steady().getTime() + longestCallSeconds(agent.configurations) * 1000);
}

/** A name in Dograh's form. It is not unique, as in Dograh: the id identifies the run. */
export function runNameFor({ chance }: Pick<Services, 'chance'>, { target, mode }: CallOrder): string {
  if ('agentId' in target) return `WR-TEL-OUT-${String(chance.integer(0, 99_999_999)).padStart(8, '0')}`;
  return `WR-${mode === 'test' ? 'TEST' : 'API'}-${String(chance.integer(1000, 9999))}`;
}

export function triggerPathOf({ target }: CallOrder): string | null {
  return 'triggerUuid' in target ? target.triggerUuid : null;
}

/**
 * Where two servers hand their calls over to each other, one call would be placed again and again.
 * @throws Problem bad_request, with the code `endless_call`.
 */
export function assertNotEndless({ order, route }: PlannedCall): void {
  if (!route.provider.can.includes('hand_over') || !isHandedOver(order.request.initial_context)) return;
  throw new Problem(
    'bad_request',
    `This call was handed over to this server by another one, and '${route.provider.displayName}' would hand it over again, perhaps without end. Nobody was called. Give the agent here another answer, or let the other server use another address.`,
    { code: 'endless_call' },
  );
}

/** @throws Problem not_implemented when the carrier cannot do what the call needs. */
export function assertAnswerable(planned: PlannedCall): void {
  const { order, agent, route } = planned;
  const mode = answerMode(agent.configurations);
  const offered = answerModesOf(route.provider, route.tools);
  if (!offered.includes(mode)) {
    const lacking = mode === 'converse' ? (route.provider.whyNoTalk?.(route.tools) ?? null) : null;
    throw new Problem(
      'not_implemented',
      `Calls through ${route.provider.displayName} cannot be answered with '${mode}'. ${lacking === null ? '' : `${lacking} `}Choose another telephony configuration, or set the agent's answer to ${offered.join(' or ')}.`,
      { code: 'answer_not_supported' },
    );
  }
  const voicemail = voicemailFor(planned);
  if (voicemail !== null) refuseWith(voicemailRefusal(route.provider, mode, voicemail));
  if (mode === 'dograh') refuseWith(speechRefusal(route.provider, route.tools, order.speech));
  const isSpoken = mode === 'announce' || mode === 'converse';
  if (!isSpoken && voicemail?.action !== 'leave_message') return;
  refuseWith(speechRefusal(route.provider, route.tools, speechOf(order.speech, agent.configurations)));
}

function refuseWith(refusal: Problem | null): void {
  if (refusal !== null) throw refusal;
}

/** The run's initial context. */
export function initialContextOf({ order, agent, route, destination }: PlannedCall): JsonObject {
  const triggerPath = triggerPathOf(order);
  return buildInitialContext({
    templateDefaults: agent.templateVariables,
    provider: route.providerName,
    calledNumber: destination.e164,
    triggerMode: order.mode,
    telephonyConfigurationId: route.configurationId,
    fromPhoneNumberId: order.request.from_phone_number_id ?? null,
    identifier: triggerPath ?? agent.agentUuid,
    identifierType: triggerPath === null ? 'workflow_uuid' : 'trigger_path',
    agentUuid: agent.agentUuid,
    apiKeyId: order.identity.apiKeyId,
    apiKeyCreatedBy: order.identity.userId,
    callerContext: order.request.initial_context ?? null,
  });
}
