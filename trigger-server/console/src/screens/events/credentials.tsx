/** What the webhook nodes of agents sign in with at their receivers. */
import type { WebhookCredential } from '@dograh-trigger/shared';
import { useState } from 'react';
import { api } from '../../api/http';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { Empty } from '../../ui/empty';
import { Loaded } from '../../ui/loaded';
import { Section } from '../../ui/page';
import { RowActions, Table } from '../../ui/table';
import { Time } from '../../ui/time';
import { useToast } from '../../ui/toast';
import { CredentialForm } from './credential-form';
import { credentialKinds } from './credential-kinds';
import { credentialPath, credentialsKey, useChange, useCredentials } from './queries';
import { isolated } from '../../ui/isolated';

export function Credentials() {
  const credentials = useCredentials();
  const [adding, setAdding] = useState(false);
  const add = (
    <Button
      kind="primary"
      onClick={() => {
        setAdding(true);
      }}
    >
      Add a credential
    </Button>
  );
  return (
    <Section title="Credentials" actions={credentials.data?.length === 0 ? undefined : add}>
      <Loaded query={credentials} what="the credentials">
        {(list) =>
          list.length === 0 ? (
            <Empty title="No credential yet">
              <p>
                A webhook node of an agent can sign in at its receiver with a token, a key or a password. Save
                it here, then choose it in the node.
              </p>
              {add}
            </Empty>
          ) : (
            <CredentialTable list={list} />
          )
        }
      </Loaded>
      {adding && (
        <CredentialForm
          before={null}
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
    </Section>
  );
}

function CredentialTable({ list }: { list: readonly WebhookCredential[] }) {
  const toast = useToast();
  const [editing, setEditing] = useState<WebhookCredential | null>(null);
  const [deleting, setDeleting] = useState<WebhookCredential | null>(null);
  const remove = useChange([credentialsKey], (credential: WebhookCredential) =>
    api('DELETE', credentialPath(credential)),
  );
  return (
    <>
      <Table
        label="Credentials"
        columns={['Name', 'Kind', 'Description', 'Changed', 'Actions']}
        rows={list.map((credential) => ({
          key: credential.uuid,
          cells: [
            credential.name,
            credentialKinds[credential.credential_type].label,
            credential.description ?? '',
            <Time at={credential.updated_at ?? credential.created_at} />,
            <RowActions>
              <Button
                kind="quiet"
                aria-label={`Change ${credential.name}`}
                onClick={() => {
                  setEditing(credential);
                }}
              >
                Change
              </Button>
              <Button
                kind="quiet"
                aria-label={`Delete ${credential.name}`}
                onClick={() => {
                  setDeleting(credential);
                }}
              >
                Delete
              </Button>
            </RowActions>,
          ],
        }))}
      />
      {editing !== null && (
        <CredentialForm
          before={editing}
          onClose={() => {
            setEditing(null);
          }}
        />
      )}
      {deleting !== null && (
        <Confirm
          title={`Delete ${isolated(deleting.name)}?`}
          action="Delete the credential"
          danger
          onClose={() => {
            setDeleting(null);
          }}
          onConfirm={async () => {
            await remove.mutateAsync(deleting);
            toast(`Deleted: ${deleting.name}`);
          }}
        >
          Webhook nodes that use it send their requests without it, and the receiver may refuse them.
        </Confirm>
      )}
    </>
  );
}
