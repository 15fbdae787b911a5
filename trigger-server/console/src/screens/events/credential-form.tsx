/** A new credential, or a change of one. A saved secret is never shown; left empty, it stays. */
import type { WebhookCredential, WebhookCredentialType } from '@dograh-trigger/shared';
import { useState } from 'react';
import { api, wrongFields } from '../../api/http';
import { DialogForm } from '../../ui/dialog-form';
import { SelectField, TextField } from '../../ui/field';
import { useToast } from '../../ui/toast';
import { credentialData, credentialKinds, credentialTypes } from './credential-kinds';
import { credentialPath, credentialsKey, useChange } from './queries';

export function CredentialForm(props: { before: WebhookCredential | null; onClose: () => void }) {
  const { before, onClose } = props;
  const toast = useToast();
  const [name, setName] = useState(before?.name ?? '');
  const [description, setDescription] = useState(before?.description ?? '');
  const [type, setType] = useState<WebhookCredentialType>(before?.credential_type ?? 'bearer_token');
  const [input, setInput] = useState<Readonly<Record<string, string>>>({});
  const keepsSecret = before?.credential_type === type;
  const save = useChange([credentialsKey], () => {
    const data = credentialData(type, input) ?? (keepsSecret ? undefined : {});
    const body = { name, description, credential_type: type, credential_data: data };
    return before === null
      ? api<WebhookCredential>('POST', '/credentials/', { body })
      : api<WebhookCredential>('PUT', credentialPath(before), { body });
  });
  const errors = wrongFields(save.error);
  const { parts } = credentialKinds[type];
  return (
    <DialogForm
      title={before === null ? 'Add a credential' : `Change ${before.name}`}
      action="Save the credential"
      pending={save.isPending}
      error={save.error}
      fields={['name', 'description', ...parts.map((part) => `credential_data.${part.name}`)]}
      onClose={onClose}
      onSubmit={() => {
        save.mutate(undefined, {
          onSuccess: (saved) => {
            toast(`Saved: ${saved.name}`);
            onClose();
          },
        });
      }}
    >
      <TextField
        label="Name"
        value={name}
        error={errors.get('name')}
        onChange={(event) => {
          setName(event.target.value);
        }}
      />
      <TextField
        label="Description (optional)"
        value={description}
        error={errors.get('description')}
        onChange={(event) => {
          setDescription(event.target.value);
        }}
      />
      <SelectField
        label="Kind"
        value={type}
        options={credentialTypes.map((value) => ({ value, label: credentialKinds[value].label }))}
        onChange={(event) => {
          const chosen = credentialTypes.find((one) => one === event.target.value);
          if (chosen !== undefined) setType(chosen);
        }}
      />
      {keepsSecret && parts.length > 0 && (
        <p>The saved values are never shown. Leave all of these empty to keep them, or fill all in.</p>
      )}
      {parts.map((part) => (
        <TextField
          key={part.name}
          label={part.label}
          type={part.secret ? 'password' : 'text'}
          autoComplete={part.secret ? 'new-password' : 'off'}
          placeholder={part.preset}
          spellCheck={false}
          value={input[part.name] ?? ''}
          error={errors.get(`credential_data.${part.name}`)}
          onChange={(event) => {
            setInput({ ...input, [part.name]: event.target.value });
          }}
        />
      ))}
    </DialogForm>
  );
}
