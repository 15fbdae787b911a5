/**
 * The main job: one request becomes one call. In order: replay a repeat, resolve the agent, prepare the call, record the
 * run durably, and dial it or leave it in the queue. Nothing but this and the queue dials.
 */
import type { FallbackFrom, ProblemCode } from '@dograh-trigger/shared';
import { resolveTrigger, type TriggeredAgent } from '../agents/resolve-trigger';
import { limitedToCallsOf, mayUseAgent } from '../http/access/key-scope';
import { invalidPlace, Problem } from '../problem';
import type { RunRow } from '../runs/runs';
import type { Services } from '../services';
import type { CarrierServices } from '../telephony/tools';
import { UnknownCommit } from '../storage/port';
import type { DialOutcome } from '../storage/tables/runs';
import { callName } from '../carriers/port/call-name';
import { addCallbackUrl } from '../events/subscriptions/callback-url';
import { dialRun } from './dial';
import { findEarlierRun, KeyTakenError } from './idempotency';
import { runNameFor, type CallOrder } from './order';
import { prepareCall, recordedCall } from './prepare-call';
import { waitBeforeDial } from './queue/wait';
import { placementOf } from './slots/placement';
import { mayWait } from './waiting/schedule';
import { recordRuns, type RecordedRun } from './slots/record-runs';
import { parseFallback } from '../runs/present';
import { firstDialOutcome } from '../runs/attempts/attempts';

/** The content of the reply, whatever the outcome of the dial. */
export interface CallReceipt {
  runId: number;
  runName: string;
  agentId: number;
  /** Whether the call waits, or waited when its request was answered first. */
  isQueued: boolean;
  /** `null` for a call that waits, and while the dial of an earlier request with the same idempotency key is under way. */
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
    Pick<
      Services,
      | 'chance'
      | 'connections'
      | 'thisProcess'
      | 'ownDials'
      | 'followUpAlarm'
      | 'followingAlarm'
      | 'queueAlarm'
      | 'metrics'
    >,
  order: CallOrder,
): Promise<CallReceipt> {
  const { organizationId } = order.identity;
  if (order.idempotent !== null) {
    const earlier = await findEarlierRun(services, organizationId, order.idempotent);
    if (earlier !== null) return replay(services, order, earlier);
  }
  const agent = await resolveTrigger(services, organizationId, order.target, order.mode);
  assertMayCall(order, agent.agentId);
  assertCanKeepVersion(order, agent);
  const call = await prepareCall(services, order, agent);

  const now = services.clock.now();
  const begunAt = services.clock.steady();
  const wait = await waitBeforeDial(services, {
    organizationId,
    destination: call.destination,
    schedule: order.schedule,
    now,
  });
  const runName = runNameFor(services, order);
  let recorded: RecordedRun;
  try {
    const placement = placementOf(services, call, { runName, now, wait, contact: null });
    recorded = await services.ownDials.add(
      services.storage.writeTogether(recordRuns, placement),
      ({ runId, wait: waits }) => (waits === null ? [callName({ runId, attempt: 1 })] : []),
    );
  } catch (error) {
    if (error instanceof UnknownCommit && mayWait(order.schedule)) throw maybeQueued(error);
    if (order.idempotent === null || !(error instanceof KeyTakenError)) throw error;
    // A request with the same key was faster: its run is the answer.
    const earlier = await findEarlierRun(services, organizationId, order.idempotent);
    if (earlier === null) {
      const words = 'An earlier request with this key has just ended and called nobody: send this one again';
      throw new Problem('unavailable', words, { retryAfterSeconds: 1 });
    }
    return replay(services, order, earlier);
  }
  const { runId } = recorded;
  const receipt = {
    runId,
    runName,
    agentId: agent.agentId,
    mode: call.route.providerName,
    fallbackFrom: call.route.fallbackFrom,
    replayed: false,
    isCallbackUrlIgnored: false,
  };
  if (recorded.wait !== null) {
    services.queueAlarm.ringIn(recorded.wait.dueAt.getTime() - now.getTime());
    return { ...receipt, outcome: null, isQueued: true, refusal: null, temporary: null };
  }
  const dial = { recordedAt: now, begunAt, planRevision: null };
  const result = await dialRun(services, recordedCall(call, { runId, attempt: 1 }, dial), call.route);
  return {
    ...receipt,
    outcome: result.outcome,
    isQueued: false,
    refusal: 'detail' in result ? result.detail : null,
    temporary:
      result.outcome === 'not_sent'
        ? { code: result.code, retryAfterSeconds: result.retryAfterSeconds }
        : null,
  };
}

/** A call that is dialled at once never is if its commit is unknown, but one in the queue is. */
function maybeQueued(cause: UnknownCommit): Problem {
  return new Problem(
    'outcome_unknown',
    'The database did not answer in time; the call may be in the queue, and be placed later. The same request with the same Idempotency-Key finds out.',
    { cause },
  );
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

/** @throws Problem unprocessable for a draft. */
function assertCanKeepVersion({ schedule }: CallOrder, { isDraft }: TriggeredAgent): void {
  if (!schedule.pinsVersion || !isDraft) return;
  throw invalidPlace({
    type: 'draft_not_kept',
    loc: ['body', 'pin_version'],
    msg: 'A draft changes in place, so this call could not keep its version. Publish the agent, or leave pin_version out',
    input: true,
  });
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
    outcome: await firstDialOutcome(services.storage.read, run),
    isQueued: run.is_scheduled === 1,
    refusal: run.attempt === 1 ? run.dial_detail : null,
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
