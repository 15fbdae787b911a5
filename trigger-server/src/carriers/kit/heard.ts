/** What comes from a carrier in a conversation: the words that it has recognised, and the end of a transfer. */
import type { FromCallee, TransferEnd } from '../port/talk';

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

/** The end of a transfer by a carrier's word. Any word that is not known says that nobody was reached. */
export function transferEndOf(word: string | undefined): TransferEnd {
  return transferEnds.get(word ?? '') ?? { kind: 'transfer_failed', reason: 'call_failed' };
}

const transferEnds: ReadonlyMap<string, TransferEnd> = new Map<string, TransferEnd>([
  ['completed', { kind: 'transferred', isOver: true }],
  ['answered', { kind: 'transferred', isOver: true }],
  ['busy', { kind: 'transfer_failed', reason: 'busy' }],
  ['rejected', { kind: 'transfer_failed', reason: 'busy' }],
  ['no-answer', { kind: 'transfer_failed', reason: 'no_answer' }],
  ['timeout', { kind: 'transfer_failed', reason: 'no_answer' }],
  ['unanswered', { kind: 'transfer_failed', reason: 'no_answer' }],
]);
