/**
 * Places queued calls when they are due: in the order of their due times within a lane, and lane by lane in turns. Only
 * calls that this process has taken in a committed write are dialled (`take.ts`).
 */
import { findCallLimits } from '../../accounts/organizations';
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
import { expireSome, leaveQueue } from '../waiting/leave';
import { prepareQueued, type ReadyCall } from './prepare';
import { laneTurnQuery } from './store';
import { takeFromQueue } from './take';

type Needs = CarrierServices &
  Pick<
    Services,
    | 'chance'
    | 'connections'
    | 'deliveryAlarm'
    | 'followUpAlarm'
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
    const heads = await this.headsInTurn(
      due.map(({ lane }) => lane),
      now.toISOString(),
    );
    for (const [organizationId, ofOrganization] of byOrganization(heads)) {
      if (await this.placeSome(organizationId, ofOrganization)) hasDone = true;
    }
    return hasDone;
  }

  /** Without those of campaigns that place no call now. */
  private async lanesWithRoom(lanes: readonly Lane[], now: Date): Promise<Lane[]> {
    const rooms = new CampaignRooms(this.services.storage.read, now);
    const open: Lane[] = [];
    for (const lane of lanes) {
      if ((await rooms.of(lane.lane)) > 0) open.push(lane);
    }
    if (open.length < lanes.length) this.services.queueAlarm.ringIn(slotMilliseconds);
    return open;
  }

  /** The first call of each lane, then the second of each, and so on; the lane that had its turn longest ago comes first. */
  private async headsInTurn(lanes: readonly string[], now: string): Promise<LaneHead[]> {
    const session = this.services.storage.read;
    const inLanes = await Promise.all(
      lanes.map(async (lane) => ({
        takenAt: (await laneTurnQuery.first(session, { lane }))?.taken_at ?? '',
        heads: await listHeads(session, lane, now, mostHeads),
      })),
    );
    inLanes.sort((one, other) => (one.takenAt < other.takenAt ? -1 : 1));
    const heads: LaneHead[] = [];
    for (let place = 0; place < mostHeads; place += 1) {
      for (const lane of inLanes) heads.push(...lane.heads.slice(place, place + 1));
    }
    return heads;
  }

  private async placeSome(organizationId: number, heads: readonly LaneHead[]): Promise<boolean> {
    const { services } = this;
    const { slots, openRuns } = await findCallLimits(services.storage.read, organizationId);
    const room = Math.min(slots - openRuns, mostDials - this.dials.size);
    if (room <= 0) {
      services.queueAlarm.ringIn(slotMilliseconds);
      return false;
    }
    const ready: ReadyCall[] = [];
    let hasDone = false;
    for (const head of heads) {
      const step = await prepareQueued(services, head);
      if (step === null) continue;
      if ('ready' in step) ready.push(step.ready);
      else {
        hasDone = true;
        await services.storage.write(async (session) => {
          if ('wait' in step) await postponeQueued(session, head, step.wait);
          else await leaveQueue(services, session, head.id, step.end);
        });
        if ('end' in step) services.deliveryAlarm.ringIn(0);
      }
    }
    if (ready.length === 0) return hasDone;
    return (await this.take(organizationId, ready)) || hasDone;
  }

  private async take(organizationId: number, calls: readonly ReadyCall[]): Promise<boolean> {
    const { services } = this;
    const recordedAt = services.clock.now();
    const begunAt = services.clock.steady();
    const taking = { organizationId, calls: calls.slice(0, mostDials - this.dials.size), services };
    const taken = await services.ownDials.add(
      services.storage.writeTogether(takeFromQueue, taking),
      (result) => result.calls.map(({ head }) => head.id),
    );
    if (taken.isFull) services.queueAlarm.ringIn(slotMilliseconds);
    if (taken.nextTurn !== null) services.queueAlarm.ringIn(taken.nextTurn - begunAt.getTime());
    for (const { head, call } of taken.calls) {
      this.dial(head.id, () =>
        dialRun(services, recordedCall(call, head.id, { recordedAt, begunAt }), call.route),
      );
    }
    return taken.calls.length > 0;
  }

  private dial(runId: number, dial: () => Promise<unknown>): void {
    const ended = dial()
      .then(
        () => undefined,
        (error: unknown) => {
          this.services.log.error(
            { runId, error: describeError(error) },
            'a queued call could not be dialled',
          );
        },
      )
      .then(() => {
        this.dials.delete(ended);
        if (this.dials.size === mostDials - 1) this.wake();
      });
    this.dials.add(ended);
  }
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
