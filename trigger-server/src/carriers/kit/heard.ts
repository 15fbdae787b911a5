/** A carrier's recognition of speech: the words that it expects, and what it has heard. */
import type { FromCallee } from '../port/talk';

/** Beyond it, words are not read: no carrier listens for so long. */
const mostCharacters = 10_000;

/** @param text empty or absent: nothing was heard. @param confidence 0 to 1, as a number or a text. */
export function heardOf(text: unknown, confidence: unknown): FromCallee {
  if (typeof text !== 'string' || text.trim() === '') return { kind: 'silence' };
  const said = text.slice(0, mostCharacters).toWellFormed();
  const share = typeof confidence === 'string' && confidence.trim() !== '' ? Number(confidence) : confidence;
  const isShare = typeof share === 'number' && share >= 0 && share <= 1;
  return { kind: 'said', text: said, ...(isShare ? { confidence: share } : {}) };
}

/**
 * Words that are likely to be said, as carriers take them: one attribute, separated by commas.
 * @param mostCharacters of the attribute, above which it is left out.
 */
export function hintsAttribute(hints: readonly string[], mostCharacters: number): { hints?: string } {
  const said = hints.join(',');
  return said === '' || said.length > mostCharacters ? {} : { hints: said };
}
