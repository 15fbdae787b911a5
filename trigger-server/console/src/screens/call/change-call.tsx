/** Changes when a call that waits is placed. */
import type { Run } from '@dograh-trigger/shared';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, wrongFields } from '../../api/http';
import { runKeys } from '../../api/live';
import { DialogForm } from '../../ui/dialog-form';
import { SelectField, TextField } from '../../ui/field';
import { TimeZoneField } from '../../ui/time-zone-field';
import { useToast } from '../../ui/toast';
import { changeDraftOf, changesOf, type ChangeDraft } from './change-draft';

const fields = ['not_before', 'not_after', 'outside_hours', 'time_zone', 'reference'];

export function ChangeCall({ run, onClose }: { run: Run; onClose: () => void }) {
  const queries = useQueryClient();
  const toast = useToast();
  // The call is read again in the background, and what is typed stays.
  const [shown] = useState(() => changeDraftOf(run));
  const [draft, setDraft] = useState(shown);
  const change = useMutation({
    mutationFn: () => api('PATCH', `/workflow/0/runs/${String(run.id)}`, { body: changesOf(shown, draft) }),
    onSettled: async () => {
      for (const queryKey of [runKeys.list, runKeys.one]) await queries.invalidateQueries({ queryKey });
    },
    onSuccess: () => {
      toast(`Call ${String(run.id)} was changed.`);
      onClose();
    },
  });
  const errors = wrongFields(change.error);
  const edit = (changed: Partial<ChangeDraft>) => setDraft({ ...draft, ...changed });
  return (
    <DialogForm
      title={`Change call ${String(run.id)}`}
      action="Save the change"
      pending={change.isPending}
      error={change.error}
      fields={fields}
      onSubmit={() => change.mutate()}
      onClose={onClose}
    >
      <TextField
        label="Not before"
        type="datetime-local"
        hint="By your own clock. Empty: as soon as possible."
        value={draft.notBefore}
        error={errors.get('not_before')}
        onChange={({ target }) => edit({ notBefore: target.value })}
      />
      <TextField
        label="Not after"
        type="datetime-local"
        hint="If the call has not been placed by then, it never is. Empty: no end."
        value={draft.notAfter}
        error={errors.get('not_after')}
        onChange={({ target }) => edit({ notAfter: target.value })}
      />
      <SelectField
        label="Outside the calling hours"
        value={draft.outsideHours}
        error={errors.get('outside_hours')}
        options={[
          { value: 'as it is', label: 'As it is' },
          { value: 'wait', label: 'Wait until they open' },
          { value: 'refuse', label: 'Do not call' },
        ]}
        onChange={({ target }) => edit({ outsideHours: target.value as ChangeDraft['outsideHours'] })}
      />
      <TimeZoneField
        label="Time zone of the person called"
        placeholder="As it is"
        hint="For the calling hours, such as Europe/Berlin."
        value={draft.timeZone}
        error={errors.get('time_zone')}
        onChange={({ target }) => edit({ timeZone: target.value })}
      />
      <TextField
        label="Reference"
        maxLength={255}
        value={draft.reference}
        error={errors.get('reference')}
        onChange={({ target }) => edit({ reference: target.value })}
      />
    </DialogForm>
  );
}
