/** One of several values, or any of them. */
import type { JsonValue } from '@dograh-trigger/shared';
import { CheckboxField, SelectField } from '../../../ui/field';
import { textOf } from '../model/node-form';
import type { FieldProps } from './field-props';
import styles from './forms.module.css';

export function OptionsField({ property, value, error, onChange }: FieldProps) {
  const options = property.options ?? [];
  const current = textOf(value ?? property.default);
  const isListed = options.some((option) => String(option.value) === current);
  return (
    <SelectField
      label={property.display_name}
      hint={property.description}
      error={error}
      options={[
        // A value that this server does not list is kept until another one is chosen.
        ...(isListed ? [] : [{ value: current, label: current === '' ? 'Choose …' : current }]),
        ...options.map((option) => ({ value: String(option.value), label: option.label })),
      ]}
      value={current}
      onChange={({ target }) =>
        onChange(options.find((option) => String(option.value) === target.value)?.value ?? target.value)
      }
    />
  );
}

export function ManyOptionsField({ property, value, error, onChange }: FieldProps) {
  const chosen: JsonValue[] = Array.isArray(value) ? value : [];
  return (
    <fieldset className={styles.group}>
      <legend>{property.display_name}</legend>
      <p className={styles.about}>{property.description}</p>
      {(property.options ?? []).map((option) => (
        <CheckboxField
          key={String(option.value)}
          label={option.label}
          checked={chosen.includes(option.value)}
          onChange={({ target }) =>
            onChange(
              target.checked ? [...chosen, option.value] : chosen.filter((item) => item !== option.value),
            )
          }
        />
      ))}
      {error !== undefined && <p className={styles.error}>{error}</p>}
    </fieldset>
  );
}
