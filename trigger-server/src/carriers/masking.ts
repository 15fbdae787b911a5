/** The secrets of a provider's configuration: which fields they are, their masks, and a returned mask as "unchanged". */
import type { JsonObject, JsonValue } from '@dograh-trigger/shared';
import type * as z from 'zod';
import { invalidPlace } from '../problem';
import type { FieldMetadata } from './port/provider';

const shownCharacters = 4;

/**
 * How a field of a configuration schema was described with `.meta(field(…))`.
 * @throws Error when it was not: the server could not know whether to mask it.
 */
export function fieldMetadata(name: string, schema: z.ZodType): FieldMetadata {
  const metadata = schema.meta()?.field;
  if (metadata === undefined)
    throw new Error(`The provider field '${name}' must end with .meta(field({ label: … }))`);
  return metadata as FieldMetadata;
}

/** Asterisks and the last four characters; asterisks only when there are no more than four. */
export function maskSecret(secret: string): string {
  if (secret.length <= shownCharacters) return '*'.repeat(secret.length);
  return '*'.repeat(secret.length - shownCharacters) + secret.slice(-shownCharacters);
}

/** The configuration with masked secrets. Unknown fields are left out: they may be secrets of an earlier version. */
export function maskConfiguration(schema: z.ZodObject, configuration: JsonObject): JsonObject {
  return mapSecrets(schema, configuration, maskSecret);
}

/**
 * Replaces a returned mask by the stored secret: the form did not change it. Values that the server generates are never
 * in a form, and stay unchanged.
 * @throws Problem unprocessable for a mask when the address that the secret is sent to has changed.
 */
export function restoreMasked(schema: z.ZodObject, stored: JsonObject, update: JsonObject): JsonObject {
  const isElsewhere = Object.entries<z.ZodType>(schema.shape).some(
    ([name, field]) => fieldMetadata(name, field).destination === true && update[name] !== stored[name],
  );
  const restored = mapSecrets(schema, update, (value, name) => {
    const before = stored[name];
    if (typeof before !== 'string' || value !== maskSecret(before)) return value;
    if (isElsewhere) throw mustBeTyped(name);
    return before;
  });
  const minted = Object.entries<z.ZodType>(schema.shape)
    .filter(([name, field]) => fieldMetadata(name, field).readOnly === true && name in stored)
    .map(([name]): [string, JsonValue] => [name, stored[name] ?? null]);
  return { ...restored, ...Object.fromEntries(minted) };
}

function mustBeTyped(name: string) {
  return invalidPlace({
    type: 'secret_required',
    loc: ['body', 'config', name],
    msg: 'The address that this secret is sent to has changed: type the secret itself, not its mask',
    input: null,
  });
}

function mapSecrets(
  schema: z.ZodObject,
  configuration: JsonObject,
  change: (value: string, name: string) => string,
): JsonObject {
  const fields = Object.entries<z.ZodType>(schema.shape);
  const entries = fields.flatMap(([name, field]): [string, JsonValue][] => {
    const value = configuration[name];
    if (value === undefined) return [];
    const isSecret = fieldMetadata(name, field).secret === true;
    return [[name, isSecret && typeof value === 'string' ? change(value, name) : value]];
  });
  return Object.fromEntries(entries);
}
