/** Which language model holds the conversations of the agents, and the form that changes it. */
import type { ModelConfigurationDefaults, ModelConfigurationReply } from '@dograh-trigger/shared';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, wrongFields } from '../../../api/http';
import { Button } from '../../../ui/button';
import { Dialog, DialogActions } from '../../../ui/dialog';
import { Form, SelectField, TextField } from '../../../ui/field';
import { FormFailure } from '../../../ui/form-failure';
import { Loaded } from '../../../ui/loaded';
import { Notice } from '../../../ui/notice';
import { useToast } from '../../../ui/toast';
import {
  addressField,
  bodyOf,
  draftOf,
  presetDraft,
  providerNames,
  providers,
  savedKey,
  savedLlm,
} from './model-draft';
import { modelKey, modelPath, modelQuery } from './queries';

/** The place of the settings in the body. */
const place = 'byok.pipeline.llm';

export function LanguageModel({ onClose }: { onClose: () => void }) {
  const model = useQuery(modelQuery);
  return (
    <Dialog title="Language model" onClose={onClose}>
      <Loaded query={model} what="the language model">
        {({ reply, defaults }) => <ModelForm reply={reply} defaults={defaults} onClose={onClose} />}
      </Loaded>
    </Dialog>
  );
}

function ModelForm(props: {
  reply: ModelConfigurationReply;
  defaults: ModelConfigurationDefaults;
  onClose: () => void;
}) {
  const { reply, defaults, onClose } = props;
  const toast = useToast();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(reply, defaults));
  const done = async (sentence: string) => {
    await queries.invalidateQueries({ queryKey: modelKey });
    toast(sentence);
    onClose();
  };
  const save = useMutation({
    mutationFn: () => api<ModelConfigurationReply>('PUT', modelPath, { body: bodyOf(draft, reply) }),
    onSuccess: ({ unverified }) => done(unverified === undefined ? saved : `Saved. ${unverified}`),
  });
  const forget = useMutation({
    mutationFn: () => api<ModelConfigurationReply>('DELETE', modelPath),
    onSuccess: ({ source }) => done(source === 'server' ? backToServer : forgotten),
  });
  const errors = wrongFields(save.error);
  const key = savedKey(draft, reply);
  return (
    <Form onSubmit={() => save.mutate()}>
      <p>{sentenceOf(reply)}</p>
      <SelectField
        label="Provider"
        value={draft.provider}
        options={providers.map((value) => ({ value, label: providerNames[value] }))}
        onChange={({ target }) => {
          const chosen = providers.find((name) => name === target.value);
          if (chosen !== undefined) setDraft(presetDraft(defaults, chosen));
        }}
      />
      <TextField
        label={draft.provider === 'azure' ? 'Deployment' : 'Model'}
        spellCheck={false}
        value={draft.model}
        error={errors.get(`${place}.model`)}
        onChange={({ target }) => setDraft({ ...draft, model: target.value })}
      />
      <TextField
        label="Address"
        hint="The key and the words of the calls are sent there."
        spellCheck={false}
        inputMode="url"
        placeholder={draft.provider === 'azure' ? 'https://my-resource.openai.azure.com' : undefined}
        value={draft.address}
        error={errors.get(`${place}.${addressField(draft.provider)}`)}
        onChange={({ target }) => setDraft({ ...draft, address: target.value })}
      />
      <TextField
        label={draft.provider === 'speaches' ? 'API key (optional)' : 'API key'}
        hint={key === null ? undefined : `Saved (${String(key)}). Leave this empty to keep it.`}
        type="password"
        autoComplete="new-password"
        spellCheck={false}
        value={draft.key}
        error={errors.get(`${place}.api_key`)}
        onChange={({ target }) => setDraft({ ...draft, key: target.value })}
      />
      <FormFailure error={save.error} fields={[place]} />
      {forget.error !== null && <Notice error={forget.error} />}
      <DialogActions>
        {savedLlm(reply) !== null && (
          <Button kind="danger" pending={forget.isPending} onClick={() => forget.mutate()}>
            Forget this model
          </Button>
        )}
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" kind="primary" pending={save.isPending}>
          Save the model
        </Button>
      </DialogActions>
    </Form>
  );
}

const saved = 'Saved, and the key works. Agents that name no answer talk once they are published again.';
const backToServer = 'Forgotten. The model of this server is used.';
const forgotten = 'Forgotten. Agents that name no answer announce their greeting.';

function sentenceOf({ source, effective_configuration: { llm } }: ModelConfigurationReply): string {
  switch (source) {
    case 'organization_v2':
      return `Your agents talk with ${llm?.model ?? 'this model'}.`;
    case 'server':
      return `Your agents talk with the model of this server, ${llm?.model ?? ''}. Save one here to use your own.`;
    case 'empty':
      return 'There is no language model yet. Agents that are to talk need one; others announce their greeting.';
  }
}
