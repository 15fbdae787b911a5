/** The state of a call in words, with the seconds that it has been ringing or answered. */
import { Badge } from './badge';
import { isUnderWay, stateInWords, statusTone, type RunInWords } from './run-words';
import { useNow } from './use-now';

export function RunBadge({ run }: { run: RunInWords }) {
  const now = useNow(isUnderWay(run));
  return <Badge tone={statusTone(run.status)}>{stateInWords(run, now)}</Badge>;
}
