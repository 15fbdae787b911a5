/** A text to take along, with a button that copies it. */
import { useState } from 'react';
import { Button } from './button';
import styles from './copy.module.css';
import { useToast } from './toast';

export function CopyButton({ text, what, label = 'Copy' }: { text: string; what: string; label?: string }) {
  const toast = useToast();
  const [copied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      toast(`Copied: ${what}`);
    } catch {
      toast(`Your browser did not allow copying. Select ${what} and copy it by hand.`);
    }
  }
  return (
    <Button onClick={() => void copy()} aria-label={`${copied ? 'Copied' : label}: ${what}`}>
      {copied ? 'Copied' : label}
    </Button>
  );
}

/** @param what its name, for the button and the toast: "the production URL". */
export function CopyLine({ text, what }: { text: string; what: string }) {
  return (
    <div className={styles.line}>
      <code>{text}</code>
      <CopyButton text={text} what={what} />
    </div>
  );
}

/** Several lines, such as a curl command. */
export function CopyBlock({ text, what }: { text: string; what: string }) {
  return (
    <div className={styles.block}>
      <pre tabIndex={0} aria-label={what}>
        {text}
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}
