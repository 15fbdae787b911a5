/** What a call waits for, in a sentence that follows the clock. Nothing for a call that does not wait. */
import { useNow } from './use-now';
import { waitingInWords, type WaitingCall } from './waiting-words';

/** @param props.timeZone named in the sentence; without it the moment is by the reader's clock. */
export function Waiting(props: { run: WaitingCall; timeZone?: string }) {
  const now = useNow(props.run.status === 'queued');
  return waitingInWords(props.run, now, props.timeZone);
}
