/** Adds a number to the do-not-call list. */
import type { DoNotCallEntry } from '@dograh-trigger/shared';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, wrongFields } from '../../../api/http';
import { doNotCallKey, runKeys } from '../../../api/live';
import { DialogForm } from '../../../ui/dialog-form';
import { TextField } from '../../../ui/field';
import { instantOf } from '../../../ui/local-time';
import { useToast } from '../../../ui/toast';
import { entryPath } from './queries';

export function AddNumber({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const toast = useToast();
  const [number, setNumber] = useState('');
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const add = useMutation({
    mutationFn: () =>
      api<DoNotCallEntry>('PUT', entryPath(number.trim()), {
        body: { reason: reason.trim() === '' ? null : reason.trim(), until: instantOf(until) },
      }),
    onSuccess: async (entry) => {
      toast(`${entry.number} is on the list. It is not called any more.`);
      onClose();
      // Calls to it that waited have ended.
      for (const queryKey of [doNotCallKey, runKeys.list, runKeys.one])
        await queries.invalidateQueries({ queryKey });
    },
  });
  const errors = wrongFields(add.error);
  const isEmpty = number.trim() === '';
  const [isAsked, setAsked] = useState(false);
  return (
    <DialogForm
      title="Add a number to the do-not-call list"
      action="Add the number"
      pending={add.isPending}
      error={add.error}
      fields={['number', 'reason', 'until']}
      onClose={onClose}
      onSubmit={() => {
        setAsked(true);
        if (!isEmpty) add.mutate();
      }}
    >
      <TextField
        label="Number"
        type="tel"
        placeholder="+14155550100"
        hint="With + and the country’s calling code. Calls to it that wait are canceled."
        value={number}
        error={isAsked && isEmpty ? 'Enter a number' : errors.get('number')}
        onChange={({ target }) => setNumber(target.value)}
      />
      <TextField
        label="Reason (optional)"
        placeholder="Asked by e-mail"
        maxLength={500}
        value={reason}
        error={errors.get('reason')}
        onChange={({ target }) => setReason(target.value)}
      />
      <TextField
        label="Until (optional)"
        type="datetime-local"
        hint="By your own clock. Empty: for good."
        value={until}
        error={errors.get('until')}
        onChange={({ target }) => setUntil(target.value)}
      />
    </DialogForm>
  );
}
