/** Reads the variables for the agent's prompts from the input fields. */
import {
  fieldRefusal,
  fieldText,
  nestVariables,
  parseJsonField,
  type JsonObject,
} from '@dograh-trigger/shared';
import { mergeObjects } from '../platform/merge-objects';
import { readVariables } from './variables';

const pairsLabel = 'Additional Variables';
const jsonLabel = 'Variables as JSON';

/**
 * Merges the key-value field, the agent's own variables and the JSON field; later ones win. Values in the JSON
 * field may be nested or numbers. All other values stay text ("00123" is not 123), and a dotted name is a path.
 *
 * @param input the fields of a step, with any mapped values.
 * @throws TriggerError `invalid_input`
 */
export function readContext(input: Record<string, unknown>): JsonObject {
  const pairs = nestVariables(pairsLabel, Object.entries(readObject(pairsLabel, input.initial_context)));
  const json = readObject(jsonLabel, parseJsonField(jsonLabel, input.initial_context_json));
  return mergeObjects(mergeObjects(mergeObjects(pairs, readVariables(input)), json), readGreeting(input));
}

/** The text that replaces the agent's own greeting (Dograh: `get_node_greeting`). */
function readGreeting(input: Record<string, unknown>): JsonObject {
  const text = fieldText(input.greeting);
  return text === '' ? {} : { greeting_override: { type: 'text', text } };
}

function readObject(label: string, value: unknown): JsonObject {
  if (value === undefined || value === null || value === '') return {};
  if (isObject(value)) return value;
  throw fieldRefusal(label, 'enter one object of names and values, such as {"first_name": "Jane"}');
}

/** Field values are parsed JSON, so objects among them contain only JSON values. */
function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
