/** What a carrier's recognition has heard. */
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
