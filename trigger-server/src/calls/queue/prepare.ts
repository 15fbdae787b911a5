/** Everything about a queued call is checked again before its dial: it may have waited for months. */
import { findCallLimits } from '../../accounts/organizations';
import { resolveQueued, type CallTarget } from '../../agents/resolve-trigger';
import { Problem } from '../../problem';
import type { LaneHead, QueueEnd, Wait } from '../../runs/queued/queued-runs';
import { findRun, type RunRow } from '../../runs/runs';
import type { Services } from '../../services';
import type { CarrierServices } from '../../telephony/tools';
import type { CallOrder } from '../order';
import { hoursRefusal } from '../policy/destination-policy';
import { prepareCall, type PreparedCall } from '../prepare-call';
import { findPlan, type CallPlan } from '../waiting/plan';
import { expiry } from '../waiting/leave';
import { noLabels } from '../waiting/schedule';
import { openingNow } from './opening-now';

/** A queued call that may be placed now. @property revision of its plan. */
export interface ReadyCall {
  head: LaneHead;
  call: PreparedCall;
  revision: number;
}

/**
 * What is to happen with a due call, as long as the revision of its plan is this one. `isOfAccount`: other calls of its
 * account would have to wait as well. Null: it is no longer queued as it was read.
 */
export type NextStep = { ready: ReadyCall } | ({ revision: number } & (Waiting | { end: QueueEnd })) | null;

interface Waiting {
  wait: Wait;
  isOfAccount: boolean;
}

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
  const call = await prepareCall(services, orderOf(run, plan, { agentUuid: agent.agentUuid }), agent);
  const session = services.storage.read;
  const at = services.clock.now();
  const opening = await openingNow(session, await findCallLimits(session, run.organization_id), call, at);
  if (opening.open) return { ready: { head, call, revision: plan.revision } };
  if (plan.schedule.outsideHours === 'refuse' || opening.opensAt === null) {
    return { end: endFor(hoursRefusal(opening, at)), revision: plan.revision };
  }
  const wait = { dueAt: opening.opensAt, waitingFor: 'hours' } as const;
  return { wait, isOfAccount: false, revision: plan.revision };
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
