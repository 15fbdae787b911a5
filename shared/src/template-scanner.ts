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

/** Start and end of a piece of the template. */
type Span = [start: number, end: number];

/** Every place of the template, from left to right, none overlapping another. */
export function scanTemplate(template: string): TemplatePlace[] {
  const find = {
    pathStart: forwardSearch(template, isNoSpace),
    pathEnd: forwardSearch(
      template,
      (character) => character === '|' || character === '}' || isSpace(character),
    ),
    afterPath: forwardSearch(template, isNoSpace),
    filterEnd: forwardSearch(template, (character) => character === ':' || character === '}'),
    argumentEnd: forwardSearch(template, (character) => character === '}'),
  };

  // Text is cut out only of a place that is one: trimming for every candidate would read shared spaces again and again.
  function placeAt(start: number): TemplatePlace | undefined {
    const pathStart = find.pathStart(start + 2);
    const pathEnd = find.pathEnd(pathStart);
    if (pathEnd === pathStart) return undefined;
    const bar = find.afterPath(pathEnd);
    if (template[bar] !== '|') return place(start, bar, [pathStart, pathEnd]);

    const filterEnd = find.filterEnd(bar + 1);
    if (filterEnd === bar + 1) return undefined;
    if (template[filterEnd] !== ':')
      return place(start, filterEnd, [pathStart, pathEnd], [bar + 1, filterEnd]);

    const argumentEnd = find.argumentEnd(filterEnd + 1);
    if (argumentEnd === filterEnd + 1) return undefined;
    return place(
      start,
      argumentEnd,
      [pathStart, pathEnd],
      [bar + 1, filterEnd],
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
 */
function forwardSearch(text: string, stops: (character: string) => boolean): (from: number) => number {
  let found = -1;
  return (from) => {
    if (found < from) {
      found = from;
      while (found < text.length && !stops(text.charAt(found))) found += 1;
    }
    return found;
  };
}

function isSpace(character: string): boolean {
  return /\s/.test(character);
}

function isNoSpace(character: string): boolean {
  return !isSpace(character);
}
