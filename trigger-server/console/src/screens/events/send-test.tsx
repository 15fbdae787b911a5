/** Sends an example event to a subscription and shows what its receiver did. */
import type { Hook, HookTest } from '@dograh-trigger/shared';
import { useMutation } from '@tanstack/react-query';
import { api } from '../../api/http';
import { Button } from '../../ui/button';
import { CopyBlock } from '../../ui/copy';
import { Dialog, DialogActions } from '../../ui/dialog';
import { Notice } from '../../ui/notice';
import styles from './events.module.css';

export function SendTest({ hook, onClose }: { hook: Hook; onClose: () => void }) {
  const test = useMutation({
    mutationFn: () => api<HookTest>('POST', `/hooks/${hook.id}/test`, { body: {} }),
  });
  return (
    <Dialog title="Send a test event" onClose={onClose}>
      <p>
        {hook.target_url} gets one example event, signed like every other. Nobody is called. It carries{' '}
        <code>test: true</code>.
      </p>
      {test.error !== null && <Notice error={test.error} />}
      {test.data !== undefined && <TestResult result={test.data} />}
      <DialogActions>
        <Button onClick={onClose}>Close</Button>
        <Button
          kind="primary"
          pending={test.isPending}
          onClick={() => {
            test.mutate();
          }}
        >
          {test.data === undefined ? 'Send the test' : 'Send another one'}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function TestResult({ result }: { result: HookTest }) {
  const status = result.status_code === null ? 'No reply' : `Status ${result.status_code}`;
  return (
    <div role="status" className={styles.result}>
      <Notice tone={result.error === null ? 'good' : 'bad'}>
        {status} after {result.duration_milliseconds} ms. {result.error ?? 'The receiver took the event.'}
      </Notice>
      {result.response !== null && result.response !== '' && (
        <CopyBlock text={result.response} what="the beginning of the reply" />
      )}
    </div>
  );
}
