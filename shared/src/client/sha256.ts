/**
 * SHA-256 (FIPS 180-4) in plain JavaScript: browsers have no synchronous one, and the client runs there too. Only for the
 * short texts of marks; Node's own, in `idempotency.ts`, is faster.
 */

/** The first 32 bits of the fractional part of `root`. */
const fraction = (root: number) => ((root - Math.floor(root)) * 2 ** 32) | 0;

const isPrime = (candidate: number) => {
  for (let factor = 2; factor * factor <= candidate; factor += 1) if (candidate % factor === 0) return false;
  return true;
};
const primes = Array.from({ length: 310 }, (_, place) => place + 2)
  .filter(isPrime)
  .slice(0, 64);
const constants = primes.map((prime) => fraction(Math.cbrt(prime)));
const start = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

const rotate = (word: number, bits: number) => (word >>> bits) | (word << (32 - bits));

/** @returns the text's UTF-8 bytes, a one bit, zeros, and the length in bits: whole blocks of 64 bytes. */
function padded(text: string): DataView {
  const bytes = new TextEncoder().encode(text);
  const blocks = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  blocks.set(bytes);
  blocks[bytes.length] = 0x80;
  const view = new DataView(blocks.buffer);
  view.setBigUint64(blocks.length - 8, BigInt(bytes.length) * 8n);
  return view;
}

/** The 64 words that a block is extended to (6.2.2, step 1). */
function schedule(view: DataView, offset: number): Int32Array {
  const words = new Int32Array(64);
  const at = (place: number) => words[place] ?? 0;
  for (let place = 0; place < 16; place += 1) words[place] = view.getInt32(offset + 4 * place);
  for (let place = 16; place < 64; place += 1) {
    const [early, late] = [at(place - 15), at(place - 2)];
    const sigma0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    const sigma1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    words[place] = at(place - 16) + sigma0 + at(place - 7) + sigma1;
  }
  return words;
}

/** The hash after one more block (6.2.2, steps 2 to 4). */
function compress(hash: readonly number[], words: Int32Array): number[] {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash;
  constants.forEach((constant, round) => {
    const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const choice = (e & f) ^ (~e & g);
    const first = (h + sum1 + choice + constant + (words[round] ?? 0)) | 0;
    const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + sum0 + majority) | 0];
  });
  return [a, b, c, d, e, f, g, h].map((word, place) => (word + (hash[place] ?? 0)) | 0);
}

/** SHA-256 of the text's UTF-8 bytes, as 64 lower-case hex digits. */
export function sha256OfText(text: string): string {
  const view = padded(text);
  let hash: readonly number[] = start;
  for (let offset = 0; offset < view.byteLength; offset += 64) hash = compress(hash, schedule(view, offset));
  return hash.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
