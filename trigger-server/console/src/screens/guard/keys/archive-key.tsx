/** Asks before a key stops, and whether the calls that it has queued stop with it. */
import type { ApiKey, CancelQueuedReply } from '@dograh-trigger/shared';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../../api/http';
import { Confirm } from '../../../ui/confirm';
import { CheckboxField } from '../../../ui/field';
import { isolated } from '../../../ui/isolated';
import { useToast } from '../../../ui/toast';
import { keysKey, keysPath } from '../queries';

export function ArchiveKey({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const toast = useToast();
  const queries = useQueryClient();
  const [withCalls, setWithCalls] = useState(false);
  return (
    <Confirm
      title={`Archive ${isolated(apiKey.name)}?`}
      action="Archive the key"
      danger
      onClose={onClose}
      onConfirm={async () => {
        await api('DELETE', `${keysPath}/${apiKey.id}`);
        await queries.invalidateQueries({ queryKey: keysKey });
        const canceled = withCalls ? await cancelCallsOf(apiKey) : null;
        const words = canceled === null ? '' : `. Canceled calls: ${String(canceled)}`;
        toast(`Archived: ${apiKey.name}${words}`);
      }}
    >
      <p>
        The key stops at once: whatever uses it can no longer place calls. You can reactivate it later. Calls
        that it has queued are still placed.
      </p>
      <CheckboxField
        label="Cancel the calls that it has queued, too"
        checked={withCalls}
        onChange={(event) => {
          setWithCalls(event.target.checked);
        }}
      />
    </Confirm>
  );
}

/** @returns how many calls were canceled. */
async function cancelCallsOf({ id }: ApiKey): Promise<number> {
  let sum = 0;
  for (;;) {
    const body = { api_key_id: id };
    const reply = await api<CancelQueuedReply>('POST', '/organizations/queue/cancel', { body });
    sum += reply.canceled;
    if (!reply.has_more) return sum;
  }
}
