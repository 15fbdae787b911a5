/** Asks before a phone rings or something is lost. */
import type { ReactNode } from 'react';
import { Button } from './button';
import styles from './confirm.module.css';
import { Dialog, DialogActions } from './dialog';
import { Notice } from './notice';
import { useAttempt } from './use-attempt';

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
  const { pending, error, attempt } = useAttempt(async () => {
    await props.onConfirm();
    props.onClose();
  });
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <div className={styles.content}>{props.children}</div>
      {error !== null && <Notice error={error} />}
      <DialogActions>
        <Button onClick={props.onClose}>Keep it as it is</Button>
        <Button kind={props.danger === true ? 'danger' : 'primary'} pending={pending} onClick={attempt}>
          {props.action}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
