/** The control of a property that is no list of rows and no JSON, by its type. */
import { CheckboxField, TextArea, TextField } from '../../../ui/field';
import { numberFromText, textOf } from '../model/node-form';
import { CredentialField } from './credential-field';
import type { FieldProps } from './field-props';
import { ManyOptionsField, OptionsField } from './options-field';
import { ReferencesField } from './references-field';

export function PlainField(props: FieldProps) {
  const { property, value, error, onChange } = props;
  const common = {
    label: property.display_name,
    hint: property.description,
    placeholder: property.placeholder ?? undefined,
    required: property.required,
  };
  switch (property.type) {
    case 'boolean':
      return (
        <CheckboxField
          label={property.display_name}
          hint={property.description}
          checked={(value ?? property.default) === true}
          onChange={(event) => onChange(event.target.checked)}
        />
      );
    case 'options':
      return <OptionsField {...props} />;
    case 'multi_options':
      return <ManyOptionsField {...props} />;
    case 'credential_ref':
      return <CredentialField {...props} />;
    case 'tool_refs':
    case 'document_refs':
      return <ReferencesField {...props} />;
    case 'number':
      return (
        <TextField
          {...common}
          error={error}
          inputMode={property.renderer_options?.number_input?.fractional === true ? 'decimal' : 'numeric'}
          value={textOf(value)}
          onChange={(event) => onChange(numberFromText(event.target.value))}
        />
      );
    case 'mention_textarea':
    case 'string':
    case 'url':
    case 'recording_ref':
    case 'json':
    case 'fixed_collection':
      return property.editor === 'textarea' || property.type === 'mention_textarea' ? (
        <TextArea
          {...common}
          error={error}
          rows={5}
          value={textOf(value)}
          onChange={(event) => onChange(event.target.value)}
        />
      ) : (
        <TextField
          {...common}
          error={error}
          type={property.type === 'url' ? 'url' : 'text'}
          value={textOf(value)}
          onChange={(event) => onChange(event.target.value)}
        />
      );
  }
}
