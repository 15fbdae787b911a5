/** The form of a node, as the server's description of its type says: which fields are shown, and what they accept. */
import type { JsonObject, JsonValue, NodeSpec, RowPropertySpec } from '@dograh-trigger/shared';

/** A property without the fields of its rows. */
export type PlainProperty = Omit<RowPropertySpec, 'properties'>;

type Described = Pick<RowPropertySpec, 'name' | 'default' | 'display_options'>;
type FieldValues = NonNullable<NonNullable<Described['display_options']>['show']>;

/** The value that a node has: its own, or what the type says for a node that has none. */
function valueOf(data: JsonObject, name: string, properties: readonly Described[]): JsonValue {
  return data[name] ?? properties.find((property) => property.name === name)?.default ?? null;
}

/** Whether a property is shown with the values that the node has now. */
export function isShown(property: Described, data: JsonObject, properties: readonly Described[]): boolean {
  const { show, hide } = property.display_options ?? { show: null, hide: null };
  const matches = ([name, values]: [string, FieldValues[string]]) =>
    values.some((value) => value === valueOf(data, name, properties));
  return Object.entries(show ?? {}).every(matches) && !Object.entries(hide ?? {}).some(matches);
}

/** What a control shows for a value: an editor writes null for an empty field. */
export function textOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value);
}

/** The fields of the type that are shown now. */
export function shownProperties<Property extends Described>(
  properties: readonly Property[],
  data: JsonObject,
): Property[] {
  return properties.filter((property) => isShown(property, data, properties));
}

/** What is wrong with a value, in words, or null. The server's own check may find more. */
export function faultOfValue(property: PlainProperty, value: JsonValue | undefined): string | null {
  const text = textOf(value).trim();
  if (text === '') return null;
  if (property.type === 'number') return faultOfNumber(property, value);
  if (property.max_length !== null && text.length > property.max_length)
    return `It has ${text.length} characters; ${property.max_length} are allowed.`;
  if (property.pattern !== null && !new RegExp(property.pattern).test(text))
    return `It has a character that is not allowed here.`;
  if (property.type === 'url' && !URL.canParse(text))
    return 'This is not an address: it begins with https://.';
  return null;
}

function faultOfNumber(property: PlainProperty, value: JsonValue | undefined): string | null {
  if (typeof value !== 'number') return 'This is not a number.';
  if (property.min_value !== null && value < property.min_value) return `The least is ${property.min_value}.`;
  if (property.max_value !== null && value > property.max_value) return `The most is ${property.max_value}.`;
  return null;
}

/** @returns the number, the text itself where it is none yet, or null for an empty control. */
export function numberFromText(text: string): number | string | null {
  if (text.trim() === '') return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

/** @throws SyntaxError when the text is not JSON, with a sentence for the user. */
export function jsonFromText(text: string): JsonValue {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SyntaxError(`This is not JSON yet, so it cannot be saved: ${reason}`, { cause: error });
  }
}

/** A row of a list of rows, with the values that it begins with. */
export function newRow(properties: readonly PlainProperty[]): JsonObject {
  return Object.fromEntries(properties.map((property) => [property.name, property.default ?? '']));
}

/** The name of a field for people. */
export function nameOfField(spec: NodeSpec | undefined, field: string): string {
  return spec?.properties.find(({ name }) => name === field)?.display_name ?? field;
}
