/** A field for what a list is searched by. It holds when the field is left, or by Enter. */
import { useState, type ComponentProps } from 'react';
import { TextField } from './field';

type Props = Omit<ComponentProps<typeof TextField>, 'type' | 'value' | 'onChange' | 'onBlur'> & {
  /** What the list is searched by now. */
  applied: string;
  onApply: (text: string) => void;
};

export function SearchField({ applied, onApply, ...field }: Props) {
  const [typed, setTyped] = useState({ text: applied, applied });
  // Something else has changed it, such as a button or going back.
  if (typed.applied !== applied) setTyped({ text: applied, applied });
  const apply = () => {
    const text = typed.text.trim();
    if (text !== applied) onApply(text);
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <TextField
        {...field}
        type="search"
        value={typed.text}
        onChange={({ target }) => setTyped({ ...typed, text: target.value })}
        onBlur={apply}
      />
    </form>
  );
}
