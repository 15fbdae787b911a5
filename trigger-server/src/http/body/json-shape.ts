/**
 * Checks depth and number of values of a JSON text before it is parsed: deep or fragmented JSON costs far more to parse
 * and handle than its size suggests. 64,000 names in 1 MiB blocked the event loop for half a second.
 */

const maxDepth = 64;
/** All values of lists and objects, counted together. */
const maxValues = 20_000;

const quote = 0x22;
const comma = 0x2c;
const openList = 0x5b;
const backslash = 0x5c;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** @returns why the text is refused; null when it may be parsed (it need not be valid JSON). */
export function shapeFault(bytes: Buffer): string | null {
  let depth = 0;
  let values = 0;
  let isInString = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (isInString) {
      if (byte === quote) isInString = false;
      else if (byte === backslash) index += 1;
    } else if (byte === quote) {
      isInString = true;
    } else if (byte === comma) {
      values += 1;
    } else if (byte === openList || byte === openObject) {
      depth += 1;
      values += 1;
      if (depth > maxDepth) return `Input should be nested at most ${String(maxDepth)} levels deep`;
    } else if (byte === closeList || byte === closeObject) {
      depth -= 1;
    }
    if (values > maxValues) return `Input should have at most ${String(maxValues)} values`;
  }
  return null;
}
