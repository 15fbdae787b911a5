/** Hostile texts and JSON values of a given length, which may cause more than linear work. */
import type { JsonValue } from '@dograh-trigger/shared';

function repeat(piece: string, length: number): string {
  return piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
}

/** Pieces with different numbers: `x0 x1 x2 …`. */
function numbered(piece: (index: number) => string, length: number): string {
  let text = '';
  for (let index = 0; text.length < length; index += 1) text += piece(index);
  return text;
}

/** Texts by name. */
export const texts: Record<string, (length: number) => string> = {
  'open braces': (length) => repeat('{{', length),
  'places without an end': (length) => repeat('{{x|a:', length),
  'places in places': (length) => repeat('{{a', length / 2) + repeat('}}', length / 2),
  'times in one zone': (length) => repeat('{{current_time_Europe/Berlin}}', length),
  'times in zones that are none': (length) =>
    numbered((index) => `{{current_time_A${String(index)}}}`, length),
  'places of different names': (length) => numbered((index) => `{{a.b.${String(index)} | x}}`, length),
  spaces: (length) => `x${repeat(' ', length - 2)}x`,
  'spaces and line breaks': (length) => repeat(' \n\t\r', length),
  backslashes: (length) => repeat('\\', length),
  'line breaks in two characters': (length) => repeat('\\n', length),
  quotes: (length) => repeat('"\'', length),
  'half surrogate pairs': (length) => repeat('\ud800', length),
  'characters of four bytes': (length) => repeat('😀', length),
  digits: (length) => repeat('1234567890', length),
  'plus signs': (length) => `+${repeat('+', length - 1)}`,
  'a long number': (length) => `+1${repeat('4155550100', length)}`,
  letters: (length) => repeat('a', length),
  'dots and at signs': (length) => repeat('a.a@', length),
  'an address without an end': (length) => `https://a.example/${repeat('%2e/../', length)}`,
  'separators of lists': (length) => repeat(',', length),
  markup: (length) => repeat('<a>&', length),
  wildcards: (length) => repeat('%_-*', length),
};

/** Maximum number of values in a body, minus those of the rest of it. */
export const mostValues = 19_000;

/** The text in slices of 64 characters. 1 MiB has fewer slices than a body may have values. */
function slices(text: string): string[] {
  return text.match(/[^]{1,64}/g) ?? [];
}

/** A JSON value made from a text, for schemas that accept it. */
export interface Shape {
  name: string;
  /** Whether it creates an object whose members are added to the existing ones. */
  isMembers: boolean;
  /** Only the length of the text matters. */
  isOfLength: boolean;
  make: (text: string) => JsonValue;
}

function shape(name: string, make: Shape['make'], isMembers = false): Shape {
  return { name, isMembers, isOfLength: false, make };
}

export const asText = shape('as a text', (text) => text);

/** For schemas that accept a list, or any value. */
export const shapes = {
  asList: shape('as a list', slices),
  asKey: shape('as a key', (text) => ({ [text]: 'x' }), true),
  asKeys: shape(
    'as keys',
    (text) => Object.fromEntries(slices(text).map((slice, index) => [`${slice}${String(index)}`, null])),
    true,
  ),
  asPairs: shape(
    'as pairs',
    (text) => Object.fromEntries(slices(text).map((slice, index) => [`k${String(index)}`, slice])),
    true,
  ),
  /** The maximum nesting that the server accepts. */
  asDepth: shape('in depth', (text) => {
    let value: JsonValue = text;
    for (let depth = 0; depth < 50; depth += 1) value = depth % 2 === 0 ? [value] : { d: value };
    return value;
  }),
} satisfies Record<string, Shape>;

/** Bodies that are hostile as a whole. */
export const bodies: Record<string, (length: number) => string> = {
  'lists in lists': (length) => repeat('[', length),
  'objects in objects': (length) => repeat('{"a":', length),
  'lists beside lists': (length) => `[${repeat('[],', length - 4)}[]]`,
  'one name again and again': (length) => `{${repeat('"a":1,', length - 8)}"a":1}`,
  'names that nobody knows': (length) =>
    `{${numbered((index) => `"phone_numbe${String(index)}":1,`, length - 8)}"a":1}`,
  'names that are nearly known': (length) =>
    `{${numbered((index) => `"Inital_Contxet${'_-'.repeat(index % 9)}${String(index)}":1,`, length - 8)}"a":1}`,
  'one name without an end': (length) => `{"${repeat('a_', length - 6)}":1}`,
  'a number without an end': (length) => `{"workflow_id":${repeat('1', length - 20)}}`,
  'a broken escape': (length) => `"${repeat('\\u00', length - 2)}"`,
};
