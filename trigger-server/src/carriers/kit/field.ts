/** Describes a field of a provider's configuration: `.meta(field({ label: 'API key', secret: true }))`. */
import type { FieldMetadata } from '../port/provider';

/** Zod's `meta` takes any name. Here a misspelt `secret` does not compile: nobody would have masked the field. */
export function field(metadata: FieldMetadata): { field: FieldMetadata } {
  return { field: metadata };
}
