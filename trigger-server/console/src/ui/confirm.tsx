/** Asks before a phone rings or something is lost. */
import { useState, type ReactNode } from 'react';
import { Button } from './button';
import { Dialog, DialogActions } from './dialog';
import { Notice } from './notice';

export function Confirm(props: {
  title: string;
  /** What happens, and what is lost. */
  children: ReactNode;
  /** The verb on the button: "Call again", "Delete". */
  action: string;
  danger?: boolean;
  /** The dialog stays open, with the server's words, when it throws. */
  onConfirm: () => Promise<void>;
  onClose: () => void;
}) {
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  async function confirm(): Promise<void> {
    setPending(true);
    setError(null);
    try {
      await props.onConfirm();
      props.onClose();
    } catch (failure) {
      setError(failure);
    } finally {
      setPending(false);
    }
  }
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <div>{props.children}</div>
      {error !== null && <Notice error={error} />}
      <DialogActions>
        <Button onClick={props.onClose}>Keep it as it is</Button>
        <Button
          kind={props.danger === true ? 'danger' : 'primary'}
          pending={pending}
          onClick={() => void confirm()}
        >
          {props.action}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
