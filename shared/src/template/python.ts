/** Converts values to text as Python does, because Dograh is written in Python. */
import type { JsonValue } from '../contracts';

/** `str(value)` for strings, numbers and booleans and `json.dumps(value)` for objects and arrays. */
export function pythonText(value: Exclude<JsonValue, null>): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'object' ? pythonJson(value) : String(value);
}

/** `json.dumps(value)`: a space after each comma and colon, and everything beyond ASCII escaped. */
function pythonJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return escapeNonAscii(JSON.stringify(value));
  const members = Object.entries(value).map(
    ([key, item]) => `${escapeNonAscii(JSON.stringify(key))}: ${pythonJson(item)}`,
  );
  return `{${members.join(', ')}}`;
}

function escapeNonAscii(text: string): string {
  return text.replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `str.title()`: `first_name` becomes `First_Name`; other characters stay unchanged. */
export function titleCase(text: string): string {
  return text.replace(
    /(\p{L})(\p{L}*)/gu,
    (_, first: string, rest: string) => first.toUpperCase() + rest.toLowerCase(),
  );
}
