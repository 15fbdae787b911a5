/**
 * Renders prompts, greetings and payloads with the values of a call, like Dograh's template renderer. There are two
 * intended differences: with an unknown time zone, a bare `{{current_time}}` uses UTC instead of failing; and a
 * rendered text is cut at {@link maximumRenderedLength} characters, unless `wholeUpTo` or `cutAt` is set.
 */
import { templateClock } from './clock';
import { pythonText, titleCase } from './python';
import { scanTemplate, type TemplatePlace } from './scanner';
import type { JsonObject, JsonValue } from '../contracts';

/** Maximum length of one rendered string, in UTF-16 code units. */
export const maximumRenderedLength = 4000;

/** Maximum number of placeholders in all texts of a template together. */
export const maximumPlaces = 1000;

/** The error message for a template with more than {@link maximumPlaces} placeholders. */
export const tooManyPlaces = `The template has more than ${maximumPlaces} places to fill in`;

export interface RenderOptions {
  /** The time for `{{current_time}}` and `{{current_weekday}}`. */
  now: Date;
  /**
   * Cuts nothing, and refuses a template whose rendered texts have more characters than this in total. For
   * payloads: a text in them may contain JSON, which would be useless when cut.
   */
  wholeUpTo?: number;
  /** {@link renderTemplate} gives a text that is one placeholder and nothing else the value itself, with its type. */
  keepsTypes?: true;
  /** Cuts the text at this length instead. For prompts, which nobody has to listen to. */
  cutAt?: number;
}

/** The remaining limits of one template. */
interface Budget {
  places: number;
  /** Undefined if texts are cut instead. */
  characters: number | undefined;
}

/**
 * Renders every string inside a JSON value, including object keys. Other scalars stay unchanged. The caller must
 * limit the nesting (the API refuses more than 64 levels).
 * @throws RangeError when it has more than {@link maximumPlaces} places, or would be longer than `wholeUpTo`.
 */
export function renderTemplate(template: JsonValue, context: JsonObject, options: RenderOptions): JsonValue {
  const remaining = { places: maximumPlaces, characters: options.wholeUpTo };
  const text = (part: string) => renderWithin(remaining, part, context, options);
  const typed = (part: string) => (options.keepsTypes === true ? soleValue(part, context) : undefined);
  const value = (part: JsonValue): JsonValue => {
    if (typeof part === 'string') return typed(part) ?? text(part);
    if (Array.isArray(part)) return part.map(value);
    if (typeof part !== 'object' || part === null) return part;
    // fromEntries defines keys instead of assigning them, so a key named __proto__ is harmless.
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [text(key), value(item)]));
  };
  return value(template);
}

/**
 * Renders one text. A missing value is replaced by its fallback, or by nothing. Values are not rendered again. The
 * two characters `\n`, in the template or in a value, become a line break.
 *
 * @returns The text, cut at `cutAt`, by default {@link maximumRenderedLength} characters, unless `wholeUpTo` is set.
 * @throws RangeError when it has more than {@link maximumPlaces} places, or would be longer than `wholeUpTo`.
 */
export function renderText(template: string, context: JsonObject, options: RenderOptions): string {
  return renderWithin({ places: maximumPlaces, characters: options.wholeUpTo }, template, context, options);
}

/** The value of a text that is one placeholder; undefined for other texts, and where there is no value. */
function soleValue(template: string, context: JsonObject): JsonValue | undefined {
  const [place, ...others] = scanTemplate(template);
  const isSole = place?.start === 0 && place.end === template.length && others.length === 0;
  const value = isSole ? (lookUp(place.path, context) ?? '') : '';
  return value === '' ? undefined : value;
}

/** Whether {@link renderTemplate} would refuse the template for its number of placeholders. */
export function hasTooManyPlaces(template: JsonValue): boolean {
  let left = maximumPlaces;
  const visit = (part: JsonValue): void => {
    if (typeof part === 'string') left -= scanTemplate(part).length;
    else if (typeof part === 'object' && part !== null) {
      for (const [key, item] of Object.entries(part)) {
        visit(key);
        visit(item);
      }
    }
  };
  visit(template);
  return left < 0;
}

/** @param left reduced by the placeholders and characters of this text. */
function renderWithin(
  left: Budget,
  template: string,
  context: JsonObject,
  { now, wholeUpTo, cutAt = maximumRenderedLength }: RenderOptions,
): string {
  const places = scanTemplate(template);
  left.places -= places.length;
  if (left.places < 0) throw new RangeError(tooManyPlaces);
  const clock = templateClock(
    places.map(({ path }) => path),
    now,
  );
  const longest = left.characters ?? cutAt;
  // A line break takes two characters in the raw text, so this much raw text is enough.
  const enough = 2 * longest;
  let rendered = '';
  let position = 0;
  for (const place of places) {
    rendered += template.slice(position, place.start);
    if (rendered.length > enough) break;
    rendered += clock(place.path) ?? contextText(place, context);
    position = place.end;
  }
  rendered += template.slice(position);
  const text = rendered.slice(0, enough + 1).replaceAll('\\n', '\n');
  if (left.characters === undefined) return cut(text, longest);
  if (text.length > longest) {
    throw new RangeError(`The rendered texts have more than ${String(wholeUpTo)} characters together`);
  }
  left.characters -= text.length;
  return text;
}

/** The text for a missing value; `null` when the template has no fallback. */
export function fallbackText({ path, filter, argument }: TemplatePlace): string | null {
  if (filter !== 'fallback') return filter;
  return argument ?? titleCase(path);
}

function contextText(place: TemplatePlace, context: JsonObject): string {
  const value = lookUp(place.path, context) ?? '';
  return value === '' ? (fallbackText(place) ?? '') : pythonText(value);
}

/** Whether a context has a usable value for a name. Blank text, `{}` and `[]` do not count. */
export function isFilled(name: string, context: JsonObject): boolean {
  const value = lookUp(`initial_context.${name}`, context) ?? '';
  if (typeof value === 'string') return value.trim() !== '';
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** A prompt's context is flat, so `initial_context.name` also finds `name`. */
export function lookUp(path: string, context: JsonObject): JsonValue | undefined {
  const prefix = 'initial_context.';
  const value = follow(path, context) ?? undefined;
  return value === undefined && path.startsWith(prefix) ? follow(path.slice(prefix.length), context) : value;
}

/** Dots lead into objects only, never into arrays. */
function follow(path: string, context: JsonObject): JsonValue | undefined {
  let value: JsonValue | undefined = context;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    if (!Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

function cut(text: string, length: number): string {
  const head = text.slice(0, length);
  // Half of a surrogate pair is not a character.
  return head.length < text.length ? head.replace(/[\uD800-\uDBFF]$/, '') : head;
}
