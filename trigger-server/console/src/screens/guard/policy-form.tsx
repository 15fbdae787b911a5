/** The destination policy as a form. What is typed stays until it is saved or canceled. */
import type { DestinationPolicyInForce } from '@dograh-trigger/shared';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ApiError, wrongFields } from '../../api/http';
import { Button } from '../../ui/button';
import { CheckboxField, Form, SelectField, TextArea, TextField } from '../../ui/field';
import { FormFailure } from '../../ui/form-failure';
import { Notice } from '../../ui/notice';
import { useToast } from '../../ui/toast';
import styles from '../../ui/choices.module.css';
import { draftOf, errorAt, policyToSend, toggled, usualWindows } from './policy-draft';
import { HoursFields, type PartProps } from './policy-hours';
import { guardedTypes, numberTypeWords, windowWords } from './policy-sentences';
import { policyKey, policyPath, policyQuery } from './queries';

const fieldsWithErrors = [
  'allowed_calling_codes',
  'blocked_prefixes',
  'calling_hours',
  'daily_calls_per_key',
  'max_calls_per_number',
];

export function PolicyForm({ policy, onClose }: { policy: DestinationPolicyInForce; onClose: () => void }) {
  const toast = useToast();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(policy));
  // Of the policy that the person saw. The policy is read again in the background, which is not to overwrite a change unnoticed.
  const [revision, setRevision] = useState(policy.revision);
  const save = useMutation({
    mutationFn: () =>
      api<DestinationPolicyInForce>('PUT', policyPath, { body: { ...policyToSend(draft), revision } }),
    onError: async (error) => {
      if (!isOutdated(error)) return;
      const current = await queries.query({ ...policyQuery, staleTime: 0 });
      setRevision(current.revision);
    },
    onSuccess: (saved) => {
      queries.setQueryData(policyKey, saved);
      toast('Policy saved. It holds from the next call on.');
      onClose();
    },
  });
  const errors = wrongFields(save.error);
  const part: PartProps = {
    draft,
    errors,
    onChange: (change) => {
      setDraft({ ...draft, ...change });
    },
  };
  return (
    <Form
      onSubmit={() => {
        save.mutate();
      }}
    >
      <Countries {...part} />
      <NumberTypes {...part} />
      <TextArea
        label="Numbers that begin so are never called"
        hint="One on each line, with +, such as +4470. A single number belongs into the do-not-call list."
        value={draft.blocked}
        error={errorAt(errors, 'blocked_prefixes')}
        onChange={(event) => {
          part.onChange({ blocked: event.target.value });
        }}
      />
      <Hours {...part} />
      <TextField
        label="Calls of one API key per day"
        inputMode="numeric"
        placeholder="No limit"
        hint="The day is that of UTC. While a limit is set, only a signed-in user can create keys."
        value={draft.dailyCalls}
        error={errorAt(errors, 'daily_calls_per_key')}
        onChange={(event) => {
          part.onChange({ dailyCalls: event.target.value });
        }}
      />
      <CallsPerNumber {...part} />
      {isOutdated(save.error) ? (
        <Notice tone="warn">
          Nothing was saved: somebody has changed the policy meanwhile. The sentences above say how it is now.
          Save again to replace it with what you entered.
        </Notice>
      ) : (
        <FormFailure error={save.error} fields={fieldsWithErrors} />
      )}
      <div>
        <Button type="submit" kind="primary" pending={save.isPending}>
          Save the policy
        </Button>{' '}
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Form>
  );
}

function isOutdated(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'policy_changed';
}

function Countries({ draft, errors, onChange }: PartProps) {
  return (
    <>
      <SelectField
        label="Countries"
        value={draft.onlyTheseCodes ? 'these' : 'all'}
        options={[
          { value: 'all', label: 'Every country' },
          { value: 'these', label: 'Only those with these calling codes' },
        ]}
        onChange={(event) => {
          onChange({ onlyTheseCodes: event.target.value === 'these' });
        }}
      />
      {draft.onlyTheseCodes && (
        <TextField
          label="Calling codes"
          placeholder="1, 44"
          hint="With commas between them. Empty: no call is placed."
          value={draft.codes}
          error={errorAt(errors, 'allowed_calling_codes')}
          onChange={(event) => {
            onChange({ codes: event.target.value });
          }}
        />
      )}
    </>
  );
}

function NumberTypes({ draft, onChange }: PartProps) {
  return (
    <fieldset className={styles.choices}>
      <legend>Expensive numbers that may be called</legend>
      {guardedTypes.map((type) => (
        <CheckboxField
          key={type}
          label={capitalized(numberTypeWords[type])}
          checked={draft.numberTypes.includes(type)}
          onChange={(event) => {
            onChange({ numberTypes: toggled(draft.numberTypes, type, event.target.checked) });
          }}
        />
      ))}
    </fieldset>
  );
}

function Hours(part: PartProps) {
  const { draft, onChange } = part;
  return (
    <>
      <CheckboxField
        label="Only at certain hours"
        checked={draft.hasHours}
        onChange={(event) => {
          onChange({ hasHours: event.target.checked });
        }}
      />
      {draft.hasHours && <HoursFields {...part} />}
    </>
  );
}

function CallsPerNumber({ draft, errors, onChange }: PartProps) {
  const offered = usualWindows.includes(draft.numberWindow)
    ? usualWindows
    : [...usualWindows, draft.numberWindow];
  return (
    <div className={styles.row}>
      <TextField
        label="Calls to one number"
        inputMode="numeric"
        placeholder="No limit"
        hint="Over all keys and agents. Calls before the limit was set are not counted."
        value={draft.numberCalls}
        error={errorAt(errors, 'max_calls_per_number.calls') ?? errorAt(errors, 'max_calls_per_number')}
        onChange={(event) => {
          onChange({ numberCalls: event.target.value });
        }}
      />
      <SelectField
        label="Within"
        value={draft.numberWindow}
        options={offered.map((window) => ({ value: window, label: windowWords(window) }))}
        error={errorAt(errors, 'max_calls_per_number.window')}
        onChange={(event) => {
          onChange({ numberWindow: event.target.value });
        }}
      />
    </div>
  );
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
