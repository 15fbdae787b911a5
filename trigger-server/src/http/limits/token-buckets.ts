/** Token buckets by name. Each holds at most a burst, and refills at a constant rate. */
import { forgetOldest } from '../../forget-oldest';

interface Bucket {
  tokens: number;
  /** When they were counted, in milliseconds. */
  at: number;
}

/** Beyond this number the oldest bucket is dropped; its name starts again with a full one. */
const maximumBuckets = 10_000;

export class TokenBuckets {
  readonly #buckets = new Map<string | number, Bucket>();

  /**
   * @param perSecond tokens added each second. @param burst the most tokens in a bucket. Both are whole numbers from 1
   * on.
   */
  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
  ) {}

  /**
   * Takes a token. It looks into the map only once, because every request passes here.
   * @param now milliseconds of any clock; while the clock is set back, buckets do not refill.
   * @returns 0, or the seconds until there is a token again.
   */
  take(name: string | number, now: number): number {
    const bucket = this.#buckets.get(name) ?? this.#add(name, now);
    const seconds = Math.max(0, now - bucket.at) / 1000;
    bucket.tokens = Math.min(this.burst, bucket.tokens + seconds * this.perSecond);
    bucket.at = now;
    if (bucket.tokens < 1) return (1 - bucket.tokens) / this.perSecond;
    bucket.tokens -= 1;
    return 0;
  }

  #add(name: string | number, now: number): Bucket {
    const bucket = { tokens: this.burst, at: now };
    this.#buckets.set(name, bucket);
    forgetOldest(this.#buckets, maximumBuckets);
    return bucket;
  }
}
