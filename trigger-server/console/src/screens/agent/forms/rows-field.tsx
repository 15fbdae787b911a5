/** A list of rows with a few fields each, such as the headers of a webhook. */
import type { JsonObject, JsonValue, PropertySpec } from '@dograh-trigger/shared';
import { Button } from '../../../ui/button';
import { faultOfValue, newRow, shownProperties } from '../model/node-form';
import type { FieldProps } from './field-props';
import { PlainField } from './plain-field';
import styles from './forms.module.css';

function rowsOf(value: JsonValue | undefined): JsonObject[] {
  if (!Array.isArray(value)) return [];
  return value.map((row) => (typeof row === 'object' && row !== null && !Array.isArray(row) ? row : {}));
}

export function RowsField({ property, value, error, onChange }: FieldProps<PropertySpec>) {
  const rows = rowsOf(value);
  const fields = property.properties ?? [];
  return (
    <fieldset className={styles.group}>
      <legend>{property.display_name}</legend>
      <p className={styles.about}>{property.description}</p>
      {rows.map((row, index) => (
        // Rows have no id: their place is what they are known by.
        <fieldset key={index} className={styles.row}>
          <legend className="visually-hidden">{`${property.display_name}, row ${index + 1}`}</legend>
          {shownProperties(fields, row).map((field) => (
            <PlainField
              key={field.name}
              property={field}
              value={row[field.name]}
              error={faultOfValue(field, row[field.name]) ?? undefined}
              onChange={(changed) =>
                onChange(
                  rows.map((other, place) =>
                    place === index ? { ...other, [field.name]: changed ?? null } : other,
                  ),
                )
              }
            />
          ))}
          <div>
            <Button
              kind="quiet"
              aria-label={`Remove row ${index + 1} of ${property.display_name}`}
              onClick={() => onChange(rows.filter((_row, place) => place !== index))}
            >
              Remove the row
            </Button>
          </div>
        </fieldset>
      ))}
      {error !== undefined && <p className={styles.error}>{error}</p>}
      <div>
        <Button onClick={() => onChange([...rows, newRow(fields)])}>Add a row</Button>
      </div>
    </fieldset>
  );
}
