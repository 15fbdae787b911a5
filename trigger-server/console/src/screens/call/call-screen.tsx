/** One call: what happened, what was said, what came with it and what was sent about it. */
import type { Run } from '@dograh-trigger/shared';
import { useState } from 'react';
import { Link } from 'wouter';
import { extractedValues, linesOfCall } from '../../api/conversation';
import { Button } from '../../ui/button';
import CallActionDialog, { type CallAction } from '../../ui/call-actions';
import { ConversationView } from '../../ui/conversation-view';
import { JsonView } from '../../ui/json-view';
import { Loading } from '../../ui/loading';
import { Notice } from '../../ui/notice';
import { Page, Section } from '../../ui/page';
import { isChat, isOpen, isUnderWay } from '../../ui/run-words';
import { Time } from '../../ui/time';
import { Values } from '../../ui/values';
import styles from './call-screen.module.css';
import { ChangeCall } from './change-call';
import { Deliveries } from './deliveries';
import { Overview } from './overview';
import { Recording } from './recording';
import { RequestOfCall } from './request';
import { timelineOf } from './timeline';
import { TimelineView } from './timeline-view';
import { useDeliveries, useRun } from './use-call';

export default function CallScreen({ runId }: { runId: number }) {
  const [asked, setAsked] = useState<CallAction | 'change' | null>(null);
  const run = useRun(runId);
  return (
    <Page
      title={`${run.data !== undefined && isChat(run.data) ? 'Text chat' : 'Call'} ${String(runId)}`}
      above={<Link href="/calls">All calls</Link>}
      actions={run.data !== undefined && <Actions run={run.data} onAsk={setAsked} />}
    >
      {run.error !== null && <Notice error={run.error} />}
      {run.data === undefined ? run.error === null && <Loading what="the call" /> : <Parts run={run.data} />}
      {asked === 'change'
        ? run.data !== undefined && <ChangeCall run={run.data} onClose={() => setAsked(null)} />
        : asked !== null && <CallActionDialog action={asked} runId={runId} onClose={() => setAsked(null)} />}
    </Page>
  );
}

function Actions({ run, onAsk }: { run: Run; onAsk: (action: CallAction | 'change') => void }) {
  if (run.erased_at != null) return null;
  if (run.status === 'queued') {
    return (
      <>
        <Button onClick={() => onAsk('change')}>Change</Button>
        <Button onClick={() => onAsk('never')}>Never call again</Button>
        <Button kind="danger" onClick={() => onAsk('cancel')}>
          Cancel the call
        </Button>
      </>
    );
  }
  // Nobody was called, and nobody can be called again.
  if (isChat(run)) {
    if (isUnderWay(run)) return null;
    return (
      <Button kind="danger" onClick={() => onAsk('erase')}>
        Erase
      </Button>
    );
  }
  const [action, words] = isUnderWay(run)
    ? (['end', 'End the call'] as const)
    : (['erase', 'Erase'] as const);
  return (
    <>
      <Button onClick={() => onAsk('again')}>Call again</Button>
      <Button onClick={() => onAsk('never')}>Never call again</Button>
      <Button kind="danger" onClick={() => onAsk(action)}>
        {words}
      </Button>
    </>
  );
}

function Parts({ run }: { run: Run }) {
  const { deliveries, error, isPending } = useDeliveries(run.id);
  const isErased = run.erased_at != null;
  const unresolved = run.unresolved_variables ?? [];
  // Their attempts are steps of the call: without them the rest would move when they come.
  if (isPending) return <Loading what="the call" />;
  return (
    <>
      {run.erased_at != null && (
        <Notice>
          Everything about the person called was removed at <Time at={run.erased_at} />.
        </Notice>
      )}
      <Overview run={run} />
      {unresolved.length > 0 && (
        <Notice tone="warn">
          The agent’s texts use variables that had no value, and the agent said nothing in their place:{' '}
          {unresolved.join(', ')}
        </Notice>
      )}
      <Section title="What happened">
        <TimelineView steps={timelineOf(run, deliveries)} />
      </Section>
      {!isErased && <SaidAndGathered run={run} />}
      <Section title="Webhooks">
        {error !== null && <Notice error={error} />}
        {deliveries.length === 0 ? (
          <p>
            Nothing was sent about this call. <Link href="/events">Add a subscription</Link> to send the end
            of every call somewhere.
          </p>
        ) : (
          <Deliveries deliveries={deliveries} />
        )}
      </Section>
      {!isErased && (
        <details className={styles.whole}>
          <summary>The whole context at the start, with what the server added</summary>
          <JsonView value={run.initial_context ?? {}} what="the initial context" />
        </details>
      )}
    </>
  );
}

/** What an erased call no longer has. */
function SaidAndGathered({ run }: { run: Run }) {
  const lines = linesOfCall(run);
  const values = extractedValues(run.gathered_context);
  return (
    <>
      <Section title="Conversation">
        {lines.length === 0 ? (
          <p>{isOpen(run) ? 'Nothing has been said yet.' : 'Nothing was said.'}</p>
        ) : (
          <ConversationView lines={lines} />
        )}
        {run.recording_url != null && run.public_access_token != null && (
          <Recording key={run.recording_url} token={run.public_access_token} runId={run.id} />
        )}
      </Section>
      {values.length > 0 && (
        <Section title="Extracted values">
          <Values values={values} none="" />
        </Section>
      )}
      <RequestOfCall run={run} />
      <Section title="Gathered context">
        <JsonView value={run.gathered_context ?? {}} what="the gathered context" />
      </Section>
    </>
  );
}
