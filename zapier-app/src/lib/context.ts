/** The values for the agent's prompts, from the two fields that hold them. */
import { fieldRefusal, parseJsonField, type JsonObject } from '@dograh-trigger/shared';

const jsonLabel = 'Variables as JSON';

/**
 * Joins the key-value field with the JSON field. A name in both takes the JSON value, which may be nested or a
 * number; a key-value value is always text and stays as it is ("00123" is not 123).
 *
 * @param pairs a key-value field, or whatever was mapped into it.
 * @param json an object, its text, or nothing.
 * @throws TriggerError `invalid_input` for anything else.
 */
export function readContext(pairs: unknown, json: unknown): JsonObject {
  return { ...readObject('Variables', pairs), ...readObject(jsonLabel, parseJsonField(jsonLabel, json)) };
}

function readObject(label: string, value: unknown): JsonObject {
  if (value === undefined || value === null || value === '') return {};
  if (isObject(value)) return value;
  throw fieldRefusal(label, 'enter one object of names and values, such as {"first_name": "Jane"}');
}

/** Field values reach a step as parsed JSON, so an object among them holds nothing but JSON. */
function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
