/** Names of ignored fields, cut to a length that fits into a header and a column. */

const mostNames = 20;
const mostBytes = 1024;
const longestName = 64;
/** Stands for what was cut: the rest of a long name, or further names. */
const more = '…';
const separator = ', ';

/** Percent-encoding leaves only bytes that a header may have. */
function encode(name: string): string {
  return encodeURIComponent(name);
}

function shorten(name: string): string {
  // `encodeURIComponent` throws at a lone surrogate, and the cut may split a surrogate pair.
  const start = name.slice(0, longestName).toWellFormed();
  return name.length > longestName ? start + more : start;
}

/**
 * @param names as the caller sent them: any text, any number.
 * @returns the first 20 of them at most, each with its first 64 characters, and no more than 1 kB once they are
 * encoded. A last name `…` says that there were more.
 */
export function boundedNames(names: readonly string[]): string[] {
  const named: string[] = [];
  let bytes = encode(more).length;
  for (const name of names) {
    const short = shorten(name);
    bytes += encode(short).length + separator.length;
    if (named.length === mostNames || bytes > mostBytes) return [...named, more];
    named.push(short);
  }
  return named;
}

/** @returns the value of `Ignored-Fields`: the bounded names, percent-encoded. Null: nothing was ignored. */
export function ignoredFieldsHeader(names: readonly string[]): string | null {
  return names.length === 0 ? null : boundedNames(names).map(encode).join(separator);
}
