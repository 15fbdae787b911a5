/** Describes a field of a provider's configuration: `.meta(field({ label: 'API key', secret: true }))`. */
import type { FieldMetadata } from '../../port/provider';

/**
 * Zod's `meta` takes any name. With this function a misspelt `secret`, which would leave the field unmasked, does not
 * compile.
 */
export function field(metadata: FieldMetadata): { field: FieldMetadata } {
  return { field: metadata };
}
