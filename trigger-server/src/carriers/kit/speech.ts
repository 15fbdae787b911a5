/** Cuts text for carriers that limit the length of one command. */

/** The limit of one part, and how much each character counts. */
export interface SpeechLimit {
  most: number;
  /** @param character one code point. */
  count: (character: string) => number;
}

/** UTF-16 units. */
export function atMostCharacters(most: number): SpeechLimit {
  return { most, count: (character) => character.length };
}

/** Bytes of UTF-8. */
export function atMostBytes(most: number): SpeechLimit {
  return { most, count: (character) => Buffer.byteLength(character) };
}

/** Characters of the URL-encoded text. Encoders differ: everything but letters and digits counts as encoded. */
export function atMostEncoded(most: number): SpeechLimit {
  return {
    most,
    count: (character) => (/[A-Za-z0-9]/.test(character) ? 1 : 3 * Buffer.byteLength(character)),
  };
}

/**
 * Splits a text into parts within all limits: after the last sentence that fits, otherwise at the last white space,
 * otherwise inside a word, but never inside a character. Only white space is lost. Blank text has no parts.
 */
export function speechParts(text: string, ...limits: readonly SpeechLimit[]): string[] {
  const characters = Array.from(text.trim());
  const parts: string[] = [];
  let start = 0;
  while (start < characters.length) {
    const end = endOfPart(characters, start, limits);
    parts.push(characters.slice(start, end).join('').trimEnd());
    start = end;
    while (isBlank(characters[start])) start += 1;
  }
  return parts;
}

function endOfPart(characters: readonly string[], start: number, limits: readonly SpeechLimit[]): number {
  const counted = limits.map(() => 0);
  let afterSentence = start;
  let afterWord = start;
  for (let at = start; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    if (at > start && isBlank(character)) afterWord = at;
    if (at > start && endsSentence(characters, at)) afterSentence = at;
    limits.forEach(({ count }, index) => (counted[index] = (counted[index] ?? 0) + count(character)));
    const fits = limits.every(({ most }, index) => (counted[index] ?? 0) <= most);
    if (fits) continue;
    if (afterSentence > start) return afterSentence;
    return afterWord > start ? afterWord : Math.max(at, start + 1);
  }
  return characters.length;
}

/** Quotes and brackets after the mark that ends a sentence. */
const closing = /["'”’»)\]」』）]/u;
const mostClosing = 3;

/** Whether a sentence ends before this character. Chinese and Japanese have no space after a sentence. */
function endsSentence(characters: readonly string[], at: number): boolean {
  let last = at - 1;
  while (last > at - 1 - mostClosing && closing.test(characters[last] ?? '')) last -= 1;
  const mark = characters[last] ?? '';
  if (/[。！？]/u.test(mark)) return !closing.test(characters[at] ?? '');
  return /[.!?…؟।]/u.test(mark) && isBlank(characters[at]);
}

function isBlank(character: string | undefined): boolean {
  return character !== undefined && /\s/.test(character);
}
