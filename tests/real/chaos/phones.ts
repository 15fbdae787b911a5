/**
 * The carrier, and the phones that it calls: each rings, is answered or is busy, and the carrier repeats each report
 * until it is accepted. It counts what it was really asked to dial.
 */
import { sleep } from '@dograh-trigger/shared/axios';
import type { ReceivedRequest } from '../../support/local-server';
import { integerFrom, type Random } from '../../support/seeded-random';
import { startTwilio } from '../../support/vendors/twilio';
import type { CallEvent, Vendor } from '../../support/vendors/vendor';

const pauseMilliseconds = 200;
const longestReportMilliseconds = 10_000;

/** A call that the carrier has taken. */
interface PhoneCall {
  run: number;
  to: string;
  /** Whether the server waits for the reply to its dial. */
  isDialOpen: boolean;
  hasEnded: boolean;
  /** Whether the report of its end was accepted. */
  isEndKnown: boolean;
}

export class Phones {
  readonly calls: PhoneCall[] = [];
  /** The most calls that were under way at once. */
  mostUnderWay = 0;
  /** Replies to reports that neither accept them nor ask to come again. */
  readonly strangeReplies = new Set<string>();
  /** Calls from now on are not answered and do not end. */
  areHeld = false;
  private isLimiting = false;
  private underWay = 0;
  private isClosed = false;
  private readonly lives = new Set<Promise<void>>();

  private constructor(
    private readonly vendor: Vendor,
    private readonly random: Random,
  ) {
    vendor.holdDials(async (dial) => {
      const call = this.begin(dial);
      await sleep(integerFrom(random, 10, 150));
      call.isDialOpen = false;
    });
  }

  static async start(random: Random): Promise<Phones> {
    return new Phones(await startTwilio(() => new Date()), random);
  }

  get origin(): string {
    return this.vendor.origin;
  }

  /** The numbers whose dial the carrier has read and not answered. */
  numbersBeingDialled(): Set<string> {
    return new Set(this.calls.filter(({ isDialOpen }) => isDialOpen).map(({ to }) => to));
  }

  /** From now on, or no longer, the carrier answers every second dial with 429. */
  limitDials(isLimiting: boolean): void {
    this.isLimiting = isLimiting;
    if (isLimiting) this.vendor.play('rate-limit');
  }

  /** How many dials it did not take. */
  refusedDials(): number {
    return this.vendor.dials.length - this.calls.length;
  }

  /** Requests of the servers to hang up: they have no reason to. */
  hangUps(): number {
    return this.vendor.requests.filter(({ method }) => method === 'POST').length;
  }

  /** Stops reporting. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(this.lives);
    await this.vendor.close();
  }

  private begin(dial: ReceivedRequest): PhoneCall {
    const form = new URLSearchParams(dial.body.toString('utf8'));
    const run = Number(/\/status\/(\d+)\//.exec(form.get('StatusCallback') ?? '')?.[1]);
    const call = { run, to: form.get('To') ?? '', isDialOpen: true, hasEnded: false, isEndKnown: false };
    this.calls.push(call);
    if (this.isLimiting) this.vendor.play('rate-limit');
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    if (!this.areHeld) {
      const life = this.live(dial, call).finally(() => this.lives.delete(life));
      this.lives.add(life);
    }
    return call;
  }

  private async live(dial: ReceivedRequest, call: PhoneCall): Promise<void> {
    const { random } = this;
    await sleep(integerFrom(random, 20, 200));
    await this.report(dial, 'ringing');
    await sleep(integerFrom(random, 50, 400));
    const isAnswered = random() < 0.8;
    if (isAnswered) {
      await this.report(dial, 'answered');
      await sleep(integerFrom(random, 100, 1500));
    }
    call.hasEnded = true;
    this.underWay -= 1;
    await this.report(dial, isAnswered ? 'completed' : 'busy');
    call.isEndKnown = !this.isClosed;
  }

  private async report(dial: ReceivedRequest, event: CallEvent): Promise<void> {
    const callback = this.vendor.callback(dial, event);
    if (callback === null) throw new Error(`The carrier reports no ${event}`);
    const { method, url, headers, body } = callback;
    while (!this.isClosed) {
      try {
        const signal = AbortSignal.timeout(longestReportMilliseconds);
        const reply = await fetch(url, { method, headers, signal, ...(body === undefined ? {} : { body }) });
        const text = await reply.text();
        if (reply.status === 200) return;
        if (reply.status !== 503) {
          this.strangeReplies.add(`${event}: ${String(reply.status)} ${text.slice(0, 200)}`);
        }
      } catch {
        // No reply came.
      }
      await sleep(pauseMilliseconds);
    }
  }
}
