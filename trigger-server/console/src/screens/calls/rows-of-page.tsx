/** The rows of one page of the list that are on the screen. */
import type { UsageRun } from '@dograh-trigger/shared';
import { Link } from 'wouter';
import { Button } from '../../ui/button';
import type { CallAction } from '../../ui/call-actions';
import { describeFailure } from '../../ui/notice';
import { RunBadge } from '../../ui/run-badge';
import { endingInWords, isChat, isOpen, isUnderWay, sourceInWords } from '../../ui/run-words';
import { formatSeconds, Time } from '../../ui/time';
import { Waiting } from '../../ui/waiting';
import styles from './call-list.module.css';
import type { ListQuery } from './filter';
import type { StandingList } from './standing-list';
import { pageSize, usePage } from './use-call-list';

type Ask = (runId: number, action: CallAction) => void;

/** @param page counted from 0. @param from, to the first and the last row that is shown, counted from 0 in the whole list. */
export function RowsOfPage(props: {
  query: ListQuery;
  list: StandingList;
  page: number;
  from: number;
  to: number;
  onAsk: Ask;
}) {
  const { data, error } = usePage(props.query, props.list, props.page + 1);
  const rows: number[] = [];
  for (let row = props.from; row <= props.to; row += 1) rows.push(row);
  return rows.map((row) => {
    const run = data?.runs[row - props.page * pageSize];
    return (
      <div key={run?.id ?? `row ${String(row)}`} role="row" aria-rowindex={row + 2} className={styles.row}>
        {run === undefined ? (
          <span role="cell" className={styles.whole}>
            {error === null ? '…' : describeFailure(error)}
          </span>
        ) : (
          <Cells run={run} onAsk={props.onAsk} />
        )}
      </div>
    );
  });
}

const actionWords = { cancel: 'Cancel', end: 'End', again: 'Call again' } as const;

function actionOf(run: UsageRun): keyof typeof actionWords {
  if (run.status === 'queued') return 'cancel';
  return isUnderWay(run) ? 'end' : 'again';
}

function Cells({ run, onAsk }: { run: UsageRun; onAsk: Ask }) {
  const isErased = run.erased_at != null;
  const call = `call ${String(run.id)}`;
  const action = actionOf(run);
  const word = actionWords[action];
  return (
    <>
      <span role="cell">
        <RunBadge run={run} />
      </span>
      <span role="cell" className={styles.two}>
        <Link href={`/calls/${String(run.id)}`}>
          {isErased ? `${call}, erased` : isChat(run) ? 'Text chat' : (run.called_number ?? call)}
        </Link>
        <span className={styles.soft}>{run.reference ?? run.name}</span>
      </span>
      <span role="cell" className={styles.two}>
        <span>{run.workflow_name ?? `Agent ${String(run.workflow_id)}`}</span>
        <span className={styles.soft}>{sourceInWords(run.source)}</span>
      </span>
      <span role="cell" className={`${styles.two ?? ''} ${styles.placed ?? ''}`}>
        <Time at={run.created_at} />
        <span className={styles.soft}>
          {run.answered_at == null || isOpen(run) ? '' : `talked ${formatSeconds(run.call_duration_seconds)}`}
        </span>
      </span>
      <span role="cell" className={styles.ending}>
        {run.status === 'queued' ? <Waiting run={run} /> : endingInWords(run)}
      </span>
      <span role="cell" className={styles.actions}>
        {!isErased && !isChat(run) && (
          <Button kind="quiet" aria-label={`${word}: ${call}`} onClick={() => onAsk(run.id, action)}>
            {action === 'end' ? 'End call' : word}
          </Button>
        )}
      </span>
    </>
  );
}
