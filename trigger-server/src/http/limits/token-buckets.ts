/** Token buckets by name: each holds up to a burst, and fills at an even rate. */
import { forgetOldest } from '../../forget-oldest';

interface Bucket {
  tokens: number;
  /** When they were counted, in milliseconds. */
  at: number;
}

/** Beyond so many names the longest known one is forgotten, which gives it a full bucket. */
const maximumBuckets = 10_000;

export class TokenBuckets {
  readonly #buckets = new Map<string | number, Bucket>();

  /** @param perSecond tokens that come in, and @param burst how many there are at most: whole numbers from 1 on. */
  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
  ) {}

  /**
   * Takes a token. One look into the map: it stands in the way of every call.
   * @param now milliseconds of any clock; one that is set back fills nothing until it goes on.
   * @returns 0, or in how many seconds there is a token again.
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
