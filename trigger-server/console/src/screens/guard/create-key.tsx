/** A new API key. It is shown once, so the dialog closes only by its own button. */
import type { CreatedApiKey } from '@dograh-trigger/shared';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, wrongFields } from '../../api/http';
import { Button } from '../../ui/button';
import { CopyLine } from '../../ui/copy';
import { Dialog, DialogActions } from '../../ui/dialog';
import { Form, TextField } from '../../ui/field';
import { FormFailure } from '../../ui/form-failure';
import { Notice } from '../../ui/notice';
import { keysKey, keysPath } from './queries';

export function CreateKey({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const create = useMutation({
    // The key must not stay in memory after the dialog.
    gcTime: 0,
    mutationFn: () => api<CreatedApiKey>('POST', keysPath, { body: { name } }),
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
  return (
    <Dialog title="Create an API key" onClose={onClose}>
      <Form
        onSubmit={() => {
          create.mutate();
        }}
      >
        <TextField
          label="Name"
          placeholder="For n8n"
          hint="Where the key is used. Give each program a key of its own, so that you can archive one alone."
          value={name}
          error={wrongFields(create.error).get('name')}
          onChange={(event) => {
            setName(event.target.value);
          }}
        />
        <FormFailure error={create.error} fields={['name']} />
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" pending={create.isPending}>
            Create the key
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
