/** A button that chooses a file. The browser's own file control stays in the page for keyboards and screen readers. */
import { useRef } from 'react';
import { Button } from './button';

export function FileButton(props: {
  label: string;
  /** Endings or types, as in the attribute `accept`. */
  accept: string;
  onFile: (file: File) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button onClick={() => input.current?.click()}>{props.label}</Button>
      <input
        ref={input}
        type="file"
        accept={props.accept}
        aria-label={props.label}
        tabIndex={-1}
        className="visually-hidden"
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file !== undefined) props.onFile(file);
          // The same file may be chosen again after it was mended.
          event.target.value = '';
        }}
      />
    </>
  );
}
