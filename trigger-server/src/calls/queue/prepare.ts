/** Everything about a queued call is checked again before its dial: it may have waited for months. */
import { findCallLimits } from '../../accounts/organizations';
import { resolveQueued, type CallTarget } from '../../agents/resolve-trigger';
import { Problem } from '../../problem';
import type { LaneHead, QueueEnd, Wait } from '../../runs/queued/queued-runs';
import { findRun, type RunRow } from '../../runs/runs';
import type { Services } from '../../services';
import type { CarrierServices } from '../../telephony/tools';
import type { CallOrder } from '../order';
import { closedRefusal, waitingReasonOf } from '../policy/opening';
import { prepareCall, type PreparedCall } from '../prepare-call';
import { findPlan, type CallPlan } from '../waiting/plan';
import { noLabels } from '../waiting/schedule';
import { openingNow } from './opening-now';

/** A queued call that may be placed now. @property revision of its plan. */
export interface ReadyCall {
  head: LaneHead;
  call: PreparedCall;
  revision: number;
}

/** What is to happen with a due call; null: it is no longer queued as it was read. */
export type NextStep = { ready: ReadyCall } | { wait: Wait } | { end: QueueEnd } | null;

type Needs = CarrierServices & Pick<Services, 'chance' | 'connections'>;

export async function prepareQueued(services: Needs, head: LaneHead): Promise<NextStep> {
  const session = services.storage.read;
  const [run, plan] = await Promise.all([findRun(session, head.id), findPlan(session, head.id)]);
  if (run === undefined || plan === null || run.due_at !== head.dueAt) return null;
  try {
    return await stepOf(services, head, run, plan);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.retryAfterSeconds === undefined) return { end: endFor(error) };
    const dueAt = new Date(services.clock.now().getTime() + error.retryAfterSeconds * 1000);
    return { wait: { dueAt, waitingFor: 'carrier' } };
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
  const call = await prepareCall(services, orderOf(run, plan, { agentUuid: agent.agentUuid }), agent);
  const session = services.storage.read;
  const limits = await findCallLimits(session, run.organization_id);
  const opening = await openingNow(services, session, limits, call);
  if (opening.open) return { ready: { head, call, revision: plan.revision } };
  if (plan.schedule.outsideHours === 'refuse' || opening.opensAt === null) {
    return { end: endFor(closedRefusal(opening, services.clock.now())) };
  }
  return { wait: { dueAt: opening.opensAt, waitingFor: waitingReasonOf(opening) } };
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
