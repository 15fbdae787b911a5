/** A list of names of things that Dograh stores, such as tools: one a line. */
import type { JsonValue } from '@dograh-trigger/shared';
import { useState } from 'react';
import { TextArea } from '../../../ui/field';
import type { FieldProps } from './field-props';

function linesOf(value: JsonValue | undefined): string {
  return Array.isArray(value) ? value.map(String).join('\n') : '';
}

export function ReferencesField({ property, value, error, onChange }: FieldProps) {
  // A line break at the end is not a name yet, so it is in the text and not in the value.
  const [text, setText] = useState(linesOf(value));
  const names = (lines: string) =>
    lines.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  const isCurrent = names(text).join('\n') === linesOf(value);
  return (
    <TextArea
      label={property.display_name}
      hint={`${property.description} One UUID on each line.`}
      error={error}
      rows={2}
      value={isCurrent ? text : linesOf(value)}
      onChange={({ target }) => {
        setText(target.value);
        onChange(names(target.value));
      }}
    />
  );
}
