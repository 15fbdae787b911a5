/** The secret that signs every event: hidden until somebody asks for it. */
import type { WebhookSecret } from '@dograh-trigger/shared';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/http';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { CopyLine } from '../../ui/copy';
import { Loaded } from '../../ui/loaded';
import { Notice } from '../../ui/notice';
import { Section } from '../../ui/page';
import { Time } from '../../ui/time';
import { useToast } from '../../ui/toast';
import { secretKey, secretPath, useSecret } from './queries';

export function Secret() {
  const toast = useToast();
  const queries = useQueryClient();
  const [shown, setShown] = useState(false);
  const [rotating, setRotating] = useState(false);
  const secret = useSecret(shown);
  return (
    <Section title="Signing secret">
      <p>
        Every event is signed with this secret, after Standard Webhooks (the headers <code>webhook-id</code>,{' '}
        <code>webhook-timestamp</code> and <code>webhook-signature</code>). A receiver checks the signature
        with it.
      </p>
      {shown && (
        <Loaded query={secret} what="the secret">
          {(data) => <ShownSecret secret={data} />}
        </Loaded>
      )}
      <div>
        <Button
          aria-expanded={shown}
          onClick={() => {
            setShown(!shown);
          }}
        >
          {shown ? 'Hide the secret' : 'Show the secret'}
        </Button>{' '}
        <Button
          kind="danger"
          onClick={() => {
            setRotating(true);
          }}
        >
          Replace the secret
        </Button>
      </div>
      {rotating && (
        <Confirm
          title="Replace the signing secret?"
          action="Replace the secret"
          danger
          onClose={() => {
            setRotating(false);
          }}
          onConfirm={async () => {
            const fresh = await api<WebhookSecret>('POST', secretPath, { body: {} });
            queries.setQueryData(secretKey, fresh);
            setShown(true);
            toast('The secret was replaced');
          }}
        >
          A new secret signs from now on. For 24 hours the one before signs along, so every receiver has a day
          to take over the new one. After that, a receiver that still checks with the old secret refuses the
          events.
        </Confirm>
      )}
    </Section>
  );
}

function ShownSecret({ secret }: { secret: WebhookSecret }) {
  const until = secret.previous_secret_expires_at;
  return (
    <>
      <CopyLine text={secret.secret} what="the signing secret" />
      {until !== null && (
        <Notice tone="warn">
          The secret before signs along until <Time at={until} />.
        </Notice>
      )}
    </>
  );
}
