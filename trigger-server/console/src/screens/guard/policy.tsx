/** The destination policy in sentences, with a form that changes it. */
import type { DestinationPolicyInForce } from '@dograh-trigger/shared';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../ui/button';
import { Loaded } from '../../ui/loaded';
import { Section } from '../../ui/page';
import styles from '../../ui/choices.module.css';
import { PolicyForm } from './policy-form';
import { PolicyTester } from './policy-tester';
import { describePolicy } from './policy-sentences';
import { policyQuery } from './queries';

export function Policy() {
  const policy = useQuery(policyQuery);
  return (
    <Loaded query={policy} what="the policy">
      {(data) => (
        <>
          <PolicyInForce policy={data} />
          <PolicyTester policy={data} />
        </>
      )}
    </Loaded>
  );
}

function PolicyInForce({ policy }: { policy: DestinationPolicyInForce }) {
  const [editing, setEditing] = useState(false);
  return (
    <Section
      title="Whom calls may reach"
      actions={
        !editing && (
          <Button
            onClick={() => {
              setEditing(true);
            }}
          >
            Change the policy
          </Button>
        )
      }
    >
      <p>The policy holds for every call of your organization. It limits the phone bill if a key leaks.</p>
      <ul className={styles.sentences}>
        {describePolicy(policy).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {editing && (
        <PolicyForm
          policy={policy}
          onClose={() => {
            setEditing(false);
          }}
        />
      )}
    </Section>
  );
}
