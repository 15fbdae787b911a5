/** Ends a call that is under way, or places the same call again. Both ask first. */
import type { Agent, Run, TriggerReply } from '@dograh-trigger/shared';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { api } from '../api/http';
import { runKeys } from '../api/live';
import type { RepeatedCall } from '../api/repeat-call';
import { freshIdempotencyKey, mayHaveRung } from '../api/fresh-key';
import { Confirm } from './confirm';
import { Dialog } from './dialog';
import { Notice } from './notice';
import { useToast } from './toast';

export type CallAction = 'cancel' | 'again';

interface Props {
  runId: number;
  onClose: () => void;
}

export function CallActionDialog({ action, ...props }: Props & { action: CallAction }) {
  return action === 'cancel' ? <CancelCall {...props} /> : <CallAgain {...props} />;
}

function CancelCall({ runId, onClose }: Props) {
  const queries = useQueryClient();
  const toast = useToast();
  async function cancel(): Promise<void> {
    await api('POST', `/workflow/0/runs/${String(runId)}/cancel`);
    toast(`Call ${String(runId)} is being ended. Its carrier reports the end.`);
    await queries.invalidateQueries({ queryKey: runKeys.list });
    await queries.invalidateQueries({ queryKey: runKeys.one });
  }
  return (
    <Confirm
      title={`End call ${String(runId)}?`}
      action="End the call"
      danger
      onConfirm={cancel}
      onClose={onClose}
    >
      <p>If somebody has answered, the conversation breaks off.</p>
    </Confirm>
  );
}

/** What the question to the user says, and the call itself. */
async function readSameCall(runId: number) {
  const run = await api<Run>('GET', `/workflow/0/runs/${String(runId)}`);
  const agent = await api<Agent>('GET', `/workflow/fetch/${String(run.workflow_id)}`);
  const { sameCall } = await import('../api/repeat-call');
  const call = agent.workflow_uuid == null ? null : sameCall(run, { agentUuid: agent.workflow_uuid });
  if (call === null) throw new Error('This call does not say whom it called, so it cannot be placed again.');
  return { run, agent, call };
}

function CallAgain({ runId, onClose }: Props) {
  const queries = useQueryClient();
  const toast = useToast();
  const [, navigate] = useLocation();
  const [key, setKey] = useState(freshIdempotencyKey);
  const same = useQuery({ queryKey: ['same-call', runId], queryFn: () => readSameCall(runId), gcTime: 0 });
  async function callAgain({ path, body }: RepeatedCall): Promise<void> {
    try {
      const placed = await api<TriggerReply>('POST', path, { body, headers: { 'Idempotency-Key': key } });
      toast(`Call ${String(placed.workflow_run_id)} was placed.`);
      navigate(`/calls/${String(placed.workflow_run_id)}`);
    } catch (failure) {
      // A refusal stays the answer to its key.
      if (!mayHaveRung(failure)) setKey(freshIdempotencyKey());
      throw failure;
    } finally {
      void queries.invalidateQueries({ queryKey: runKeys.list });
    }
  }
  if (same.data === undefined) {
    return (
      <Dialog title="Call again?" onClose={onClose}>
        {same.isError ? <Notice error={same.error} /> : <p>Reading the call …</p>}
      </Dialog>
    );
  }
  return (
    <Confirm
      title="Call again?"
      action="Call again"
      onConfirm={() => callAgain(same.data.call)}
      onClose={onClose}
    >
      <p>{describe(same.data)}</p>
    </Confirm>
  );
}

function describe({ run, agent, call }: Awaited<ReturnType<typeof readSameCall>>): string {
  const version = call.isTest ? 'the draft of ' : '';
  const phone = run.mode === 'sandbox' ? 'The sandbox rings no phone.' : 'A phone will ring.';
  return `${phone} ${call.body.phone_number} is called by ${version}${agent.name}, with the same context, carrier account and caller ID.`;
}
