/** Addresses that are told of every call. */
import type { Hook } from '@dograh-trigger/shared';
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
import { AddSubscription } from './add-subscription';
import { hooksKey, useAgents, useChange, useHooks } from './queries';
import { SendTest } from './send-test';

export function Subscriptions() {
  const hooks = useHooks();
  const [adding, setAdding] = useState(false);
  const add = (
    <Button
      kind="primary"
      onClick={() => {
        setAdding(true);
      }}
    >
      Add a subscription
    </Button>
  );
  return (
    <Section title="Subscriptions" actions={hooks.data?.length === 0 ? undefined : add}>
      <Loaded query={hooks} what="the subscriptions">
        {(list) =>
          list.length === 0 ? (
            <Empty title="No subscription yet">
              <p>Name an address, and this server sends it a signed event whenever a call has ended.</p>
              {add}
            </Empty>
          ) : (
            <SubscriptionTable list={list} />
          )
        }
      </Loaded>
      {adding && (
        <AddSubscription
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
    </Section>
  );
}

function SubscriptionTable({ list }: { list: readonly Hook[] }) {
  const toast = useToast();
  const { data: agents } = useAgents();
  const [testing, setTesting] = useState<Hook | null>(null);
  const [deleting, setDeleting] = useState<Hook | null>(null);
  const remove = useChange([hooksKey], (hook: Hook) => api('DELETE', `/hooks/${hook.id}`));
  const agentOf = ({ workflow_uuid: uuid }: Hook) =>
    uuid === null ? 'Every agent' : (agents?.find((agent) => agent.workflow_uuid === uuid)?.name ?? uuid);
  return (
    <>
      <Table
        label="Subscriptions"
        columns={['Address', 'Events', 'Agent', 'Since', 'Actions']}
        rows={list.map((hook) => ({
          key: hook.id,
          cells: [
            hook.target_url,
            hook.events.join(', '),
            agentOf(hook),
            <Time at={hook.created_at} />,
            <RowActions>
              <Button
                kind="quiet"
                aria-label={`Send a test to ${hook.target_url}`}
                onClick={() => {
                  setTesting(hook);
                }}
              >
                Send a test
              </Button>
              <Button
                kind="quiet"
                aria-label={`Delete the subscription of ${hook.target_url}`}
                onClick={() => {
                  setDeleting(hook);
                }}
              >
                Delete
              </Button>
            </RowActions>,
          ],
        }))}
      />
      {testing !== null && (
        <SendTest
          hook={testing}
          onClose={() => {
            setTesting(null);
          }}
        />
      )}
      {deleting !== null && (
        <Confirm
          title="Delete the subscription?"
          action="Delete the subscription"
          danger
          onClose={() => {
            setDeleting(null);
          }}
          onConfirm={async () => {
            await remove.mutateAsync(deleting);
            toast('Subscription deleted');
          }}
        >
          {deleting.target_url} gets no more events. Those that wait to be sent to it are canceled.
        </Confirm>
      )}
    </>
  );
}
