/** The statement that adds to a counter. */
import type { Counter } from '../port';

/** @param parameter the text of the n-th parameter: the amounts, in the order of the columns, then the id. */
export function addStatement({ table, columns }: Counter, parameter: (position: number) => string): string {
  const sums = columns.map((column, index) => `"${column}" = "${column}" + ${parameter(index + 1)}`);
  return `update "${table}" set ${sums.join(', ')} where "id" = ${parameter(columns.length + 1)}`;
}
