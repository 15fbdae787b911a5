/** The values for the agent's prompts, from the fields that hold them. */
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
 * Joins the key-value field, the agent's own variables and the JSON field, of which the later wins. JSON may be
 * nested or a number; all other values are text and stay as they are ("00123" is not 123), each at the place that its
 * dotted name says.
 *
 * @param input the fields of a step, or whatever was mapped into them.
 * @throws TriggerError `invalid_input`
 */
export function readContext(input: Record<string, unknown>): JsonObject {
  const pairs = nestVariables(pairsLabel, Object.entries(readObject(pairsLabel, input.initial_context)));
  const json = readObject(jsonLabel, parseJsonField(jsonLabel, input.initial_context_json));
  return mergeObjects(mergeObjects(mergeObjects(pairs, readVariables(input)), json), readGreeting(input));
}

/** What is said instead of the agent's own greeting (Dograh: `get_node_greeting`). */
function readGreeting(input: Record<string, unknown>): JsonObject {
  const text = fieldText(input.greeting);
  return text === '' ? {} : { greeting_override: { type: 'text', text } };
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
