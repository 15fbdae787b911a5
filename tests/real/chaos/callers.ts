/** Clients that ask for calls, each with its key, and repeat a request until its reply is definite. */
import { sleep } from '@dograh-trigger/shared/axios';
import { integerFrom, type Random } from '../../support/seeded-random';

const longestReplyMilliseconds = 15_000;
const pauseMilliseconds = 200;
/** A key that has no definite reply by then never gets one. */
const longestWaitMilliseconds = 180_000;
/** What the server says of a dial that it did not make because it was paused before it. */
const heldUp = 'held up before it could dial';

/** A call that is wanted once. */
export interface WantedCall {
  key: string;
  to: string;
  /**
   * The status of its definite reply: 200; 504 where the outcome of the dial is unknown; 400 where it became known that
   * nobody was called.
   */
  status: number | null;
  run: number | null;
}

export interface Counts {
  requests: number;
  /** 503: nothing was dialled, come again. */
  unavailable: number;
  /** 400 with `Retry-After`: the carrier took no dial, come again. */
  unsent: number;
  cutOff: number;
  /** Of one call for its definite reply. */
  longestWaitMilliseconds: number;
  /** The longest time in which no call of anybody got its definite reply. */
  longestStandstillMilliseconds: number;
}

export interface CallersOptions {
  random: Random;
  triggerUrl: string;
  apiKey: string;
  callbackUrl: string;
}

export class Callers {
  readonly calls: WantedCall[] = [];
  counts: Counts = newCounts();
  /** What no reply may be: another run for the same key, a refusal that makes no sense, no reply at all. */
  readonly wrongReplies: string[] = [];
  /** How many definite replies came. */
  replied = 0;
  private repliedAt = performance.now();
  private isStopped = false;
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly options: CallersOptions) {}

  /** Begins to call, so many at once. */
  start(atOnce: number): void {
    for (let caller = 0; caller < atOnce; caller += 1) this.follow(this.callAgainAndAgain());
  }

  /** Wants no further call. Resolves when every wanted call has its reply. */
  async stop(): Promise<void> {
    this.isStopped = true;
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  /** Counts from zero. @returns what was counted. */
  takeCounts(): Counts {
    this.noteStandstill();
    const taken = this.counts;
    this.counts = newCounts();
    return taken;
  }

  newCall(): WantedCall {
    const count = this.calls.length;
    const to = `+1415${String(2_000_000 + count)}`;
    const made = { key: `call-${String(count)}`, to, status: null, run: null };
    this.calls.push(made);
    return made;
  }

  /** Sends the request once. @param url of one server, or of the balancer. @returns null when no reply came. */
  async send({ key, to }: WantedCall, url = this.options.triggerUrl): Promise<Response | null> {
    this.counts.requests += 1;
    try {
      const reply = await fetch(url, {
        method: 'POST',
        headers: {
          'X-API-Key': this.options.apiKey,
          'Content-Type': 'application/json',
          'Idempotency-Key': key,
        },
        body: JSON.stringify({ phone_number: to, callback_url: this.options.callbackUrl }),
        signal: AbortSignal.timeout(longestReplyMilliseconds),
      });
      const text = await reply.text();
      if (reply.status === 503) this.counts.unavailable += 1;
      if (reply.status === 400 && reply.headers.has('retry-after')) this.counts.unsent += 1;
      return new Response(text, { status: reply.status, headers: reply.headers });
    } catch {
      this.counts.cutOff += 1;
      return null;
    }
  }

  /** Repeats the request until its reply is definite, and notes the run. */
  async insist(call: WantedCall): Promise<void> {
    const begun = performance.now();
    for (;;) {
      const reply = await this.send(call);
      if (reply !== null && (await this.isDefinite(call, reply))) break;
      if (performance.now() - begun > longestWaitMilliseconds) {
        this.wrongReplies.push(`${call.key}: no definite reply`);
        break;
      }
      await sleep(pauseMilliseconds);
    }
    const waited = performance.now() - begun;
    this.counts.longestWaitMilliseconds = Math.max(this.counts.longestWaitMilliseconds, waited);
  }

  private async isDefinite(call: WantedCall, reply: Response): Promise<boolean> {
    const { status } = reply;
    // Still being placed, no slot is free, or the server or the carrier cannot now: nothing was dialled for this request.
    const mayComeAgain = [400, 429, 503].includes(status) && reply.headers.has('retry-after');
    if (status === 409 || mayComeAgain) return false;
    const run = Number(/\/runs\/(\d+)$/.exec(reply.headers.get('location') ?? '')?.[1]);
    const text = await reply.text();
    const isExpected = status === 200 || status === 504 || (status === 400 && text.includes(heldUp));
    if (!isExpected || Number.isNaN(run)) {
      this.wrongReplies.push(`${call.key}: ${String(status)} ${text.slice(0, 200)}`);
    } else if (call.run !== null && (call.run !== run || status > (call.status ?? status))) {
      // An unknown outcome may become known later, and a known one never unknown.
      this.wrongReplies.push(
        `${call.key}: run ${String(run)} with ${String(status)} after run ${String(call.run)} with ${String(call.status)}`,
      );
    } else {
      call.run = run;
      call.status = status;
      this.noteStandstill();
      this.repliedAt = performance.now();
      this.replied += 1;
    }
    return true;
  }

  private noteStandstill(): void {
    const since = performance.now() - this.repliedAt;
    this.counts.longestStandstillMilliseconds = Math.max(this.counts.longestStandstillMilliseconds, since);
  }

  private async callAgainAndAgain(): Promise<void> {
    const { random } = this.options;
    while (!this.isStopped) {
      const call = this.newCall();
      // Some send the same request twice at once, and some once more a while later.
      await Promise.all(random() < 0.2 ? [this.insist(call), this.insist(call)] : [this.insist(call)]);
      if (random() < 0.15) this.follow(this.insistLater(call, integerFrom(random, 1000, 20_000)));
      await sleep(integerFrom(random, 20, 400));
    }
  }

  private async insistLater(call: WantedCall, milliseconds: number): Promise<void> {
    await sleep(milliseconds);
    await this.insist(call);
  }

  private follow(work: Promise<void>): void {
    const followed = work.finally(() => this.underWay.delete(followed));
    this.underWay.add(followed);
  }
}

export function newCounts(): Counts {
  return {
    requests: 0,
    unavailable: 0,
    unsent: 0,
    cutOff: 0,
    longestWaitMilliseconds: 0,
    longestStandstillMilliseconds: 0,
  };
}
