/** A button that reads a file. The browser's own file control stays in the page for keyboards and screen readers. */
import { useRef } from 'react';
import { Button } from './button';

export function FileButton(props: {
  label: string;
  /** Endings or types, as in the attribute `accept`. */
  accept: string;
  onText: (text: string) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  async function read(file: File | undefined): Promise<void> {
    if (file !== undefined) props.onText(await file.text());
  }
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
          void read(event.target.files?.[0]);
          // The same file may be chosen again after it was mended.
          event.target.value = '';
        }}
      />
    </>
  );
}
