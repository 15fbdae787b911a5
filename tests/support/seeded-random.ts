/** Chance that a seed repeats. */

export type Random = () => number;

/** Numbers from 0 to 1, the same for each seed: https://en.wikipedia.org/wiki/Xorshift */
export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** A whole number from `least` to `most`, both included. */
export function integerFrom(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}
