/**
 * Follows up calls at their due time: takes the next step for a carrier without callbacks, and asks the carrier about a
 * call that nothing was reported about.
 */
import type { CallReports } from '../carriers/port/call';
import { findProvider } from '../carriers/registry';
import { describeError } from '../describe-error';
import { every } from '../every';
import { claimFollowUps, nextFollowUp } from '../runs/due/follow-ups';
import type { UnfinishedRun } from '../runs/unfinished-runs';
import type { Services } from '../services';
import { carrierTools, type CarrierServices } from '../telephony/tools';
import type { Worker } from '../workers/worker';
import { unfinishedCallOf } from './carrier/reports';
import { CarrierQuestions } from './questions/carrier-questions';

type Needs = CarrierServices &
  Pick<Services, 'connections' | 'followUpAlarm' | 'chance' | 'metrics' | 'turnPlaces'>;

/** Finds follow-ups that other processes planned, where their signal was lost or there is none. */
const roundMilliseconds = 1000;
/** Follow-ups that hold a place. One that waits for a turn of a conversation has left its place. */
const mostUnderWay = 50;
/** A follow-up that has not planned the next one by then is repeated, unless it is still under way in this process. */
const leaseMilliseconds = 30_000;

const failure = 'due follow-ups could not be claimed; it is tried again';

export function followUps(services: Needs): Worker {
  return {
    name: 'follow-ups',
    role: 'worker',
    start() {
      const runner = new FollowUps(services);
      runner.start();
      const loop = every(services, roundMilliseconds, failure, () => runner.followUpDue());
      return {
        health: () => loop.health(),
        async stop() {
          await loop.stop();
          await runner.stop();
        },
      };
    },
  };
}

/** Follows up the calls that are due whenever the alarm rings. */
export class FollowUps {
  private readonly underWay = new Set<Promise<void>>();
  private placesTaken = 0;
  /** When the lease of each run ends whose follow-up is under way, by the steady clock, in milliseconds. */
  private readonly leaseEnds = new Map<number, number>();
  private working: Promise<void> | null = null;
  private isAskedAgain = false;
  private isFull = false;
  private isStopped = false;
  private stopListening: () => void = () => undefined;
  private readonly questions: CarrierQuestions;

  constructor(private readonly services: Needs) {
    this.questions = new CarrierQuestions(services);
  }

  start(): void {
    this.stopListening = this.services.followUpAlarm.onRing(() => {
      this.wake();
    });
  }

  /** Begins the follow-ups that are due, as far as there is room, and sets the alarm for the next one. */
  followUpDue(): Promise<void> {
    this.isAskedAgain = true;
    this.working ??= this.claimWhileAsked().finally(() => {
      this.working = null;
    });
    return this.working;
  }

  /** Claims nothing more. Resolves once the follow-ups under way have ended. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.stopListening();
    // The caller of `followUpDue` handles its failure.
    await this.working?.catch(() => undefined);
    await Promise.all(this.underWay);
  }

  private wake(): void {
    this.followUpDue().catch((error: unknown) => {
      this.services.log.error({ error: describeError(error) }, failure);
    });
  }

  private async claimWhileAsked(): Promise<void> {
    while (this.isAskedAgain && !this.isStopped) {
      this.isAskedAgain = false;
      await this.beginDue();
    }
  }

  private async beginDue(): Promise<void> {
    const { storage, clock, followUpAlarm } = this.services;
    for (let mayBeMore = true; mayBeMore;) {
      const room = mostUnderWay - this.placesTaken;
      this.isFull = room <= 0;
      // The first follow-up that ends makes room and sets the alarm.
      if (this.isFull || this.isStopped) return;
      const now = clock.steady().getTime();
      const leaseEnd = now + leaseMilliseconds;
      const due = await this.claim({ now, leaseEnd, limit: room });
      for (const run of due) {
        // A follow-up may take longer than its lease, which the claim has extended.
        const isUnderWay = (this.leaseEnds.get(run.id) ?? Infinity) <= now;
        this.leaseEnds.set(run.id, leaseEnd);
        if (!isUnderWay) this.begin(run);
      }
      mayBeMore = due.length === room;
    }
    const next = await nextFollowUp(storage.read, this.services.connections.others());
    if (next !== null) followUpAlarm.ringIn(next.getTime() - clock.steady().getTime());
  }

  private claim(values: { now: number; leaseEnd: number; limit: number }): Promise<UnfinishedRun[]> {
    const now = new Date(values.now).toISOString();
    const leaseEnd = new Date(values.leaseEnd).toISOString();
    const others = this.services.connections.others();
    return this.services.storage.write((session) =>
      claimFollowUps(session, { now, leaseEnd, limit: values.limit, others }),
    );
  }

  private begin(run: UnfinishedRun): void {
    const leave = this.takePlace();
    const ended = this.followUp(run, leave)
      .catch((error: unknown) => {
        this.services.log.error(
          { runId: run.id, error: describeError(error) },
          'a call could not be followed up; it is tried again',
        );
      })
      .then(() => {
        this.underWay.delete(ended);
        this.leaseEnds.delete(run.id);
        leave();
      });
    this.underWay.add(ended);
  }

  /** @returns leaves the place, once. */
  private takePlace(): () => void {
    this.placesTaken += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.placesTaken -= 1;
      // The alarm lets more end meanwhile, so that the next claim takes more than one.
      if (this.isFull) this.services.followUpAlarm.ringIn(0);
    };
  }

  /** The reports of a run, whose turns are computed without a place among the follow-ups. */
  private reportsOf(run: UnfinishedRun, leavePlace: () => void): CallReports {
    const reports = this.services.callReports(run.mode);
    const turn = <Result>(work: () => Promise<Result | null>) =>
      this.services.turnPlaces.run(run.organization_id, () => {
        leavePlace();
        return work();
      });
    return {
      ...reports,
      hear: (call, number, heard) => turn(() => reports.hear(call, number, heard)),
      endTalk: (call) => turn(() => reports.endTalk(call)),
    };
  }

  private async followUp(run: UnfinishedRun, leavePlace: () => void): Promise<void> {
    const { services } = this;
    const provider = findProvider(run.mode);
    const reports = this.reportsOf(run, leavePlace);
    const call = unfinishedCallOf(run);
    if (provider?.followUp !== undefined) {
      await provider.followUp(call, carrierTools(services, run.mode, run.organization_id), reports);
    } else if (provider?.connect !== undefined) {
      // Without a connection the call is due again when its lease ends.
      await services.connections.of(call.configurationId)?.followUp?.(call);
    } else if (provider?.follow !== undefined) {
      await this.questions.search(run);
    } else if (provider?.questionsPerSecond !== undefined) {
      await this.questions.ask(run, provider.questionsPerSecond);
    } else {
      await reports.followUpIn(call, null);
    }
  }
}
