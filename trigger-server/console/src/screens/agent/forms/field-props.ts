import type { JsonValue } from '@dograh-trigger/shared';
import type { PlainProperty } from '../model/node-form';

/** What the control of a property gets. */
export interface FieldProps<Property = PlainProperty> {
  property: Property;
  value: JsonValue | undefined;
  /** What is wrong with the value, in words. */
  error: string | undefined;
  onChange: (value: JsonValue | undefined) => void;
}
