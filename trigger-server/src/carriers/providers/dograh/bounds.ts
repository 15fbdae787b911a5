/**
 * How much is copied of the results of a call. Agents at Dograh, and whoever talks to them, decide how much there is. What
 * is left out is named. Every step takes time in proportion to what it keeps, or reads once.
 */
import type { JsonObject, JsonValue } from '@dograh-trigger/shared';

/** More than a conversation of twenty minutes has. */
export const mostTranscriptBytes = 512 * 1024;
const mostTranscriptLines = 5000;
/** Of one value, and of all values of an object, in characters of their JSON. */
const longestValue = 32 * 1024;
const longestObject = 128 * 1024;
const mostValues = 500;
/** As deep as a request to this server may be. */
const deepest = 64;
/** So many names of what was left out are kept, each of at most so many characters. */
const mostNames = 20;
const longestName = 100;

/** Collects what is left out. */
export class Omissions {
  readonly #names: string[] = [];
  #count = 0;

  note(name: string): void {
    this.#count += 1;
    if (this.#names.length < mostNames) this.#names.push(cutText(name, longestName));
  }

  names(): string[] {
    const more = this.#count - this.#names.length;
    return more === 0 ? [...this.#names] : [...this.#names, `and ${String(more)} more`];
  }
}

/** The values that are kept of an object. @param name of the object. @param nested the objects in it that are cut likewise. */
export function cutObject(
  value: JsonObject,
  name: string,
  omissions: Omissions,
  nested: readonly string[] = [],
): JsonObject {
  const kept: [string, JsonValue][] = [];
  let left = longestObject;
  for (const [key, whole] of Object.entries(value)) {
    const inner =
      nested.includes(key) && isObject(whole) ? cutObject(whole, `${name}.${key}`, omissions) : whole;
    const limit = nested.includes(key) ? left : Math.min(left, longestValue);
    const size = kept.length < mostValues ? key.length + sizeOf(inner, limit, 0) : Infinity;
    if (size > limit) omissions.note(`${name}.${key}`);
    else {
      left -= size;
      kept.push([key, inner]);
    }
  }
  return Object.fromEntries(kept);
}

/** The lines of a transcript that are kept: whole lines. @param isCut whether the text itself broke off before. */
export function cutLines(text: string, isCut: boolean, omissions: Omissions): string {
  let end = 0;
  let lines = 0;
  while (lines < mostTranscriptLines) {
    const next = text.indexOf('\n', end);
    if (next === -1) break;
    end = next + 1;
    lines += 1;
  }
  const isFull = lines === mostTranscriptLines && end < text.length;
  if (!isFull && !isCut) return text;
  omissions.note(`the transcript after its line ${String(lines)}`);
  return text.slice(0, end);
}

/** A text of at most so many characters, which does not end in half of one. */
export function cutText(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}

/** The size of a value, in about the characters of its JSON; infinite where it is larger than `limit`, or too deep. */
function sizeOf(value: JsonValue, limit: number, depth: number): number {
  if (depth > deepest) return Infinity;
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 8;
  let size = 2;
  if (Array.isArray(value)) {
    for (const item of value) {
      size += 1 + sizeOf(item, limit - size, depth + 1);
      if (size > limit) return Infinity;
    }
    return size;
  }
  for (const key in value) {
    size += key.length + 3 + sizeOf(value[key] ?? null, limit - size, depth + 1);
    if (size > limit) return Infinity;
  }
  return size;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
