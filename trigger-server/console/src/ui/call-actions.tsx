/** What can be done with a call: cancel, end, place again, never call its number again, erase. All ask first. */
import type { Agent, CallRequest, CancelReply, RecordedOutcome, Run } from '@dograh-trigger/shared';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { mayHaveRung } from '../api/call-failure';
import { readCurrentVersions, versionOfCall } from '../api/call-version';
import { freshIdempotencyKey } from '../api/fresh-key';
import { placeCall } from '../api/place-call';
import { api } from '../api/http';
import { deliveryKeys, doNotCallKey, runKeys } from '../api/live';
import { Confirm } from './confirm';
import { Dialog } from './dialog';
import { TextField } from './field';
import { instantOf } from './local-time';
import { Notice } from './notice';
import { useToast } from './toast';

export type CallAction = 'cancel' | 'end' | 'again' | 'never' | 'erase';

interface Props {
  runId: number;
  onClose: () => void;
}

export default function CallActionDialog({ action, ...props }: Props & { action: CallAction }) {
  switch (action) {
    case 'cancel':
    case 'end':
      return <StopCall {...props} waits={action === 'cancel'} />;
    case 'again':
      return <CallAgain {...props} />;
    case 'never':
      return <NeverAgain {...props} />;
    case 'erase':
      return <EraseCall {...props} />;
  }
}

function StopCall({ runId, onClose, waits }: Props & { waits: boolean }) {
  const queries = useQueryClient();
  const toast = useToast();
  async function stop(): Promise<void> {
    const { status } = await api<CancelReply>('POST', `/workflow/0/runs/${String(runId)}/cancel`);
    toast(
      status === 'canceled'
        ? `Call ${String(runId)} is canceled. Nobody will be called.`
        : `Call ${String(runId)} is being ended. Its carrier reports the end.`,
    );
    await queries.invalidateQueries({ queryKey: runKeys.list });
    await queries.invalidateQueries({ queryKey: runKeys.one });
  }
  return (
    <Confirm
      title={`${waits ? 'Cancel' : 'End'} call ${String(runId)}?`}
      action={waits ? 'Cancel the call' : 'End the call'}
      danger
      onConfirm={stop}
      onClose={onClose}
    >
      <p>
        {waits
          ? 'It will not be placed. If it has just been placed, it is ended.'
          : 'If somebody has answered, the conversation breaks off.'}
      </p>
    </Confirm>
  );
}

function NeverAgain({ runId, onClose }: Props) {
  const queries = useQueryClient();
  const toast = useToast();
  async function optOut(): Promise<void> {
    const { do_not_call: entry } = await api<RecordedOutcome>(
      'POST',
      `/workflow/0/runs/${String(runId)}/outcome`,
      { body: { opt_out: true } },
    );
    toast(`${entry?.number ?? 'The number'} is on the do-not-call list.`);
    for (const queryKey of [doNotCallKey, runKeys.list, runKeys.one])
      await queries.invalidateQueries({ queryKey });
  }
  return (
    <Confirm
      title={`Never call the number of call ${String(runId)} again?`}
      action="Never call again"
      danger
      onConfirm={optOut}
      onClose={onClose}
    >
      <p>
        The number goes onto the do-not-call list. Calls to it that wait are canceled, and new ones are
        refused, until somebody who is signed in removes it from the list.
      </p>
    </Confirm>
  );
}

function EraseCall({ runId, onClose }: Props) {
  const queries = useQueryClient();
  const toast = useToast();
  async function erase(): Promise<void> {
    await api('DELETE', `/workflow/0/runs/${String(runId)}`);
    toast(`Call ${String(runId)} was erased.`);
    for (const queryKey of [runKeys.list, runKeys.one, deliveryKeys.list, deliveryKeys.one])
      await queries.invalidateQueries({ queryKey });
  }
  return (
    <Confirm
      title={`Erase call ${String(runId)}?`}
      action="Erase the call"
      danger
      onConfirm={erase}
      onClose={onClose}
    >
      <p>
        The number, the contexts, what was said, the recording and the bodies of its events are removed, and
        nobody can bring them back. When the call was, how long it took and how it ended stays.
      </p>
    </Confirm>
  );
}

/** What the question to the user says, and the call itself. */
async function readSameCall(runId: number) {
  const run = await api<Run>('GET', `/workflow/0/runs/${String(runId)}`);
  const agent = await api<Agent>('GET', `/workflow/fetch/${String(run.workflow_id)}`);
  const version = versionOfCall(run, await readCurrentVersions(run.workflow_id));
  const { sameCall } = await import('../api/repeat-call');
  const environment = version?.status === 'draft' ? 'test' : 'production';
  const { workflow_uuid: agentUuid } = agent;
  const call = agentUuid == null ? null : sameCall(run, { agentUuid }, environment);
  if (call === null) throw new Error('This call does not say whom it called, so it cannot be placed again.');
  return { run, agent, version, call };
}

function CallAgain({ runId, onClose }: Props) {
  const queries = useQueryClient();
  const toast = useToast();
  const [, navigate] = useLocation();
  const [key, setKey] = useState(freshIdempotencyKey);
  const [notBefore, setNotBefore] = useState('');
  const same = useQuery({ queryKey: ['same-call', runId], queryFn: () => readSameCall(runId), gcTime: 0 });
  async function callAgain(call: CallRequest): Promise<void> {
    try {
      const time = instantOf(notBefore);
      const placed = await placeCall({
        ...call,
        ...(time !== null && { notBefore: time }),
        idempotencyKey: key,
      });
      toast(`Call ${String(placed.runId)} ${time === null ? 'was placed.' : 'waits for its time.'}`);
      navigate(`/calls/${String(placed.runId)}`);
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
      <Question {...same.data} />
      <TextField
        label="Not before (optional)"
        type="datetime-local"
        hint="By your own clock. Empty: now."
        value={notBefore}
        onChange={({ target }) => {
          setNotBefore(target.value);
          setKey(freshIdempotencyKey());
        }}
      />
    </Confirm>
  );
}

function Question({ run, agent, version, call }: Awaited<ReturnType<typeof readSameCall>>) {
  return (
    <p>
      {run.mode === 'sandbox' ? 'The sandbox rings no phone.' : 'A phone will ring.'} {call.phoneNumber} is
      called by {version?.status === 'draft' && 'the draft of '}
      <bdi>{agent.name}</bdi>, with the same context, carrier account and caller ID.
      {version === undefined &&
        ' The version that made this call is no longer in production: the one that is makes the new call.'}
    </p>
  );
}
