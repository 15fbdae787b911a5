/** A modal dialog: the browser's own, so that focus stays inside, Escape closes it and the rest of the page is inert. */
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { Button } from './button';
import styles from './dialog.module.css';
import { ToastRegion } from './toast';

export function Dialog(props: {
  title: string;
  onClose: () => void;
  /** False where nothing may be lost by a slip of the hand: then there is neither a close button nor Escape. */
  closable?: boolean;
  wide?: boolean;
  children: ReactNode;
}) {
  const { closable = true } = props;
  const element = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      aria-labelledby={title}
      className={props.wide === true ? `${styles.dialog ?? ''} ${styles.wide ?? ''}` : styles.dialog}
      onKeyDown={(event) => {
        // A browser lets a page prevent the first `cancel` only; the key itself can be held back each time.
        if (event.key !== 'Escape') return;
        event.preventDefault();
        if (closable) props.onClose();
      }}
      onCancel={(event) => {
        event.preventDefault();
        if (closable) props.onClose();
      }}
      onClose={() => {
        // The browser has closed it by itself, by a gesture for example.
        if (element.current?.open !== false) return;
        if (closable) props.onClose();
        else element.current.showModal();
      }}
    >
      <div className={styles.head}>
        <h2 id={title}>{props.title}</h2>
        {closable && (
          <Button kind="quiet" onClick={props.onClose} aria-label="Close">
            ✕
          </Button>
        )}
      </div>
      {props.children}
      <ToastRegion inDialog />
    </dialog>
  );
}

/** The buttons at a dialog's end. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>;
}
