/** Merges JSON objects. */
import type { JsonObject, JsonValue } from '@dograh-trigger/shared';

/** Merges two objects deeply. If both have a name, two objects are merged; otherwise the second value wins. */
export function mergeObjects(first: JsonObject, second: JsonObject): JsonObject {
  const merged = new Map(Object.entries(first));
  for (const [name, value] of Object.entries(second)) {
    const other = merged.get(name);
    merged.set(name, isObject(other) && isObject(value) ? mergeObjects(other, value) : value);
  }
  return Object.fromEntries(merged);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
