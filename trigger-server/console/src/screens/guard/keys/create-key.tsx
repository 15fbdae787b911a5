/** A new API key. It is shown once, so the dialog closes only by its own button. */
import type { CreatedApiKey } from '@dograh-trigger/shared';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useAgentNames } from '../../../api/agent-names';
import { api, wrongFields } from '../../../api/http';
import { Button } from '../../../ui/button';
import { CopyLine } from '../../../ui/copy';
import { Dialog, DialogActions } from '../../../ui/dialog';
import { DialogForm } from '../../../ui/dialog-form';
import { CheckboxField, SelectField, TextField } from '../../../ui/field';
import { Notice } from '../../../ui/notice';
import choices from '../../../ui/choices.module.css';
import styles from './create-key.module.css';
import { keysKey, keysPath } from '../queries';
import { emptyDraft, keyToSend, scopes, scopeWords, type KeyDraft } from './key-limits';

export function CreateKey({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [draft, setDraft] = useState(emptyDraft);
  const create = useMutation({
    // The key must not stay in memory after the dialog.
    gcTime: 0,
    mutationFn: () => api<CreatedApiKey>('POST', keysPath, { body: keyToSend(draft) }),
    onSuccess: () => queries.invalidateQueries({ queryKey: keysKey }),
  });
  if (create.data !== undefined) {
    return (
      <Dialog title={`The key of ${create.data.name}`} onClose={onClose} closable={false}>
        <Notice tone="warn">This is the only time that the key is shown. Copy it now.</Notice>
        <CopyLine text={create.data.api_key} what="the API key" />
        <p>
          Send it in the header <code>X-API-Key</code>, or paste it into the credential of n8n or Zapier.
        </p>
        <DialogActions>
          <Button kind="primary" onClick={onClose}>
            I have copied the key
          </Button>
        </DialogActions>
      </Dialog>
    );
  }
  const errors = wrongFields(create.error);
  const change = (changes: Partial<KeyDraft>) => {
    setDraft({ ...draft, ...changes });
  };
  return (
    <DialogForm
      title="Create an API key"
      action="Create the key"
      pending={create.isPending}
      error={create.error}
      fields={['name', 'expires_at']}
      onClose={onClose}
      onSubmit={() => {
        create.mutate();
      }}
    >
      <TextField
        label="Name"
        placeholder="For n8n"
        hint="Where the key is used. Give each program a key of its own, so that you can archive one alone."
        value={draft.name}
        error={errors.get('name')}
        onChange={(event) => {
          change({ name: event.target.value });
        }}
      />
      <SelectField
        label="What it may do"
        hint={scopeWords[draft.scope].hint}
        value={draft.scope}
        options={scopes.map((scope) => ({ value: scope, label: scopeWords[scope].label }))}
        onChange={(event) => {
          change({ scope: scopes.find((scope) => scope === event.target.value) ?? draft.scope });
        }}
      />
      {draft.scope === 'trigger' && (
        <AgentsOfKey
          chosen={draft.agents}
          onChange={(agents) => {
            change({ agents });
          }}
        />
      )}
      <TextField
        label="Works until the end of"
        type="date"
        max="9999-12-31"
        hint="Of this day, by your clock. Left empty: until you archive it."
        value={draft.lastDay}
        error={errors.get('expires_at')}
        onChange={(event) => {
          change({ lastDay: event.target.value });
        }}
      />
    </DialogForm>
  );
}

function AgentsOfKey(props: { chosen: readonly number[]; onChange: (agents: readonly number[]) => void }) {
  const { chosen, onChange } = props;
  const agents = useAgentNames('active');
  return (
    <fieldset className={choices.choices}>
      <legend>Agents that it may call</legend>
      <p>{chosen.length === 0 ? 'All, new ones too.' : 'Only those that are marked.'}</p>
      <div className={styles.agents}>
        {agents.map(({ id, name }) => (
          <CheckboxField
            key={id}
            label={name}
            checked={chosen.includes(id)}
            onChange={(event) => {
              onChange(event.target.checked ? [...chosen, id] : chosen.filter((one) => one !== id));
            }}
          />
        ))}
      </div>
    </fieldset>
  );
}
