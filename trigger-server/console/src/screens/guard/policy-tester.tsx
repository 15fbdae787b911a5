/** Says whether a number may be called at a time, by the code that judges a call. Nobody is called. */
import type { DestinationCheck, DestinationChecks, DestinationPolicy } from '@dograh-trigger/shared';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, wrongFields } from '../../api/http';
import { Button } from '../../ui/button';
import { Form, TextField } from '../../ui/field';
import { FormFailure } from '../../ui/form-failure';
import { Notice } from '../../ui/notice';
import { Section } from '../../ui/page';
import { instantOf } from '../../ui/local-time';
import { describeNumber } from './number-words';
import { errorAt } from './policy-draft';
import { policyPath } from './queries';

export function PolicyTester({ policy }: { policy: DestinationPolicy }) {
  const [phoneNumber, setPhoneNumber] = useState('');
  const [at, setAt] = useState('');
  const check = useMutation({
    mutationFn: () =>
      api<DestinationChecks>('POST', `${policyPath}/check`, {
        body: { phone_numbers: [phoneNumber], at: instantOf(at) },
      }),
  });
  const { reset } = check;
  // An answer holds only for the policy that gave it.
  useEffect(() => {
    reset();
  }, [policy, reset]);
  const errors = wrongFields(check.error);
  return (
    <Section title="May this number be called?">
      <p>The policy in force answers. Nobody is called, and nothing is counted.</p>
      <Form
        onSubmit={() => {
          check.mutate();
        }}
      >
        <TextField
          label="Number"
          type="tel"
          placeholder="+14155550100"
          value={phoneNumber}
          error={errorAt(errors, 'phone_numbers')}
          onChange={(event) => {
            setPhoneNumber(event.target.value);
            reset();
          }}
        />
        <TextField
          label="When (optional)"
          type="datetime-local"
          hint="By your own clock. Empty: now."
          value={at}
          error={errors.get('at')}
          onChange={(event) => {
            setAt(event.target.value);
            reset();
          }}
        />
        <FormFailure error={check.error} fields={['phone_numbers', 'at']} />
        {check.data !== undefined && (
          <div role="status">
            {check.data.results.map((result) => (
              <CheckResult key={phoneNumber} check={result} />
            ))}
          </div>
        )}
        <div>
          <Button type="submit" pending={check.isPending}>
            Check the number
          </Button>
        </div>
      </Form>
    </Section>
  );
}

function CheckResult({ check }: { check: DestinationCheck }) {
  const number = describeNumber(check);
  return (
    <Notice tone={check.allowed ? 'good' : 'bad'}>
      {check.allowed ? 'It may be called.' : `It may not be called. ${check.detail ?? ''}`}
      {number !== null && ` ${number}`}
    </Notice>
  );
}
