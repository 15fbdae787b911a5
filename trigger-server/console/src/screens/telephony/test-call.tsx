/** A call through one account to a number of the reader's own, and what becomes of it. */
import type { AgentListItem, Run, TelephonyConfiguration } from '@dograh-trigger/shared';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { mayHaveRung, wrongNumber } from '../../api/call-failure';
import { freshIdempotencyKey } from '../../api/fresh-key';
import { placeCall } from '../../api/place-call';
import { api } from '../../api/http';
import { runKeys } from '../../api/live';
import { Button } from '../../ui/button';
import { Dialog, DialogActions } from '../../ui/dialog';
import { Form, SelectField, TextField } from '../../ui/field';
import { Loaded } from '../../ui/loaded';
import { Notice } from '../../ui/notice';
import { RunBadge } from '../../ui/run-badge';
import { useNumbers } from './queries';

type CallableAgent = AgentListItem & { workflow_uuid: string };

export function TestCall({ account, onClose }: { account: TelephonyConfiguration; onClose: () => void }) {
  const agents = useQuery({
    queryKey: ['agents', 'callable'],
    queryFn: async ({ signal }) => {
      const all = await api<AgentListItem[]>('GET', '/workflow/fetch', {
        query: { status: 'active' },
        signal,
      });
      return all.filter((agent): agent is CallableAgent => typeof agent.workflow_uuid === 'string');
    },
  });
  return (
    <Dialog title={`Test call through ${account.name}`} onClose={onClose}>
      <Loaded query={agents} what="the agents">
        {(list) =>
          list.length === 0 ? (
            <Notice tone="warn">
              A call needs an agent, and there is none yet. <Link href="/agents">Make an agent</Link> first.
            </Notice>
          ) : (
            <TestCallForm account={account} agents={list} onClose={onClose} />
          )
        }
      </Loaded>
    </Dialog>
  );
}

function TestCallForm(props: {
  account: TelephonyConfiguration;
  agents: readonly CallableAgent[];
  onClose: () => void;
}) {
  const { account, agents } = props;
  const [agentUuid, setAgentUuid] = useState(agents[0]?.workflow_uuid ?? '');
  const [phoneNumber, setPhoneNumber] = useState('');
  const [callerId, setCallerId] = useState<number | null>(null);
  const [key, setKey] = useState(freshIdempotencyKey);
  const call = useMutation({
    mutationFn: async () => {
      return placeCall({
        target: { agentUuid },
        environment: 'test',
        phoneNumber,
        telephonyConfigurationId: account.id,
        ...(callerId === null ? {} : { fromPhoneNumberId: callerId }),
        idempotencyKey: key,
      });
    },
    onSettled: (_reply, error) => {
      if (!mayHaveRung(error)) setKey(freshIdempotencyKey());
    },
  });
  const agent = agents.find((one) => one.workflow_uuid === agentUuid);
  return (
    <Form
      onSubmit={() => {
        if (!call.isPending) call.mutate();
      }}
    >
      <SelectField
        label="Agent"
        hint="Its draft is used, if it has one."
        value={agentUuid}
        options={agents.map((one) => ({ value: one.workflow_uuid, label: one.name }))}
        onChange={(event) => {
          setAgentUuid(event.target.value);
          setKey(freshIdempotencyKey());
        }}
      />
      <TextField
        label="Your phone number"
        type="tel"
        autoComplete="tel"
        placeholder="+14155550100"
        hint="With + and the country’s calling code."
        value={phoneNumber}
        error={wrongNumber(call.error)}
        onChange={(event) => {
          setPhoneNumber(event.target.value);
          setKey(freshIdempotencyKey());
        }}
      />
      <CallerIds
        accountId={account.id}
        chosen={callerId}
        onChoose={(id) => {
          setCallerId(id);
          setKey(freshIdempotencyKey());
        }}
      />
      <p>
        {account.provider === 'sandbox'
          ? 'The sandbox plays the whole call without ringing a phone.'
          : 'The phone of this number rings as soon as you call it, and the carrier may bill the call.'}
      </p>
      {call.data !== undefined && agent !== undefined && (
        <PlacedCall agentId={agent.id} runId={call.data.runId} />
      )}
      {call.error !== null && wrongNumber(call.error) === undefined && <Notice error={call.error} />}
      <DialogActions>
        <Button onClick={props.onClose}>Close</Button>
        <Button type="submit" kind="danger" pending={call.isPending}>
          {call.data === undefined ? 'Call this number now' : 'Call it again'}
        </Button>
      </DialogActions>
    </Form>
  );
}

/** The numbers of the account that the phone can show. */
function CallerIds(props: {
  accountId: number;
  chosen: number | null;
  onChoose: (id: number | null) => void;
}) {
  const { accountId, chosen, onChoose } = props;
  const numbers = useNumbers(accountId).data ?? [];
  const usable = numbers.filter((number) => number.is_active && number.address_type === 'pstn');
  if (usable.length === 0) return null;
  return (
    <SelectField
      label="Caller ID"
      options={[
        { value: '', label: 'As for every call of this account' },
        ...usable.map((number) => ({
          value: String(number.id),
          label: number.label == null ? number.address : `${number.address} (${number.label})`,
        })),
      ]}
      value={chosen === null ? '' : String(chosen)}
      onChange={({ target }) => onChoose(target.value === '' ? null : Number(target.value))}
    />
  );
}

function PlacedCall({ agentId, runId }: { agentId: number; runId: number }) {
  const run = useQuery({
    queryKey: [...runKeys.one, runId, 'test-call'],
    queryFn: ({ signal }) => api<Run>('GET', `/workflow/${agentId}/runs/${runId}`, { signal }),
  });
  return (
    <div role="status">
      <Loaded query={run} what="the call">
        {(data) => (
          <p>
            <RunBadge run={data} /> <Link href={`/calls/${runId}`}>Open the call</Link>
          </p>
        )}
      </Loaded>
    </div>
  );
}
