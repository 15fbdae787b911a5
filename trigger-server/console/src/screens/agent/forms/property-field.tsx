/** The control of one property of a node. */
import type { PropertySpec } from '@dograh-trigger/shared';
import type { Editor } from '../editor/use-editor';
import type { FieldProps } from './field-props';
import { JsonField } from './json-field';
import { PlainField } from './plain-field';
import { RowsField } from './rows-field';

export function PropertyField(
  props: FieldProps<PropertySpec> & {
    /** Names the text of a field whose text may not be JSON yet. */
    textKey: string;
    editor: Pick<Editor, 'unparsed' | 'keepUnparsed'>;
  },
) {
  switch (props.property.type) {
    case 'fixed_collection':
      return <RowsField {...props} />;
    case 'json':
      return <JsonField {...props} />;
    default:
      return <PlainField {...props} />;
  }
}
