/** The settings of a carrier account, as the server describes them. */
import type { JsonObject, ProviderField } from '@dograh-trigger/shared';
import { CheckboxField, SelectField, TextArea, TextField } from '../../ui/field';
import { isVisible, savedEnd, shownValue, type SettingsInput } from './settings';

export function ProviderFields(props: {
  fields: readonly ProviderField[];
  input: SettingsInput;
  /** As the API returns them; empty for a new account. */
  stored: JsonObject;
  /** What is wrong with which field. */
  errors: ReadonlyMap<string, string>;
  onChange: (input: SettingsInput) => void;
}) {
  const { fields, input, stored } = props;
  return fields
    .filter((field) => isVisible(field, fields, input, stored))
    .map((field) => (
      <ProviderInput
        key={field.name}
        field={field}
        value={shownValue(field, input, stored)}
        savedEnd={savedEnd(field, stored)}
        error={props.errors.get(field.name)}
        onChange={(value) => {
          props.onChange({ ...input, [field.name]: value });
        }}
      />
    ));
}

function ProviderInput(props: {
  field: ProviderField;
  value: string | boolean;
  savedEnd: string | null;
  error: string | undefined;
  onChange: (value: string | boolean) => void;
}) {
  const { field, value } = props;
  if (typeof value === 'boolean') {
    return (
      <CheckboxField
        label={field.label}
        hint={field.description ?? undefined}
        checked={value}
        onChange={(event) => {
          props.onChange(event.target.checked);
        }}
      />
    );
  }
  const common = {
    label: field.required || field.type === 'readonly' ? field.label : `${field.label} (optional)`,
    hint: hintOf(field, props.savedEnd),
    error: props.error,
    value,
    onChange: (event: { target: { value: string } }) => {
      props.onChange(event.target.value);
    },
  };
  // An example in a field that has a saved value reads like that value.
  const placeholder = props.savedEnd === null ? (field.placeholder ?? undefined) : undefined;
  const text = { ...common, placeholder, spellCheck: false };
  switch (field.type) {
    case 'select':
      return <SelectField {...common} options={[...choicesOf(field)]} />;
    case 'textarea':
    case 'string-array':
      return <TextArea {...text} rows={6} autoComplete="off" />;
    case 'readonly':
      return <TextField {...text} readOnly />;
    case 'password':
      return <TextField {...text} type="password" autoComplete="new-password" />;
    default:
      return <TextField {...text} autoComplete="off" />;
  }
}

function choicesOf(field: ProviderField): { value: string; label: string }[] {
  const choices = field.options ?? [];
  return field.required ? choices : [{ value: '', label: 'The carrier’s default' }, ...choices];
}

function hintOf(field: ProviderField, end: string | null): string | undefined {
  const saved =
    end === null ? '' : `Saved${end === '' ? '' : ` (it ends in ${end})`}. Leave this empty to keep it.`;
  const lines = field.type === 'string-array' ? 'One on each line.' : '';
  const hint = [field.description ?? '', lines, saved].filter((part) => part !== '').join(' ');
  return hint === '' ? undefined : hint;
}
