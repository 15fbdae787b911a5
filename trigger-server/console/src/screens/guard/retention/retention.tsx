/** How long the organization keeps what, in sentences, with a form that changes it. */
import type { RetentionSettings } from '@dograh-trigger/shared';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../../ui/button';
import { Loaded } from '../../../ui/loaded';
import { Section } from '../../../ui/page';
import styles from '../../../ui/choices.module.css';
import { retentionQuery } from '../queries';
import { describeRetention } from './retention-draft';
import { RetentionForm } from './retention-form';

export function Retention() {
  const settings = useQuery(retentionQuery);
  return (
    <Loaded query={settings} what="the retention settings">
      {(data) => <RetentionInForce settings={data} />}
    </Loaded>
  );
}

function RetentionInForce({ settings }: { settings: RetentionSettings }) {
  const [editing, setEditing] = useState(false);
  return (
    <Section
      title="How long calls are kept"
      actions={
        !editing && (
          <Button
            onClick={() => {
              setEditing(true);
            }}
          >
            Change how long
          </Button>
        )
      }
    >
      <p>What is older is removed within about an hour. The list of changes says how much that was.</p>
      <ul className={styles.sentences}>
        {describeRetention(settings).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {editing && (
        <RetentionForm
          settings={settings}
          onClose={() => {
            setEditing(false);
          }}
        />
      )}
    </Section>
  );
}
