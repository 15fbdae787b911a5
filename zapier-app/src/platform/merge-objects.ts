/** Joining JSON objects. */
import type { JsonObject, JsonValue } from '@dograh-trigger/shared';

/** Both objects as one. Where both have a name the second wins, unless both have an object there: those are joined. */
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
