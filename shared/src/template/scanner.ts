/**
 * Finds the `{{path | filter:argument}}` places of a template.
 *
 * Dograh's grammar is one regular expression:
 * `\{\{\s*([^|\s}]+)(?:\s*\|\s*([^:}]+)(?::([^}]+))?)?\s*\}\}`. Run as a regular expression it backtracks, and
 * 4,000 spaces take seconds. This scanner accepts the same texts in one pass.
 */

export interface TemplatePlace {
  /** Index of the first `{`. */
  start: number;
  /** Index after the last `}`. */
  end: number;
  /** Dotted name of the value. */
  path: string;
  /** Text after the bar, trimmed; `null` when there is no bar. */
  filter: string | null;
  /** Text after the filter's colon, trimmed; `null` when there is no colon. */
  argument: string | null;
}

const bar = 0x7c;
const lastAscii = 0x7f;

/** Every place of the template, from left to right, none overlapping another. */
export function scanTemplate(template: string): TemplatePlace[] {
  const places: TemplatePlace[] = [];
  const nextColon = forwardSearch(template, ':');
  let start = template.indexOf('{{');
  while (start !== -1) {
    // Nothing inside a place is a closing brace, so the next one ends it, or it is none.
    const close = template.indexOf('}', start + 2);
    if (close === -1) break;
    const found = template[close + 1] === '}' ? firstPlace(template, start, close, nextColon) : undefined;
    if (found) places.push(found);
    start = template.indexOf('{{', found ? found.end : close + 1);
  }
  return places;
}

/** The first place that begins at or after `start` and closes at `close`. */
function firstPlace(
  template: string,
  start: number,
  close: number,
  nextColon: (from: number) => number,
): TemplatePlace | undefined {
  let open = start;
  while (open !== -1 && open < close) {
    const pathStart = skipSpaces(template, open + 2, close);
    const pathEnd = endOfPath(template, pathStart, close);
    const filterBar = skipSpaces(template, pathEnd, close);
    if (pathStart < pathEnd) {
      const path = template.slice(pathStart, pathEnd);
      if (filterBar === close) return { start: open, end: close + 2, path, filter: null, argument: null };
      const colon = Math.min(nextColon(filterBar + 1), close);
      const hasFilter = template.charCodeAt(filterBar) === bar && filterBar + 1 < colon;
      if (hasFilter && colon + 1 !== close) {
        const filter = template.slice(filterBar + 1, colon).trim();
        const argument = colon === close ? null : template.slice(colon + 1, close).trim();
        return { start: open, end: close + 2, path, filter, argument };
      }
    }
    // Braces within this path would have the same end of it, and fail for the same reason.
    open = template.indexOf('{{', Math.max(open + 1, pathEnd - 2));
  }
  return undefined;
}

function skipSpaces(text: string, from: number, to: number): number {
  let index = from;
  while (index < to && isSpace(text.charCodeAt(index))) index += 1;
  return index;
}

function endOfPath(text: string, from: number, to: number): number {
  let index = from;
  while (index < to && text.charCodeAt(index) !== bar && !isSpace(text.charCodeAt(index))) index += 1;
  return index;
}

/**
 * A search for the next index of a character, or the length of the text. It remembers its last answer: as long as `from`
 * never goes down, all its searches together read the text once.
 */
function forwardSearch(text: string, character: string): (from: number) => number {
  let found = -1;
  return (from) => {
    if (found < from) found = text.indexOf(character, from);
    if (found === -1) found = text.length;
    return found;
  };
}

/** As `\s` of a regular expression, by UTF-16 code unit: a megabyte of them has to cost a few milliseconds. */
function isSpace(code: number): boolean {
  if (code <= lastAscii) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return /\s/.test(String.fromCharCode(code));
}
