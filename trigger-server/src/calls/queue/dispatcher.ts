/**
 * Places queued calls when they are due: in the order of their due times within a lane, and lane by lane in turns. Only
 * calls that this process has taken in a committed write are dialled (`take.ts`).
 */
import { findCallLimits } from '../../accounts/organizations';
import { callName } from '../../carriers/port/call-name';
import { describeError } from '../../describe-error';
import { every } from '../../every';
import {
  listHeads,
  listLanes,
  postponeQueued,
  type Lane,
  type LaneHead,
} from '../../runs/queued/queued-runs';
import type { Services } from '../../services';
import type { CarrierServices } from '../../telephony/tools';
import type { Worker } from '../../workers/worker';
import { CampaignRooms } from '../campaign-limits/rooms';
import { dialRun } from '../dial';
import { recordedCall } from '../prepare-call';
import { AccountTurns } from '../waiting/account-turns';
import { expireSome, leaveQueue } from '../waiting/leave';
import { findPlan } from '../waiting/plan';
import { prepareQueued, type NextStep, type ReadyCall } from './prepare';
import { takeFromQueue, type TakenCall } from './take';

type Needs = CarrierServices &
  Pick<
    Services,
    | 'chance'
    | 'connections'
    | 'deliveryAlarm'
    | 'followUpAlarm'
    | 'followingAlarm'
    | 'lifecycle'
    | 'metrics'
    | 'ownDials'
    | 'queueAlarm'
    | 'thisProcess'
  >;

/** Finds what other processes queued, where their signal was lost or there is none. */
const roundMilliseconds = 1000;
/** A slot may become free at any moment, in any process. */
const slotMilliseconds = 200;
const mostDials = 50;
/** Of each lane: those behind the first one may go where it waits for its account. */
const mostHeads = 10;
/** After an unexpected failure, a call waits for this long, so that it holds up no other. */
const failedMilliseconds = 60_000;

const failure = 'due calls could not be placed; it is tried again';

export function queue(services: Needs): Worker {
  return {
    name: 'queue',
    role: 'worker',
    start() {
      const dispatcher = new Dispatcher(services);
      dispatcher.start();
      const loop = every(services, roundMilliseconds, failure, () => dispatcher.placeDue());
      return {
        health: () => loop.health(),
        async stop() {
          await loop.stop();
          await dispatcher.stop();
        },
      };
    },
  };
}

export class Dispatcher {
  private readonly dials = new Set<Promise<void>>();
  private working: Promise<void> | null = null;
  private isAskedAgain = false;
  private isStopped = false;
  private stopListening: () => void = () => undefined;

  constructor(private readonly services: Needs) {}

  start(): void {
    this.stopListening = this.services.queueAlarm.onRing(() => {
      this.wake();
    });
  }

  /** Places the calls that are due and may be placed now, and sets the alarm for the next one. */
  placeDue(): Promise<void> {
    this.isAskedAgain = true;
    this.working ??= this.workWhileAsked().finally(() => {
      this.working = null;
    });
    return this.working;
  }

