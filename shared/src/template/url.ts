/** Fills in the address of a tool's request. Whatever the values are, the request goes to the host that the template names. */
import { templateClock } from './clock';
import { fallbackText, lookUp, maximumPlaces, tooManyPlaces } from './render';
import { scanTemplate, type TemplatePlace } from './scanner';
import type { JsonObject } from '../contracts';

const longestUrl = 8192;

/**
 * Renders an address as Dograh's tools do: every value is percent-encoded, and one that is missing, empty, an array or
 * an object is an error, unless the placeholder has a fallback.
 * @param template an http:// or https:// address with placeholders in its path, query or fragment.
 * @throws RangeError in words that hold no value.
 */
export function renderUrl(template: string, context: JsonObject, now: Date): string {
  const places = scanTemplate(template);
  if (places.length > maximumPlaces) throw new RangeError(tooManyPlaces);
  const clock = templateClock(
    places.map(({ path }) => path),
    now,
  );
  let rendered = '';
  let position = 0;
  for (const place of places) {
    rendered +=
      literal(template.slice(position, place.start)) + encode(clock(place.path) ?? valueOf(place, context));
    position = place.end;
  }
  rendered += literal(template.slice(position));
  if (rendered.length > longestUrl)
    throw new RangeError(`The address has more than ${longestUrl} characters`);
  if (hasDotSegment(rendered)) throw new RangeError('A value would lead to another path of the address');
  if (!URL.canParse(rendered) || new URL(rendered).origin !== originOf(template)) {
    throw new RangeError('The values do not make an address of it');
  }
  return rendered;
}

function literal(text: string): string {
  if (text.includes('{{') || text.includes('}}'))
    throw new RangeError('A brace of the address has no counterpart');
  return text;
}

function valueOf(place: TemplatePlace, context: JsonObject): string {
  const name = place.path.slice(0, 64);
  const value = lookUp(place.path, context) ?? '';
  if (typeof value === 'object') throw new RangeError(`The value of ${name} is an object or a list`);
  const text = value === '' ? (fallbackText(place) ?? '') : String(value);
  if (text === '') throw new RangeError(`There is no value for ${name}`);
  return text;
}

/** All but the unreserved characters of RFC 3986, 2.3. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A parser of addresses takes `.`, `..` and their encoded forms out of a path, with the segment before them. */
function hasDotSegment(url: string): boolean {
  const path = url.split(/[?#]/, 1)[0] ?? '';
  return path.split('/').some((segment) => /^\.{1,2}$/.test(segment.replace(/%2e/gi, '.')));
}

function originOf(template: string): string | null {
  return URL.canParse(template) ? new URL(template).origin : null;
}
