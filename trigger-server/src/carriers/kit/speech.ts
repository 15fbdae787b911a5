/** Cuts text for carriers that limit the length of one command. */

/**
 * The text in parts of at most `limit` UTF-16 units, cut at white space where possible. Only the white space around a cut
 * is lost. Blank text has no parts.
 */
export function speechParts(text: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = text.trim();
  while (rest.length > limit) {
    const end = cutBefore(rest, limit);
    parts.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  return rest === '' ? parts : [...parts, rest];
}

function cutBefore(text: string, limit: number): number {
  for (let at = limit; at > 0; at -= 1) if (/\s/.test(text.charAt(at))) return at;
  const splitsPair = /[\ud800-\udbff]/.test(text.charAt(limit - 1));
  return splitsPair ? limit - 1 : limit;
}
