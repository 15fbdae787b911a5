/** What was heard of texts that were spoken one after the other, when the callee cut them off. */
import { plain } from './words';

/** Of what a carrier says was heard. A turn says less. */
const mostCharacters = 4000;

/**
 * @param spoken the words until the interruption, as the carrier says them; other texts may have been spoken between.
 * @returns of each text its beginning that was heard: all of it, a part, or nothing.
 */
export function heardOf(texts: readonly string[], spoken: string): string[] {
  let rest = evenly(plain(spoken.slice(0, mostCharacters)));
  let isCut = false;
  const parts = texts.map((text) => {
    if (isCut) return '';
    const words = evenly(text);
    const at = rest.indexOf(words);
    if (at !== -1) {
      rest = rest.slice(at + words.length).trim();
      return text;
    }
    isCut = true;
    return beginningAtEnd(words, rest);
  });
  // The carrier has other words for it, for example digits for a number.
  const isKnown = rest === '' || parts.some((part) => part !== '');
  return isKnown ? parts : parts.map((_, index) => (index === 0 ? rest : ''));
}

/** The longest beginning of a text with which the other one ends, from the beginning of a word on. */
function beginningAtEnd(text: string, other: string): string {
  for (let length = Math.min(text.length, other.length); length > 0; length -= 1) {
    const begins = other.length - length;
    const isWord = begins === 0 || other[begins - 1] === ' ';
    if (isWord && text.startsWith(other.slice(begins))) return text.slice(0, length).trim();
  }
  return '';
}

function evenly(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
