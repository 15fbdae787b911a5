/** Everything about a queued call is checked again before its dial: it may have waited for months. */
import type { ProblemCode } from '@dograh-trigger/shared';
import { findCallLimits } from '../../accounts/organizations';
import { resolveQueued, type CallTarget, type RunnableAgent } from '../../agents/resolve-trigger';
import { Problem } from '../../problem';
import type { LaneHead, QueueEnd, Wait } from '../../runs/queued/queued-runs';
import { findRun, type RunRow } from '../../runs/runs';
import type { CallAttempt } from '../../carriers/port/call-name';
import { attemptOf } from '../../runs/unfinished-runs';
import type { Services } from '../../services';
import type { FormerRoute } from '../../telephony/outbound-route';
import type { CarrierServices } from '../../telephony/tools';
import type { CallOrder } from '../order';
import { closedRefusal, waitingReasonOf } from '../policy/opening';
import { prepareCall, type PreparedCall } from '../prepare-call';
import { retryOf } from '../redial/settings';
import { findPlan, type CallPlan } from '../waiting/plan';
import { expiry } from '../waiting/leave';
import { noLabels } from '../waiting/schedule';
import { openingNow } from '../policy/opening-now';

/** A queued call that may be placed now. @property revision of its plan. */
export interface ReadyCall {
  called: CallAttempt;
  head: LaneHead;
  call: PreparedCall;
  revision: number;
}

/**
 * What is to happen with a due call, as long as the revision of its plan is this one. `isOfAccount`: other calls of its
 * account would have to wait as well. Null: nothing now, because it is no longer queued as it was read, or its campaign is
 * about to pause.
 */
export type NextStep = { ready: ReadyCall } | ({ revision: number } & (Waiting | { end: QueueEnd })) | null;

interface Waiting {
  wait: Wait;
  isOfAccount: boolean;
}

/**
 * What stops every call of a campaign. Its calls stay in the queue as they are: the campaign pauses, because it finds the
 * same problem, and they are placed once it is resumed.
 */
const stopsCampaign: ReadonlySet<ProblemCode> = new Set([
  'agent_archived',
  'agent_not_found',
  'telephony_not_configured',
  'telephony_not_ready',
  'telephony_configuration_not_found',
  'answer_not_supported',
  'language_not_supported',
  'voice_not_supported',
  'voicemail_not_supported',
]);

/** A call that only the operator or the organization can make possible again is tried again after this time. */
const faultSeconds = 60;

type Needs = CarrierServices & Pick<Services, 'chance' | 'connections'>;

export async function prepareQueued(services: Needs, head: LaneHead): Promise<NextStep> {
  const session = services.storage.read;
  const [run, plan] = await Promise.all([findRun(session, head.id), findPlan(session, head.id)]);
  if (run === undefined || plan === null || run.due_at !== head.dueAt) return null;
  const { revision } = plan;
  const now = services.clock.now();
  if (run.expires_at !== null && run.expires_at <= now.toISOString()) return { end: expiry, revision };
  try {
    return await stepOf(services, head, run, plan);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (run.campaign_id !== null && stopsCampaign.has(error.code)) return null;
    const seconds = error.retryAfterSeconds ?? (isFault(error) ? faultSeconds : null);
    if (seconds === null) return { end: endFor(error), revision };
    const dueAt = new Date(now.getTime() + seconds * 1000);
    return { wait: { dueAt, waitingFor: 'carrier' }, isOfAccount: true, revision };
  }
}

async function stepOf(
  services: Needs,
  head: LaneHead,
  run: RunRow,
  plan: CallPlan & { revision: number },
): Promise<NextStep> {
  const pinned = plan.schedule.pinsVersion ? run.definition_id : null;
  const agent = await resolveQueued(services, run.organization_id, {
    agentId: run.agent_id,
    mode: run.trigger_mode,
    definitionId: pinned,
  });
  const order = orderOf(run, plan, { agentUuid: agent.agentUuid });
  const former = run.attempt === 1 ? null : formerRoute(services, run, plan, agent);
  const call = await prepareCall(services, order, agent, former);
  const session = services.storage.read;
  const limits = await findCallLimits(session, run.organization_id);
  const opening = await openingNow(services, session, limits, call);
  const { revision } = plan;
  if (opening.open) return { ready: { called: attemptOf(run), head, call, revision } };
  // A call that was placed once waits in any case: nobody is there to hear a refusal.
  const mayWait = plan.schedule.outsideHours === 'wait' || run.attempt > 1;
  if (!mayWait || opening.opensAt === null) {
    return { end: endFor(closedRefusal(opening, services.clock.now())), revision };
  }
  const wait = { dueAt: opening.opensAt, waitingFor: waitingReasonOf(opening) };
  return { wait, isOfAccount: false, revision };
}

function formerRoute(
  services: Needs,
  run: RunRow,
  { schedule }: CallPlan,
  { configurations }: RunnableAgent,
): FormerRoute {
  return {
    configurationId: run.telephony_configuration_id,
    callerNumber: run.caller_number,
    rotates: retryOf(services, schedule, configurations)?.rotate_caller_id === true,
  };
}

/** The order of the request that queued the call. */
function orderOf(run: RunRow, { request, schedule }: CallPlan, agent: { agentUuid: string }): CallOrder {
  const { speech, voicemail, userId, ...fields } = request;
  const target: CallTarget = run.trigger_path === null ? agent : { triggerUuid: run.trigger_path };
  return {
    identity: {
      organizationId: run.organization_id,
      userId,
      apiKeyId: run.api_key_id,
      sessionId: null,
      scope: 'trigger',
      agentIds: null,
      requestId: '',
    },
    source: run.source ?? 'api',
    target,
    mode: run.trigger_mode,
    request: fields,
    idempotent: null,
    speech,
    voicemail,
    callbackUrl: null,
    ignoredFields: [],
    schedule,
    labels: noLabels,
    trace: null,
  };
}

/** Nobody meant it for this call: the stored credentials cannot be read, or a setting of the server is missing. */
function isFault({ kind, code }: Problem): boolean {
  return kind === 'unavailable' || code === 'telephony_not_ready';
}

/** How a call ends that can no longer be placed. */
function endFor({ code, detail }: Problem): QueueEnd {
  const words = typeof detail === 'string' ? detail : wordsOf(detail);
  switch (code) {
    case 'agent_archived':
      return { status: 'canceled', reason: 'agent_archived', detail: words };
    case 'do_not_call':
      return { status: 'canceled', reason: 'do_not_call', detail: words };
    case 'destination_refused':
      return { status: 'canceled', reason: 'destination_refused', detail: words };
    default:
      return { status: 'failed', reason: 'refused_at_dial', detail: words };
  }
}

function wordsOf(detail: Exclude<Problem['detail'], string>): string {
  const [first] = Array.isArray(detail) ? detail : [];
  return first?.msg ?? 'The call could not be placed';
}