  /** Takes no further call. Resolves once the dials under way have ended. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.stopListening();
    // The caller of `placeDue` handles its failure.
    await this.working?.catch(() => undefined);
    await Promise.all(this.dials);
  }

  private wake(): void {
    this.placeDue().catch((error: unknown) => {
      this.services.log.error({ error: describeError(error) }, failure);
    });
  }

  private async workWhileAsked(): Promise<void> {
    while (this.isAskedAgain && this.mayWork()) {
      this.isAskedAgain = false;
      if (await this.round()) this.isAskedAgain = true;
    }
  }

  private mayWork(): boolean {
    const { draining, damage } = this.services.lifecycle;
    return !this.isStopped && !draining && damage === null;
  }

  /** @returns whether anything was done, so that there may be more. */
  private async round(): Promise<boolean> {
    const { services } = this;
    const now = services.clock.now();
    let hasDone = (await expireSome(services)) > 0;
    const lanes = await listLanes(services.storage.read);
    const isDue = ({ dueAt }: Lane) => dueAt <= now.toISOString();
    const due = await this.lanesWithRoom(lanes.filter(isDue), now);
    for (const lane of lanes) {
      if (!isDue(lane)) services.queueAlarm.ringIn(Date.parse(lane.dueAt) - now.getTime());
    }
    if (this.dials.size >= mostDials) return false;
    const heads = await this.headsInTurn(due, now.toISOString());
    const failures: unknown[] = [];
    for (const [organizationId, ofOrganization] of byOrganization(heads)) {
      try {
        if (await this.placeSome(organizationId, ofOrganization)) hasDone = true;
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new Error('calls of an organization failed', { cause: failures[0] });
    return hasDone;
  }

  /** Without those of campaigns that place no call now. */
  private async lanesWithRoom(lanes: readonly Lane[], now: Date): Promise<Lane[]> {
    const rooms = new CampaignRooms(this.services.storage.read, now);
    const open: Lane[] = [];
    for (const lane of lanes) {
      if ((await rooms.of(lane.lane)) > 0) open.push(lane);
    }
    const isFull = lanes.some((lane) => !open.includes(lane) && !rooms.isClosed(lane.lane));
    if (isFull) this.services.queueAlarm.ringIn(slotMilliseconds);
    return open;
  }

  /** The first call of each lane, then the second of each, and so on; the lane that had its turn longest ago comes first. */
  private async headsInTurn(lanes: readonly Lane[], now: string): Promise<LaneHead[]> {
    const session = this.services.storage.read;
    const inTurn = [...lanes].sort((one, other) => compareText(one.takenAt ?? '', other.takenAt ?? ''));
    const inLanes = await Promise.all(inTurn.map(({ lane }) => listHeads(session, lane, now, mostHeads)));
    const heads: LaneHead[] = [];
    for (let place = 0; place < mostHeads; place += 1) {
      for (const lane of inLanes) heads.push(...lane.slice(place, place + 1));
    }
    return heads;
  }

  /** Prepares as many calls as may be placed now, and takes them. @returns whether there may be more to do. */
  private async placeSome(organizationId: number, heads: readonly LaneHead[]): Promise<boolean> {
    const { services } = this;
    const { slots, openRuns } = await findCallLimits(services.storage.read, organizationId);
    const room = Math.min(slots - openRuns, mostDials - this.dials.size);
    if (room <= 0) {
      services.queueAlarm.ringIn(slotMilliseconds);
      return false;
    }
    const now = services.clock.steady();
    const turns = new AccountTurns(services.storage.read);
    const faulty = new Set<number>();
    const ready: ReadyCall[] = [];
    let hasDone = false;
    for (const head of heads) {
      if (ready.length === room) break;
      if (faulty.has(head.configurationId)) continue;
      const turn = await turns.of(head.configurationId, now);
      if (turn !== null) {
        services.queueAlarm.ringIn(turn - now.getTime());
        await this.noteThatItWaits(head);
        continue;
      }
      const step = await this.stepOf(head);
      if (step === null) continue;
      if ('ready' in step) {
        ready.push(step.ready);
        turns.count(step.ready.call.route, now);
        continue;
      }
      await this.change(head, step);
      // Of the calls of a faulty account, one a round is tried.
      if ('wait' in step && step.isOfAccount) faulty.add(head.configurationId);
      else hasDone = true;
    }
    if (faulty.size > 0) services.queueAlarm.ringIn(roundMilliseconds);
    if (ready.length === 0) return hasDone;
    return (await this.take(organizationId, ready)) || hasDone;
  }

  /** It waits for the turn of its account, and keeps its place. */
  private async noteThatItWaits(head: LaneHead): Promise<void> {
    if (head.waitingFor === 'pace') return;
    const wait = { dueAt: new Date(head.dueAt), waitingFor: 'pace' } as const;
    await this.services.storage.write((session) => postponeQueued(session, head, wait));
  }

  /** One call that cannot be read holds up no other. If the database itself fails, so does the round. */
  private async stepOf(head: LaneHead): Promise<NextStep> {
    const { services } = this;
    try {
      return await prepareQueued(services, head);
    } catch (error) {
      const words = 'a queued call could not be prepared; it is tried again in a minute';
      services.log.error({ runId: head.id, error: describeError(error) }, words);
      const dueAt = new Date(services.clock.now().getTime() + failedMilliseconds);
      const wait = { dueAt, waitingFor: 'carrier' } as const;
      await services.storage.write((session) => postponeQueued(session, head, wait));
      return null;
    }
  }

  /** Puts a call off, or ends it, unless it was changed since it was prepared. */
  private async change(head: LaneHead, step: Exclude<NextStep, { ready: ReadyCall } | null>): Promise<void> {
    const { services } = this;
    await services.storage.write(async (session) => {
      // A request that changes the call holds the same lock.
      await session.lock('run', head.id);
      if ((await findPlan(session, head.id))?.revision !== step.revision) return;
      if ('wait' in step) await postponeQueued(session, head, step.wait);
      else await leaveQueue(services, session, head.id, step.end);
    });
    if ('end' in step) services.deliveryAlarm.ringIn(0);
  }

  private async take(organizationId: number, calls: readonly ReadyCall[]): Promise<boolean> {
    const { services } = this;
    const recordedAt = services.clock.now();
    const begunAt = services.clock.steady();
    const taking = { organizationId, calls, services };
    const taken = await services.ownDials.add(
      services.storage.writeTogether(takeFromQueue, taking),
      (result) => result.calls.map(({ called }) => callName(called)),
    );
    if (taken.isFull) services.queueAlarm.ringIn(slotMilliseconds);
    if (taken.nextTurn !== null) services.queueAlarm.ringIn(taken.nextTurn - begunAt.getTime());
    for (const call of taken.calls) this.begin(call, { recordedAt, begunAt });
    return taken.calls.length > 0;
  }

  private begin(
    { called, head, call, planRevision }: TakenCall,
    at: { recordedAt: Date; begunAt: Date },
  ): void {
    const { services } = this;
    const ended = dialRun(services, recordedCall(call, called, { ...at, planRevision }), call.route)
      .then(
        (result) => {
          if (result.outcome === 'not_sent') services.queueAlarm.ringIn(result.retryAfterSeconds * 1000);
        },
        (error: unknown) => {
          const words = 'a queued call could not be dialled';
          services.log.error({ runId: head.id, error: describeError(error) }, words);
        },
      )
      .then(() => {
        this.dials.delete(ended);
        if (this.dials.size === mostDials - 1) this.wake();
      });
    this.dials.add(ended);
  }
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function byOrganization(heads: readonly LaneHead[]): Map<number, LaneHead[]> {
  const groups = new Map<number, LaneHead[]>();
  for (const head of heads) {
    const group = groups.get(head.organizationId);
    if (group === undefined) groups.set(head.organizationId, [head]);
    else group.push(head);
  }
  return groups;
}
