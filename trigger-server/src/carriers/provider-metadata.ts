/** The data with which a console shows the form of each provider, derived from the registry. */
import type { ProviderField } from '@dograh-trigger/shared';
import * as z from 'zod';
import { abilitiesOf } from './abilities';
import { fieldMetadata } from './masking';
import { providerNames, providers } from './registry';
import type { FieldMetadata, TelephonyProvider } from './port/provider';
import type { CarrierTools } from './port/tools';

/**
 * @param tools what the abilities of a provider depend on; null: they are not listed, as in plain Dograh.
 */
export function listProviderMetadata(tools: Pick<CarrierTools, 'ttsCommand' | 'sttCommand'> | null) {
  return {
    providers: [...providerNames].sort().map((name) => {
      const provider: TelephonyProvider = providers[name];
      return {
        provider: name,
        display_name: provider.displayName,
        connectivity: provider.connectivity,
        docs_url: provider.docsUrl,
        ...(tools === null ? {} : abilitiesOf(provider, tools)),
        fields: Object.entries(provider.configuration.shape).map(([field, schema]) =>
          describeField(field, schema as z.ZodType),
        ),
      };
    }),
  };
}

export function describeField(name: string, schema: z.ZodType): ProviderField {
  const field = fieldMetadata(name, schema);
  const choices = choicesOf(schema);
  return {
    name,
    label: field.label,
    type: choices === null ? formType(field, schema) : 'select',
    required: !schema.safeParse(undefined).success,
    sensitive: field.secret === true,
    description: field.description ?? null,
    placeholder: field.placeholder ?? null,
    options: choices?.map((value) => ({ value, label: value })) ?? null,
    visible_when: null,
    section: null,
  };
}

/** The values of an enumeration; null for any other field. */
function choicesOf(schema: z.ZodType): string[] | null {
  const { enum: choices } = z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' });
  return choices === undefined ? null : choices.map(String);
}

function formType(field: FieldMetadata, schema: z.ZodType): ProviderField['type'] {
  if (field.readOnly === true) return 'readonly';
  if (field.multiline === true) return 'textarea';
  if (field.secret === true) return 'password';
  if (schema.safeParse(true).success) return 'boolean';
  return schema.safeParse(1).success ? 'number' : 'text';
}
