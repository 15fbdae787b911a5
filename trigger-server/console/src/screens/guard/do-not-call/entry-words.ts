/** Where an entry of the do-not-call list comes from, and what became of a file, in words. */
import type { DoNotCallEntry, DoNotCallImport } from '@dograh-trigger/shared';

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

type Counts = Pick<DoNotCallImport, 'added' | 'prolonged' | 'unchanged' | 'skipped'>;

/** `12 numbers were added. 1 row was not added.` */
export function importInWords({ added, prolonged, unchanged, skipped }: Counts): string {
  const parts = [
    `${many(added, 'number was', 'numbers were')} added.`,
    ...(prolonged === 0 ? [] : [`${many(prolonged, 'entry lasts', 'entries last')} longer now.`]),
    ...(unchanged === 0 ? [] : [`${many(unchanged, 'number was', 'numbers were')} on the list already.`]),
    ...(skipped === 0 ? [] : [`${many(skipped, 'row was', 'rows were')} not added.`]),
  ];
  return parts.join(' ');
}

function many(count: number, one: string, several: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : several}`;
}
