/** What a call waits for, in a sentence that follows the clock. Nothing for a call that does not wait. */
import type { Run } from '@dograh-trigger/shared';
import { useNow } from './use-now';
import { waitingInWords } from './waiting-words';

/** @param props.timeZone named in the sentence; without it the moment is by the reader's clock. */
export function Waiting(props: { run: Pick<Run, 'status' | 'waiting_for' | 'due_at'>; timeZone?: string }) {
  const now = useNow(props.run.status === 'queued');
  return waitingInWords(props.run, now, props.timeZone);
}
