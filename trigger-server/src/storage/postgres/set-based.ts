/**
 * One statement for many: the same query with other values, asked several times in one turn of the event loop, becomes a
 * single query over arrays of values. PostgreSQL then plans and runs it once.
 */
import type { BindValue } from '../port';

/** `values[n]` are those of the n-th asker. */
export interface SetBased {
  text: string;
  /** One array a parameter. */
  values: BindValue[][];
}

/** In an answer: whose row it is. */
export const askerColumn = 'asker__';

/** PostgreSQL allows no variable there, so that each asker's own value cannot stand in one statement. */
const notForSets = /\b(?:limit|offset) \$\d|\bfor (?:update|share)\b/;

/**
 * @param text a compiled query with parameters `$1`, `$2` …
 * @param askers the values of each asker.
 * @returns null for a query that does not only read, or that cannot be asked for many at once.
 */
export function forMany(text: string, askers: readonly (readonly BindValue[])[]): SetBased | null {
  if (!text.startsWith('select ') || notForSets.test(text)) return null;
  const count = askers[0]?.length ?? 0;
  if (count === 0) return null;
  const kinds: string[] = [];
  const values: BindValue[][] = [];
  for (let index = 0; index < count; index += 1) {
    const column = askers.map((asker) => asker[index] ?? null);
    const kind = kindOf(column);
    if (kind === null) return null;
    kinds.push(kind);
    values.push(column);
  }
  const arrays = kinds.map((kind, index) => `$${index + 1}::${kind}[]`).join(', ');
  const names = kinds.map((_, index) => parameterName(index + 1)).join(', ');
  return {
    text:
      `select asked.${askerColumn}, answer.* from unnest(${arrays}) with ordinality as asked(${names}, ${askerColumn}) ` +
      `cross join lateral (select found.*, row_number() over () as place__ from (${withNames(text)}) as found) as answer ` +
      `order by asked.${askerColumn}, answer.place__`,
    values,
  };
}

function parameterName(number: number): string {
  return `value_${number}__`;
}

/** Replaces `$1` by `asked.value_1__`, but not inside quotes. */
function withNames(text: string): string {
  return text.replace(
    /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\d+)/g,
    (whole: string, number: string | undefined) =>
      number === undefined ? whole : `asked.${parameterName(Number(number))}`,
  );
}

/** The type of the column that the values are compared with: the schema has only texts and whole numbers. */
function kindOf(values: readonly BindValue[]): 'text' | 'bigint' | null {
  let kind: 'text' | 'bigint' | null = null;
  for (const value of values) {
    if (value === null) continue;
    if (typeof value === 'number' && !Number.isSafeInteger(value)) return null;
    const own = typeof value === 'number' ? 'bigint' : 'text';
    if (kind !== null && kind !== own) return null;
    kind = own;
  }
  return kind;
}
