/** Sends everything again that was given up since a time: says first how many, then asks. */
import type { RedeliverManyReply } from '@dograh-trigger/shared';
import { useState } from 'react';
import { api } from '../../api/http';
import { Button } from '../../ui/button';
import { Dialog, DialogActions } from '../../ui/dialog';
import { Form, SelectField } from '../../ui/field';
import { Notice } from '../../ui/notice';
import { useToast } from '../../ui/toast';
import { deliveryLists, useChange } from './queries';

const hourMilliseconds = 60 * 60 * 1000;

const periods = [
  { value: '1', label: 'the last hour' },
  { value: '24', label: 'the last 24 hours' },
  { value: '168', label: 'the last 7 days' },
  { value: '720', label: 'the last 30 days' },
];

interface Request {
  since: string;
  dry_run: boolean;
}

export function ResendFailed({ onClose }: { onClose: () => void }) {
  const toast = useToast();
  const [hours, setHours] = useState('24');
  // The time that was counted is the time that is sent again, however long the reader thinks about it.
  const [counted, setCounted] = useState<{ since: string; matching: number } | null>(null);
  const send = (body: Request) => api<RedeliverManyReply>('POST', '/webhook-deliveries/redeliver', { body });
  const count = useChange([], send);
  const resend = useChange(deliveryLists, send);
  const failure = count.error ?? resend.error;
  function countThem(): void {
    const since = new Date(Date.now() - Number(hours) * hourMilliseconds).toISOString();
    count.mutate(
      { since, dry_run: true },
      {
        onSuccess: ({ matching }) => {
          setCounted({ since, matching });
        },
      },
    );
  }
  function sendThem(since: string): void {
    resend.mutate(
      { since, dry_run: false },
      {
        onSuccess: ({ matching, queued }) => {
          toast(queued < matching ? `Sent again: ${queued} of ${matching}` : `Sent again: ${queued}`);
          onClose();
        },
      },
    );
  }
  return (
    <Dialog title="Send again what failed" onClose={onClose}>
      <Form onSubmit={countThem}>
        <SelectField
          label="Given up within"
          value={hours}
          options={periods}
          onChange={(event) => {
            setHours(event.target.value);
            setCounted(null);
          }}
        />
        {failure !== null && <Notice error={failure} />}
        {counted !== null && (
          <div role="status">
            <Notice>
              {counted.matching === 0
                ? 'No delivery was given up in this time.'
                : `${counted.matching} ${counted.matching === 1 ? 'delivery' : 'deliveries'} will be sent again, with the same id and body and with all retries.`}
            </Notice>
          </div>
        )}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          {counted === null || counted.matching === 0 ? (
            <Button type="submit" kind="primary" pending={count.isPending}>
              Count them
            </Button>
          ) : (
            <Button
              kind="danger"
              pending={resend.isPending}
              onClick={() => {
                sendThem(counted.since);
              }}
            >
              Send {counted.matching} again
            </Button>
          )}
        </DialogActions>
      </Form>
    </Dialog>
  );
}
