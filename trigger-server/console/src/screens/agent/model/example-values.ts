/** Example values of an agent's variables: `template_context_variables`, which the server uses for test calls only. */
import type { JsonObject, JsonValue } from '@dograh-trigger/shared';
import { withKey } from './content';

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as text. Dots in the name lead into objects: `user.name`. */
export function exampleOf(values: JsonObject, name: string): string {
  let value: JsonValue | undefined = values;
  for (const part of name.split('.')) value = isObject(value) ? value[part] : undefined;
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** @param text an empty one removes the value. */
export function withExample(values: JsonObject, name: string, text: string): JsonObject {
  const [first = name, ...rest] = name.split('.');
  if (rest.length === 0) return withKey(values, first, text === '' ? undefined : text);
  const inner = withExample(isObject(values[first]) ? values[first] : {}, rest.join('.'), text);
  return withKey(values, first, Object.keys(inner).length === 0 ? undefined : inner);
}
