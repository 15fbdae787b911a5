/**
 * Looks after calls when their time has come: takes the next step of those that nothing calls back about, and asks about
 * those of which nothing is heard.
 */
import { findProvider } from '../carriers/registry';
import { describeError } from '../describe-error';
import { every } from '../every';
import { claimFollowUps, nextFollowUp } from '../runs/follow-ups';
import type { UnfinishedRun } from '../runs/unfinished-runs';
import type { Services } from '../services';
import { carrierTools, type CarrierServices } from '../telephony/tools';
import type { Worker } from '../workers/worker';
import { unfinishedCallOf } from './carrier/reports';
import { CarrierQuestions } from './questions/carrier-questions';

type Needs = CarrierServices & Pick<Services, 'connections' | 'followUpAlarm' | 'chance'>;

/** For what other processes have written, now or before: this one's alarm does not ring for it. */
const roundMilliseconds = 1000;
const mostUnderWay = 50;
/** A follow-up that has not said by then how it goes on is made again. */
const leaseMilliseconds = 30_000;

const failure = 'calls that are due could not be taken; it is tried again';

export function followUps(services: Needs): Worker {
  return {
    name: 'follow-ups',
    role: 'worker',
    start() {
      const following = new FollowUps(services);
      following.start();
      const loop = every(services, roundMilliseconds, failure, () => following.look());
      return {
        health: () => loop.health(),
        async stop() {
          await loop.stop();
          await following.stop();
        },
      };
    },
  };
}

/** Follows up what is due whenever the alarm rings. */
export class FollowUps {
  private readonly underWay = new Set<Promise<void>>();
  private looking: Promise<void> | null = null;
  private isAskedAgain = false;
  private isFull = false;
  private isStopped = false;
  private letGoOfAlarm: () => void = () => undefined;
  private readonly questions: CarrierQuestions;

  constructor(private readonly services: Needs) {
    this.questions = new CarrierQuestions(services);
  }

  start(): void {
    this.letGoOfAlarm = this.services.followUpAlarm.onRing(() => {
      this.wake();
    });
  }

  /** Begins what is due, as far as there is room, and sets the alarm for what comes next. */
  look(): Promise<void> {
    this.isAskedAgain = true;
    this.looking ??= this.lookWhileAsked().finally(() => {
      this.looking = null;
    });
    return this.looking;
  }

  /** Takes nothing more, and resolves once what is under way has ended. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.letGoOfAlarm();
    // Whoever asked for it has heard of its failure.
    await this.looking?.catch(() => undefined);
    await Promise.all(this.underWay);
  }

  private wake(): void {
    this.look().catch((error: unknown) => {
      this.services.log.error({ error: describeError(error) }, failure);
    });
  }

  private async lookWhileAsked(): Promise<void> {
    while (this.isAskedAgain && !this.isStopped) {
      this.isAskedAgain = false;
      await this.takeDue();
    }
  }

  private async takeDue(): Promise<void> {
    const { storage, clock, followUpAlarm } = this.services;
    for (let mayBeMore = true; mayBeMore;) {
      const room = mostUnderWay - this.underWay.size;
      this.isFull = room <= 0;
      // The first one that ends makes room.
      if (this.isFull || this.isStopped) return;
      const due = await this.claim(room);
      for (const run of due) this.begin(run);
      mayBeMore = due.length === room;
    }
    const next = await nextFollowUp(storage.read);
    if (next !== null) followUpAlarm.ringIn(next.getTime() - clock.steady().getTime());
  }

  private claim(limit: number): Promise<UnfinishedRun[]> {
    const { storage, clock } = this.services;
    return storage.write((session) => {
      const now = clock.steady();
      const leaseEnd = new Date(now.getTime() + leaseMilliseconds);
      return claimFollowUps(session, { now: now.toISOString(), leaseEnd: leaseEnd.toISOString(), limit });
    });
  }

  private begin(run: UnfinishedRun): void {
    const ended = this.followUp(run)
      .catch((error: unknown) => {
        const told = { runId: run.id, error: describeError(error) };
        this.services.log.error(told, 'a call could not be followed up; it is tried again');
      })
      .then(() => {
        this.underWay.delete(ended);
        if (this.isFull) this.wake();
      });
    this.underWay.add(ended);
  }

  private async followUp(run: UnfinishedRun): Promise<void> {
    const { services } = this;
    const provider = findProvider(run.mode);
    const reports = services.callReports(run.mode);
    const call = unfinishedCallOf(run);
    if (provider?.followUp !== undefined) {
      await provider.followUp(call, carrierTools(services, run.mode, run.organization_id), reports);
    } else if (provider?.connect !== undefined) {
      // Without the connection the call is due again soon: whichever process has it then follows it up.
      await services.connections.of(call.configurationId)?.followUp?.(call);
    } else if (provider?.questionsPerSecond !== undefined) {
      await this.questions.ask(run, provider.questionsPerSecond);
    } else {
      await reports.followUpIn(run.id, null);
    }
  }
}
