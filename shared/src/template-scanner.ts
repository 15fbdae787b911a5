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
const closeBrace = 0x7d;
const colon = 0x3a;

/** Start and end of a piece of the template. */
type Span = [start: number, end: number];

/** Every place of the template, from left to right, none overlapping another. */
export function scanTemplate(template: string): TemplatePlace[] {
  const find = {
    pathStart: forwardSearch(template, isNoSpace),
    pathEnd: forwardSearch(template, (code) => code === bar || code === closeBrace || isSpace(code)),
    afterPath: forwardSearch(template, isNoSpace),
    filterEnd: forwardSearch(template, (code) => code === colon || code === closeBrace),
    argumentEnd: forwardSearch(template, (code) => code === closeBrace),
  };

  // Text is cut out only of a place that is one: trimming for every candidate would read shared spaces again and again.
  function placeAt(start: number): TemplatePlace | undefined {
    const pathStart = find.pathStart(start + 2);
    const pathEnd = find.pathEnd(pathStart);
    if (pathEnd === pathStart) return undefined;
    const filterStart = find.afterPath(pathEnd) + 1;
    if (template[filterStart - 1] !== '|') return place(start, filterStart - 1, [pathStart, pathEnd]);

    const filterEnd = find.filterEnd(filterStart);
    if (filterEnd === filterStart) return undefined;
    if (template[filterEnd] !== ':')
      return place(start, filterEnd, [pathStart, pathEnd], [filterStart, filterEnd]);

    const argumentEnd = find.argumentEnd(filterEnd + 1);
    if (argumentEnd === filterEnd + 1) return undefined;
    return place(
      start,
      argumentEnd,
      [pathStart, pathEnd],
      [filterStart, filterEnd],
      [filterEnd + 1, argumentEnd],
    );
  }

  function place(start: number, braces: number, path: Span, filter?: Span, argument?: Span) {
    if (!template.startsWith('}}', braces)) return undefined;
    return {
      start,
      end: braces + 2,
      path: template.slice(...path),
      filter: filter ? template.slice(...filter).trim() : null,
      argument: argument ? template.slice(...argument).trim() : null,
    };
  }

  const places: TemplatePlace[] = [];
  let start = template.indexOf('{{');
  while (start !== -1) {
    const found = placeAt(start);
    if (found) places.push(found);
    start = template.indexOf('{{', found ? found.end : start + 1);
  }
  return places;
}

/**
 * A search for the first index at or after `from` whose character `stops`, or the length of the text.
 * It remembers its last answer: as long as `from` never goes down, all its searches together read the text once.
 *
 * @param stops is given the character's UTF-16 code unit: a text is read unit by unit, and a megabyte of them has to cost
 *   a few milliseconds.
 */
function forwardSearch(text: string, stops: (code: number) => boolean): (from: number) => number {
  let found = -1;
  return (from) => {
    if (found < from) {
      found = from;
      while (found < text.length && !stops(text.charCodeAt(found))) found += 1;
    }
    return found;
  };
}

/** As `\s` of a regular expression. */
function isSpace(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return /\s/.test(String.fromCharCode(code));
}

function isNoSpace(code: number): boolean {
  return !isSpace(code);
}
