import type { CreatedHook, WebhookEvent } from '@dograh-trigger/shared';
import { useState } from 'react';
import { api, wrongFields } from '../../api/http';
import { DialogForm } from '../../ui/dialog-form';
import { CheckboxField, SelectField, TextField } from '../../ui/field';
import { useToast } from '../../ui/toast';
import styles from './events.module.css';
import { hooksKey, useAgents, useChange } from './queries';

const events: readonly { name: WebhookEvent; label: string; hint: string }[] = [
  {
    name: 'call.answered',
    label: 'A call is answered',
    hint: 'call.answered. By a person or a machine, at once.',
  },
  {
    name: 'call.attempt_ended',
    label: 'An attempt to call has ended',
    hint: 'call.attempt_ended. Several for a call that is placed again when it reached nobody.',
  },
  {
    name: 'call.completed',
    label: 'A call has ended',
    hint: 'call.completed. It waits for the recording, 60 seconds at most.',
  },
  {
    name: 'call.artifacts_ready',
    label: 'The files of a call are there',
    hint: 'call.artifacts_ready. It waits for the recording as long as it takes.',
  },
];

export function AddSubscription({ onClose }: { onClose: () => void }) {
  const toast = useToast();
  const { data: agents = [] } = useAgents();
  const [url, setUrl] = useState('');
  const [chosen, setChosen] = useState<readonly WebhookEvent[]>(['call.completed']);
  const [agentUuid, setAgentUuid] = useState('');
  const add = useChange([hooksKey], () =>
    api<CreatedHook>('POST', '/hooks', {
      body: { target_url: url, event: chosen, workflow_uuid: agentUuid === '' ? null : agentUuid },
    }),
  );
  const errors = wrongFields(add.error);
  function choose(name: WebhookEvent, isChosen: boolean): void {
    setChosen(isChosen ? [...chosen, name] : chosen.filter((one) => one !== name));
  }
  return (
    <DialogForm
      title="Add a subscription"
      action="Add the subscription"
      pending={add.isPending}
      error={add.error}
      fields={['target_url', 'workflow_uuid']}
      onClose={onClose}
      onSubmit={() => {
        add.mutate(undefined, {
          onSuccess: () => {
            toast('Subscription added');
            onClose();
          },
        });
      }}
    >
      <TextField
        label="Address"
        type="url"
        inputMode="url"
        placeholder="https://example.com/call-ended"
        value={url}
        error={errors.get('target_url')}
        onChange={(event) => {
          setUrl(event.target.value);
        }}
      />
      <fieldset className={styles.choices}>
        <legend>Send when</legend>
        {events.map(({ name, label, hint }) => (
          <CheckboxField
            key={name}
            label={label}
            hint={hint}
            checked={chosen.includes(name)}
            onChange={(event) => {
              choose(name, event.target.checked);
            }}
          />
        ))}
      </fieldset>
      <SelectField
        label="Agent"
        value={agentUuid}
        error={errors.get('workflow_uuid')}
        options={[
          { value: '', label: 'Every agent' },
          ...agents.flatMap(({ workflow_uuid: uuid, name }) =>
            typeof uuid === 'string' ? [{ value: uuid, label: name }] : [],
          ),
        ]}
        onChange={(event) => {
          setAgentUuid(event.target.value);
        }}
      />
    </DialogForm>
  );
}
