/**
 * Takes calls out of the queue, in one write under the lock of the organization. That is the claim: whoever takes a call
 * dials it, and a call that was taken is never taken again unless its dial called nobody.
 */
import { countTakenRuns, findCallLimits, type CallLimits } from '../../accounts/organizations';
import { postponeQueued, takeLaneTurn, takeRun, type LaneHead } from '../../runs/queued/queued-runs';
import type { Services } from '../../services';
import type { Session, Settled, WriteSession } from '../../storage/port';
import { Problem } from '../../problem';
import { CampaignRooms, isLaneOfCampaign } from '../campaign-limits/rooms';
import { DailyCalls, type KeyCall } from '../policy/daily-calls';
import { nextDay, parsePolicy } from '../policy/destination-policy';
import { countNumberCall } from '../policy/number-limit/number-limit';
import { dialColumns, type PreparedCall } from '../prepare-call';
import { openingNow } from '../policy/opening-now';
import { AccountTurns } from '../waiting/account-turns';
import { claimPlan } from '../waiting/plan';
import type { ReadyCall } from './prepare';

type Needs = Pick<Services, 'clock' | 'thisProcess'>;

/** Ready calls of one organization, in the order in which they are to be placed. */
export interface Taking {
  organizationId: number;
  calls: readonly ReadyCall[];
  services: Needs;
}

/** @property planRevision of its plan since it was taken: it tells this dial from a later one. */
export interface TakenCall extends ReadyCall {
  planRevision: number;
}

export interface Taken {
  calls: TakenCall[];
  /** Whether calls are left for which no slot is free. */
  isFull: boolean;
  /** When the next account that has no turn now gets one, by the steady clock, in milliseconds; null: none waits. */
  nextTurn: number | null;
}

/** For `Storage.writeTogether`. */
export async function takeFromQueue(
  session: WriteSession,
  takings: readonly Taking[],
): Promise<Settled<Taken>[]> {
  const ids = [...new Set(takings.map(({ organizationId }) => organizationId))].sort((a, b) => a - b);
  for (const id of ids) await session.lock('organization', id);
  const taken: Settled<Taken>[] = [];
  for (const taking of takings) taken.push({ ok: true, result: await takeSome(session, taking) });
  return taken;
}

async function takeSome(session: WriteSession, { organizationId, calls, services }: Taking): Promise<Taken> {
  const limits = await findCallLimits(session, organizationId);
  const at = services.clock.now();
  const rooms = new CampaignRooms(session, at);
  const turns = new AccountTurns(session);
  const now = services.clock.steady();
  const policy = parsePolicy(limits.policy);
  const days = new DailyCalls(session);
  const keyCallOf = ({ call }: ReadyCall): KeyCall => {
    return { policy, apiKeyId: call.order.identity.apiKeyId, now: at };
  };
  await days.read(calls.map(keyCallOf));
  const free = limits.slots - limits.openRuns;
  const taken: TakenCall[] = [];
  let isFull = false;
  let nextTurn: number | null = null;
  for (const ready of calls) {
    if (taken.length >= free) {
      isFull = true;
      break;
    }
    const { head, call } = ready;
    if ((await rooms.of(head.lane)) <= 0) continue;
    // The next round finds out what becomes of one that may not be placed.
    if (!(await isOpen(services, session, limits, call))) continue;
    const turn = await turns.of(call.route.configurationId, now);
    if (turn !== null) {
      nextTurn = Math.min(nextTurn ?? Infinity, turn);
      if (head.waitingFor !== 'pace') {
        await postponeQueued(session, head, { dueAt: new Date(head.dueAt), waitingFor: 'pace' });
      }
      continue;
    }
    const keyCall = keyCallOf(ready);
    if (!days.mayCall(keyCall)) {
      await postponeQueued(session, head, { dueAt: nextDay(keyCall.now), waitingFor: 'time' });
      continue;
    }
    const planRevision = await take(session, services, ready);
    if (planRevision === null) continue;
    days.count(keyCall);
    rooms.take(head.lane);
    await turns.take(call.route, now);
    await countNumberCall(
      session,
      policy,
      { organizationId, number: call.destination.e164, at: now },
      head.id,
    );
    taken.push({ ...ready, planRevision });
  }
  await days.write();
  if (taken.length > 0) {
    const ofQueue = taken.filter(({ head }) => !isLaneOfCampaign(head.lane)).length;
    await countTakenRuns(session, organizationId, { slots: taken.length, ofQueue });
  }
  return { calls: taken, isFull, nextTurn };
}

async function isOpen(
  services: Needs,
  session: Session,
  limits: CallLimits,
  call: PreparedCall,
): Promise<boolean> {
  try {
    return (await openingNow(services, session, limits, call)).open;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

/** @returns the revision of the plan that the dial is known by; null if the call was not taken. */
async function take(
  session: WriteSession,
  services: Needs,
  { head, call, revision }: ReadyCall,
): Promise<number | null> {
  // Whoever ends the call holds it, and changes run and plan in another order.
  await session.lock('run', head.id);
  const planRevision = await claimPlan(session, head.id, revision);
  if (planRevision === null || !(await leaveForDial(session, services, head, call))) return null;
  await takeLaneTurn(session, head.lane, services.clock.steady().toISOString());
  return planRevision;
}

/** @returns false if the call is no longer queued as it was read, or has expired. */
function leaveForDial(
  session: Session,
  services: Needs,
  head: LaneHead,
  call: PreparedCall,
): Promise<boolean> {
  const columns = dialColumns(services, call);
  return takeRun(session, {
    id: head.id,
    dueAt: head.dueAt,
    now: services.clock.now().toISOString(),
    definitionId: columns.definition_id,
    mode: columns.mode,
    configurationId: columns.telephony_configuration_id,
    callerNumber: columns.caller_number,
    fallbackFrom: columns.fallback_from,
    voicemail: columns.voicemail,
    unresolved: columns.unresolved_variables,
    isRecorded: columns.is_recorded,
    initialContext: columns.initial_context,
    deadlineAt: columns.deadline_at,
    owner: columns.owner,
    at: services.clock.now().toISOString(),
  });
}
