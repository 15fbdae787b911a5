/** A value as JSON. A text that is not JSON yet stays in the editor, and prevents saving until it is. */
import type { PropertySpec } from '@dograh-trigger/shared';
import { useState } from 'react';
import { TextArea } from '../../../ui/field';
import type { Editor } from '../editor/use-editor';
import { jsonFromText, textOf } from '../model/node-form';
import type { FieldProps } from './field-props';

function faultOfText(text: string): string | null {
  try {
    jsonFromText(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export function JsonField(
  props: FieldProps<PropertySpec> & {
    textKey: string;
    editor: Pick<Editor, 'unparsed' | 'keepUnparsed'>;
  },
) {
  const { property, value, error, onChange, editor, textKey } = props;
  const unparsed = editor.unparsed.get(textKey);
  const [typed, setTyped] = useState<string | null>(null);
  const isCurrent =
    typed !== null && faultOfText(typed) === null && textOf(jsonFromText(typed)) === textOf(value);
  const text = unparsed ?? (isCurrent ? typed : textOf(value));
  return (
    <TextArea
      label={property.display_name}
      hint={property.description}
      error={(unparsed === undefined ? null : faultOfText(unparsed)) ?? error}
      rows={8}
      spellCheck={false}
      wrap="off"
      value={text}
      onChange={({ target }) => {
        setTyped(target.value);
        if (faultOfText(target.value) === null) {
          editor.keepUnparsed(textKey, null);
          onChange(jsonFromText(target.value));
        } else {
          editor.keepUnparsed(textKey, target.value);
        }
      }}
    />
  );
}
