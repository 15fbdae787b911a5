/**
 * Requests with a wrong key, token or signature. A few are normal. A thousand within ten seconds are an attack: they
 * are logged and counted in the metrics, and the replies are delayed.
 */
import type { Logger } from 'pino';
import type { Clock } from '../../clock';
import type { Metrics } from '../../metrics';
import { Problem } from '../../problem';
import type { Caller } from './caller-address';
import type { RequestLimits } from './request-limits';

const windowMilliseconds = 10_000;
const noticedFrom = 1000;
const delayMilliseconds = 1000;
/** At most this many replies are delayed at a time, so that open requests do not pile up. */
const maximumWaiting = 100;

export class RefusedKeys {
  #windowStart = 0;
  #inWindow = 0;
  #waiting = 0;

  constructor(
    private readonly host: { clock: Clock; log: Logger; metrics: Metrics },
    private readonly limits: RequestLimits,
  ) {}

  /**
   * Throws the error again, after a delay while many requests are refused.
   * @throws `thrown`, or the Problem `rate_limited` when this address was refused too often.
   */
  async refuse(caller: Caller, thrown: unknown): Promise<never> {
    if (thrown instanceof Problem && thrown.kind === 'unauthenticated') {
      this.#notice(caller);
      this.limits.countStranger(caller);
      await this.#delay();
    }
    throw thrown;
  }

  #notice({ address }: Caller): void {
    this.host.metrics.unauthenticated.inc();
    const now = this.host.clock.steady().getTime();
    if (now - this.#windowStart >= windowMilliseconds) {
      this.#windowStart = now;
      this.#inWindow = 0;
    }
    this.#inWindow += 1;
    if (this.#inWindow !== noticedFrom) return;
    this.host.log.warn(
      { refused: noticedFrom, withinMilliseconds: now - this.#windowStart, address },
      'many requests have no valid key, token or signature; the last one came from this address',
    );
  }

  #delay(): Promise<void> {
    if (this.#inWindow < noticedFrom || this.#waiting >= maximumWaiting) return Promise.resolve();
    this.#waiting += 1;
    return new Promise((resolve) => {
      this.host.clock.after(delayMilliseconds, () => {
        this.#waiting -= 1;
        resolve();
      });
    });
  }
}
