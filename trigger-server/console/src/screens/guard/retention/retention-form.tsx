/** The retention settings as a form. It asks before it saves what would remove something. */
import type { RetentionSettings } from '@dograh-trigger/shared';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, wrongFields } from '../../../api/http';
import { Button } from '../../../ui/button';
import { Confirm } from '../../../ui/confirm';
import { Form, TextField } from '../../../ui/field';
import { FormFailure } from '../../../ui/form-failure';
import { useToast } from '../../../ui/toast';
import { retentionKey, retentionPath } from '../queries';
import { draftOf, isShorter, kinds, retentionToSend } from './retention-draft';

export function RetentionForm({ settings, onClose }: { settings: RetentionSettings; onClose: () => void }) {
  const toast = useToast();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(settings));
  const [asked, setAsked] = useState(false);
  const save = useMutation({
    mutationFn: () => api<RetentionSettings>('PUT', retentionPath, { body: retentionToSend(draft) }),
    onSuccess: (saved) => {
      queries.setQueryData(retentionKey, saved);
      toast('Saved. It holds from now on.');
      onClose();
    },
  });
  const errors = wrongFields(save.error);
  return (
    <>
      <Form
        onSubmit={() => {
          if (isShorter(settings, draft)) setAsked(true);
          else save.mutate();
        }}
      >
        {kinds.map(({ field, label, hint }) => (
          <TextField
            key={field}
            label={label}
            hint={hint}
            inputMode="numeric"
            placeholder="For ever"
            value={draft[field]}
            error={errors.get(field)}
            onChange={(event) => {
              setDraft({ ...draft, [field]: event.target.value });
            }}
          />
        ))}
        <FormFailure error={save.error} fields={kinds.map(({ field }) => field)} />
        <div>
          <Button type="submit" kind="primary" pending={save.isPending}>
            Save how long
          </Button>{' '}
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </Form>
      {asked && (
        <Confirm
          title="Keep it for a shorter time?"
          action="Save and remove what is older"
          danger
          onConfirm={() => {
            // Its failure is shown at the fields, so the dialog does not wait for it.
            save.mutate();
            return Promise.resolve();
          }}
          onClose={() => {
            setAsked(false);
          }}
        >
          <p>What is older than that is removed, and nobody can bring it back.</p>
        </Confirm>
      )}
    </>
  );
}
