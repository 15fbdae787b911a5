/** How a call goes on, until it has ended: its state, its duration and the first words that were said. */
import type { Run } from '@dograh-trigger/shared';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { conversationOf } from '../../../api/conversation';
import { api } from '../../../api/http';
import { runKeys } from '../../../api/live';
import { Notice } from '../../../ui/notice';
import { RunBadge } from '../../../ui/run-badge';
import { endingInWords } from '../../../ui/run-words';
import { formatSeconds } from '../../../ui/time';
import styles from './trigger.module.css';

/** News come by the live stream; this covers the time until it is open. */
const pollMilliseconds = 1500;

const mostWords = 240;

export function SandboxResult({ agentId, runId }: { agentId: number; runId: number }) {
  const run = useQuery({
    queryKey: [...runKeys.one, runId, 'sandbox'],
    queryFn: () => api<Run>('GET', `/workflow/${agentId}/runs/${runId}`),
    refetchInterval: ({ state }) => (state.data?.is_completed === true ? false : pollMilliseconds),
  });
  if (run.isError) return <Notice error={run.error} />;
  if (run.data === undefined) return <p className={styles.waiting}>The call is being placed …</p>;
  const { is_completed: hasEnded, cost_info: cost } = run.data;
  const disposition = run.data.gathered_context?.['call_disposition'];
  const ending = endingInWords({
    ...run.data,
    disposition: typeof disposition === 'string' ? disposition : null,
  });
  const spoken = conversationOf(run.data)
    .map(({ text }) => text)
    .join(' ');
  return (
    <dl className={styles.facts}>
      <dt>Call</dt>
      <dd>
        <Link href={`/calls/${runId}`}>Call {runId}</Link>
      </dd>
      <dt>State</dt>
      <dd>
        <RunBadge run={run.data} /> {ending}
      </dd>
      <dt>Duration</dt>
      <dd>{cost?.call_duration_seconds == null ? '–' : formatSeconds(cost.call_duration_seconds)}</dd>
      <dt>Said</dt>
      <dd>
        {spoken === ''
          ? hasEnded
            ? 'Nothing.'
            : '…'
          : `“${spoken.slice(0, mostWords)}${spoken.length > mostWords ? ' …' : ''}”`}
      </dd>
    </dl>
  );
}
