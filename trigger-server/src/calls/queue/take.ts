/**
 * Takes calls out of the queue, in one write under the lock of the organization. That is the claim: whoever takes a call
 * dials it, and a call that was taken is never taken again unless its dial called nobody.
 */
import { countTakenSlots, findCallLimits, type CallLimits } from '../../accounts/organizations';
import { postponeQueued, takeRun } from '../../runs/queued/queued-runs';
import type { Services } from '../../services';
import type { Session, Settled, WriteSession } from '../../storage/port';
import { Problem } from '../../problem';
import { CampaignRooms } from '../campaign-limits/rooms';
import { dialColumns, type PreparedCall } from '../prepare-call';
import { findPlan } from '../waiting/plan';
import { openingNow } from './opening-now';
import type { ReadyCall } from './prepare';
import { accountTurnQuery, takeAccountTurnQuery, takeLaneTurnQuery } from './store';

type Needs = Pick<Services, 'clock' | 'thisProcess'>;

/** Ready calls of one organization, in the order in which they are to be placed. */
export interface Taking {
  organizationId: number;
  calls: readonly ReadyCall[];
  services: Needs;
}

export interface Taken {
  calls: ReadyCall[];
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
  const rooms = new CampaignRooms(session, services.clock.now());
  const turns = new AccountTurns(session, services.clock.steady().getTime());
  const free = limits.slots - limits.openRuns;
  const taken: ReadyCall[] = [];
  let isFull = false;
  let nextTurn: number | null = null;
  for (const ready of calls) {
    if (taken.length >= free) {
      isFull = true;
      break;
    }
    const { head, call, revision } = ready;
    const current = await findPlan(session, head.id);
    if (current?.revision !== revision) continue;
    if ((await rooms.of(head.lane)) <= 0) continue;
    // The next round finds out what becomes of one that may not be placed.
    if (!(await isOpen(session, limits, call, services.clock.now()))) continue;
    const turn = await turns.of(call.route.configurationId);
    if (turn !== null) {
      nextTurn = Math.min(nextTurn ?? Infinity, turn);
      if (head.waitingFor !== 'pace') {
        await postponeQueued(session, head, { dueAt: new Date(head.dueAt), waitingFor: 'pace' });
      }
      continue;
    }
    if (!(await take(session, services, ready))) continue;
    rooms.take(head.lane);
    await turns.take(call.route.configurationId, call.route.callsPerSecond);
    taken.push(ready);
  }
  if (taken.length > 0) await countTakenSlots(session, organizationId, taken.length);
  return { calls: taken, isFull, nextTurn };
}

async function isOpen(session: Session, limits: CallLimits, call: PreparedCall, at: Date): Promise<boolean> {
  try {
    return (await openingNow(session, limits, call, at)).open;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

async function take(session: Session, services: Needs, { head, call }: ReadyCall): Promise<boolean> {
  const columns = dialColumns(services, call);
  const isTaken = await takeRun(session, {
    id: head.id,
    dueAt: head.dueAt,
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
  if (!isTaken) return false;
  await takeLaneTurnQuery.changes(session, {
    lane: head.lane,
    at: services.clock.steady().toISOString(),
  });
  return true;
}

/** The pace of accounts: between two queued calls of one account lies the pause that its carrier asks for. */
class AccountTurns {
  /** When each is free again, in milliseconds by the steady clock. */
  private readonly free = new Map<number, number>();

  constructor(
    private readonly session: Session,
    private readonly now: number,
  ) {}

  /** @returns null if it may place a call now; or when it may. */
  async of(configurationId: number): Promise<number | null> {
    let free = this.free.get(configurationId);
    if (free === undefined) {
      const row = await accountTurnQuery.first(this.session, { configurationId });
      free = row === undefined ? 0 : Date.parse(row.free_at);
      this.free.set(configurationId, free);
    }
    return free > this.now ? free : null;
  }

  /** @param callsPerSecond null: the account has no pace. */
  async take(configurationId: number, callsPerSecond: number | null): Promise<void> {
    if (callsPerSecond === null) return;
    const free = this.now + 1000 / callsPerSecond;
    this.free.set(configurationId, free);
    const freeAt = new Date(Math.ceil(free)).toISOString();
    await takeAccountTurnQuery.changes(this.session, { configurationId, freeAt });
  }
}
