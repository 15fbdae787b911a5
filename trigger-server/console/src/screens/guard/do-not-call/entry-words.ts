/** Where an entry of the do-not-call list comes from, in words. */
import type { DoNotCallEntry } from '@dograh-trigger/shared';

const sourceWords: Record<string, string> = {
  user: 'A user',
  key: 'An API key',
  run: 'The person, in a call',
  csv: 'A file',
  policy: 'The former policy',
};

/** Any other source is what its request said. */
export function sourceOfEntry({ source }: Pick<DoNotCallEntry, 'source'>): string {
  return Object.hasOwn(sourceWords, source) ? (sourceWords[source] ?? source) : source;
}
