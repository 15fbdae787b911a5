/** The call in a few words: its state, whom it called, which agent, how long, how it ended. */
import type { Run } from '@dograh-trigger/shared';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useAgentNames } from '../../api/agent-names';
import { readCurrentVersions, versionInWords, versionOfCall } from '../../api/call-version';
import { RunBadge } from '../../ui/run-badge';
import { endingInWords, isChat, isOpen, sourceInWords } from '../../ui/run-words';
import { formatSeconds, Time } from '../../ui/time';
import { Waiting } from '../../ui/waiting';
import { calledNumber, textOf } from '../../api/logs';
import styles from './overview.module.css';

const readersZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function Overview({ run }: { run: Run }) {
  const { initial_context: initial, gathered_context: gathered, cost_info: cost } = run;
  const agent = useAgentNames('all').find(({ id }) => id === run.workflow_id)?.name;
  const disposition = textOf(gathered?.call_disposition);
  const items: [string, ReactNode][] = [
    ['State', <RunBadge key="state" run={run} />],
    ['Waiting', run.status === 'queued' ? <Waiting key="waiting" run={run} timeZone={readersZone} /> : ''],
    ['Attempt', (run.attempt ?? 1) > 1 && run.status !== 'queued' ? String(run.attempt) : ''],
    [
      'Expires',
      run.status === 'queued' && run.not_after != null ? <Time key="expires" at={run.not_after} /> : '',
    ],
    ['How it ended', endingInWords({ ...run, disposition: disposition === '' ? null : disposition })],
    [
      'Carrier’s reason',
      [textOf(gathered?.carrier_reason), sipCode(run)].filter((part) => part !== '').join(', '),
    ],
    ['Called', run.erased_at == null ? (calledNumber(run) ?? '') : 'erased'],
    ['Caller ID', textOf(initial?.caller_number)],
    [
      'Agent',
      <Link key="agent" href={`/agents/${String(run.workflow_id)}`}>
        {agent ?? `Agent ${String(run.workflow_id)}`}
      </Link>,
    ],
    ['Version', useVersionWords(run)],
    ['Requested', <Time key="requested" at={run.created_at} />],
    ['Talked', isOpen(run) || run.answered_at == null ? '' : formatSeconds(cost?.call_duration_seconds ?? 0)],
    ['Source', sourceInWords(run.source)],
    ['Carrier', isChat(run) ? 'none: a text chat' : run.mode],
    ['Language model', modelsOf(run)],
    ['Carrier’s id', textOf(gathered?.call_id)],
    ['Reference', run.reference ?? ''],
    ['Name', run.name],
  ];
  return (
    <dl className={styles.overview}>
      {items
        .filter(([, value]) => value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** A mark of the same height until it is read, so that nothing moves then. */
function useVersionWords(run: Run): string {
  const { data, isError } = useQuery({
    queryKey: ['agents', run.workflow_id, 'current-versions'],
    queryFn: () => readCurrentVersions(run.workflow_id),
  });
  if (data === undefined) return isError ? 'unknown' : '…';
  return versionInWords(versionOfCall(run, data));
}

/** `gpt-4.1: 1,200 tokens` for each model that has spoken; empty where none has. */
function modelsOf({ usage_info: usage }: Run): string {
  return Object.entries(usage?.llm ?? {})
    .map(([key, used]) => {
      const name = key.split('|||').at(-1) ?? key;
      const tokens =
        typeof used === 'object' && used !== null && 'total_tokens' in used ? used.total_tokens : null;
      return typeof tokens === 'number' ? `${name}: ${tokens.toLocaleString('en')} tokens` : name;
    })
    .join(', ');
}

function sipCode({ gathered_context: gathered }: Run): string {
  const code = gathered?.sip_code;
  return typeof code === 'number' ? `SIP ${String(code)}` : '';
}
