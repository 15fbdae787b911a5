/**
 * Fills prompts, greetings and payloads with a call's values, as Dograh's template renderer does.
 * Differences, all on purpose: an unknown time zone next to a bare `{{current_time}}` gives UTC instead of an
 * error, and a rendered text is cut at {@link maximumRenderedLength} characters, unless it is asked for whole.
 */
import { templateClock } from './clock';
import { pythonText, titleCase } from './python';
import { scanTemplate, type TemplatePlace } from './scanner';
import type { JsonObject, JsonValue } from '../contracts';

/** Longest text that one template string can become, in UTF-16 code units. */
export const maximumRenderedLength = 4000;

/** So many places of a template are filled in at most, those of all its texts together. */
export const maximumPlaces = 1000;

/** What a template with more than {@link maximumPlaces} places is refused with, whoever refuses it. */
export const tooManyPlaces = `The template has more than ${maximumPlaces} places to fill in`;

export interface RenderOptions {
  /** The moment that `{{current_time}}` and `{{current_weekday}}` show. */
  now: Date;
  /**
   * Renders whole: nothing is cut, and a template whose texts would have more characters than this together is
   * refused. For payloads, where a text may hold JSON, of which a part is worth nothing.
   */
  wholeUpTo?: number;
}

/** What is left of what a template may come to. */
interface Budget {
  places: number;
  /** Undefined: each text is cut instead. */
  characters: number | undefined;
}

/**
 * Renders every string inside a JSON value, keys of objects too. Other scalars stay as they are.
 * The value's nesting must be bounded by the caller (the API refuses more than 64 levels).
 * @throws RangeError when it has more than {@link maximumPlaces} places, or would be longer than `wholeUpTo`.
 */
export function renderTemplate(template: JsonValue, context: JsonObject, options: RenderOptions): JsonValue {
  const remaining = { places: maximumPlaces, characters: options.wholeUpTo };
  const text = (part: string) => renderWithin(remaining, part, context, options);
  const value = (part: JsonValue): JsonValue => {
    if (typeof part === 'string') return text(part);
    if (Array.isArray(part)) return part.map(value);
    if (typeof part !== 'object' || part === null) return part;
    // fromEntries defines its keys, so that a key named __proto__ is only a key.
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [text(key), value(item)]));
  };
  return value(template);
}

/**
 * Renders one text. A missing value becomes its fallback, or nothing; values are never rendered again.
 * Two characters `\n`, in the template or in a value, become a line break.
 *
 * @returns At most {@link maximumRenderedLength} characters, the rest is cut; or the whole text.
 * @throws RangeError when it has more than {@link maximumPlaces} places, or would be longer than `wholeUpTo`.
 */
export function renderText(template: string, context: JsonObject, options: RenderOptions): string {
  return renderWithin({ places: maximumPlaces, characters: options.wholeUpTo }, template, context, options);
}

/** Whether {@link renderTemplate} would refuse the template for its places. */
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

/** @param left what the text comes to is taken off it. */
function renderWithin(
  left: Budget,
  template: string,
  context: JsonObject,
  { now, wholeUpTo }: RenderOptions,
): string {
  const places = scanTemplate(template);
  left.places -= places.length;
  if (left.places < 0) throw new RangeError(tooManyPlaces);
  const clock = templateClock(
    places.map(({ path }) => path),
    now,
  );
  const longest = left.characters ?? maximumRenderedLength;
  // A line break is written with two characters, so this much raw text is enough for any result.
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

/** What a place shows when its value is missing; `null` when the template names no fallback. */
export function fallbackText({ path, filter, argument }: TemplatePlace): string | null {
  if (filter !== 'fallback') return filter;
  return argument ?? titleCase(path);
}

function contextText(place: TemplatePlace, context: JsonObject): string {
  const value = lookUp(place.path, context) ?? '';
  return value === '' ? (fallbackText(place) ?? '') : pythonText(value);
}

/** Whether a context has a value to say for a name. A blank text says nothing, and `{}` and `[]` nothing that helps. */
export function isFilled(name: string, context: JsonObject): boolean {
  const value = lookUp(`initial_context.${name}`, context) ?? '';
  if (typeof value === 'string') return value.trim() !== '';
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** A prompt's context is flat, so `initial_context.name` also finds `name`. */
function lookUp(path: string, context: JsonObject): JsonValue | undefined {
  const prefix = 'initial_context.';
  const value = follow(path, context) ?? undefined;
  return value === undefined && path.startsWith(prefix) ? follow(path.slice(prefix.length), context) : value;
}

/** Dots lead into objects only: an array has no named members. */
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
  // Half of a surrogate pair is no character.
  return head.length < text.length ? head.replace(/[\uD800-\uDBFF]$/, '') : head;
}
