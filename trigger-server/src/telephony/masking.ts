/** Secrets of a provider's configuration: which they are, how they are shown, and how a shown one means "unchanged". */
import type { JsonObject, JsonValue } from '@dograh-trigger/shared';
import type * as z from 'zod';
import type { FieldMetadata } from './provider';

const shownCharacters = 4;

/** How a field of a configuration schema was described with `.meta({ field: … })`. */
export function fieldMetadata(schema: z.ZodType): FieldMetadata | undefined {
  return schema.meta()?.field as FieldMetadata | undefined;
}

/** Asterisks and the last four characters; asterisks only when there are no more than four. */
export function maskSecret(secret: string): string {
  if (secret.length <= shownCharacters) return '*'.repeat(secret.length);
  return '*'.repeat(secret.length - shownCharacters) + secret.slice(-shownCharacters);
}

export function maskConfiguration(schema: z.ZodObject, configuration: JsonObject): JsonObject {
  return mapSecrets(schema, configuration, maskSecret);
}

/** A secret that comes back as its own mask was not touched in the form: the stored one stays. */
export function restoreMasked(schema: z.ZodObject, stored: JsonObject, update: JsonObject): JsonObject {
  return mapSecrets(schema, update, (value, name) => {
    const before = stored[name];
    return typeof before === 'string' && value === maskSecret(before) ? before : value;
  });
}

function mapSecrets(
  schema: z.ZodObject,
  configuration: JsonObject,
  change: (value: string, name: string) => string,
): JsonObject {
  const entries = Object.entries(configuration).map(([name, value]): [string, JsonValue] => {
    const field = schema.shape[name] as z.ZodType | undefined;
    const isSecret = field !== undefined && fieldMetadata(field)?.secret === true;
    return [name, isSecret && typeof value === 'string' ? change(value, name) : value];
  });
  return Object.fromEntries(entries);
}
