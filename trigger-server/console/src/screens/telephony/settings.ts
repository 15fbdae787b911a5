/** A carrier account's settings: from the form that the server describes to the request, and back. */
import type { JsonObject, JsonValue, ProviderField } from '@dograh-trigger/shared';

/** What the form holds: text, or the state of a checkbox. A field that nobody has touched is absent. */
export type SettingsInput = Readonly<Record<string, string | boolean>>;

/** @param stored the account's settings as the API returns them, secrets masked; empty for a new account. */
export function shownValue(field: ProviderField, input: SettingsInput, stored: JsonObject): string | boolean {
  const given = input[field.name];
  if (given !== undefined) return given;
  const value = stored[field.name] ?? null;
  if (field.type === 'boolean') return value === true;
  if (field.sensitive) return '';
  if (Array.isArray(value)) return value.filter((line) => typeof line === 'string').join('\n');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

export function isVisible(
  field: ProviderField,
  fields: readonly ProviderField[],
  input: SettingsInput,
  stored: JsonObject,
): boolean {
  const condition = field.visible_when;
  if (condition === null) return true;
  const decisive = fields.find(({ name }) => name === condition.field);
  return decisive !== undefined && String(shownValue(decisive, input, stored)) === condition.equals;
}

/** The last characters of a saved secret; null when none is saved. The API masks all others. */
export function savedEnd(field: ProviderField, stored: JsonObject): string | null {
  const mask = stored[field.name];
  if (!field.sensitive || typeof mask !== 'string' || mask === '') return null;
  return mask.replace(/^\*+/, '');
}

/**
 * The settings to send. A secret that was left empty is sent as its mask, which keeps the saved one. An optional field
 * that is empty is left out, so that the server uses its default.
 */
export function settingsToSend(
  fields: readonly ProviderField[],
  input: SettingsInput,
  stored: JsonObject,
): JsonObject {
  const settings: JsonObject = {};
  for (const field of fields) {
    if (field.type === 'readonly' || !isVisible(field, fields, input, stored)) continue;
    const value = valueToSend(field, shownValue(field, input, stored), stored);
    if (value !== undefined) settings[field.name] = value;
  }
  return settings;
}

function valueToSend(
  field: ProviderField,
  shown: string | boolean,
  stored: JsonObject,
): JsonValue | undefined {
  if (typeof shown === 'boolean') return shown;
  if (shown === '') {
    if (field.sensitive && stored[field.name] !== undefined) return stored[field.name];
    return field.required && field.type !== 'number' ? '' : undefined;
  }
  if (field.type === 'string-array') return shown.split('\n').filter((line) => line.trim() !== '');
  // What is not a number goes to the server as it is, whose refusal says so beside the field.
  if (field.type === 'number') return Number.isFinite(Number(shown)) ? Number(shown) : shown;
  return shown;
}

const place = 'config.';

/** Of a refusal's fields, those of the settings, by the setting's name. */
export function settingErrors(errors: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map(
    [...errors].flatMap(([path, text]) => (path.startsWith(place) ? [[path.slice(place.length), text]] : [])),
  );
}

/** The fields of an account's form, as a refusal names them. */
export function formFields(fields: readonly ProviderField[]): string[] {
  return ['name', ...fields.map(({ name }) => `${place}${name}`)];
}
