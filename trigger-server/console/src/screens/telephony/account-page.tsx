/** One carrier account: whether it is ready, its numbers and its settings. */
import type { TelephonyConfiguration } from '@dograh-trigger/shared';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { api } from '../../api/http';
import { Button } from '../../ui/button';
import { Confirm } from '../../ui/confirm';
import { Loaded } from '../../ui/loaded';
import { Notice } from '../../ui/notice';
import { Page } from '../../ui/page';
import { useToast } from '../../ui/toast';
import { AccountSettings } from './account-settings';
import { ImportAgents } from './remote/import-agents';
import { Numbers } from './numbers';
import { accountPath } from '../../api/carriers';
import { useAccount, useAccountRemoval, useTelephonyChange } from './queries';
import { Readiness } from './readiness';
import { TestCall } from './test-call';
import { WebhookAddress } from './remote/webhook-address';
import { isolated } from '../../ui/isolated';

export function AccountPage({ accountId }: { accountId: number }) {
  const account = useAccount(accountId);
  return (
    <Page
      title={account.data?.name ?? 'Carrier account'}
      above={<Link href="/telephony">Telephony</Link>}
      actions={account.data !== undefined && <Actions account={account.data} />}
    >
      <Loaded query={account} what="the carrier account">
        {(data) => (
          <>
            <Readiness account={data} />
            <ImportAgents account={data} />
            <WebhookAddress account={data} />
            <Numbers account={data} />
            <AccountSettings account={data} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Actions({ account }: { account: TelephonyConfiguration }) {
  const toast = useToast();
  const [, navigate] = useLocation();
  const [open, setOpen] = useState<'test' | 'delete' | null>(null);
  const close = () => {
    setOpen(null);
  };
  const post = (step: string) =>
    api<TelephonyConfiguration>('POST', `${accountPath(account.id)}/${step}`, { body: {} });
  const makeDefault = useTelephonyChange(() => post('set-default-outbound'));
  const reactivate = useTelephonyChange(() => post('reactivate'));
  const remove = useAccountRemoval();
  const failure = makeDefault.error ?? reactivate.error;
  return (
    <>
      <Button
        onClick={() => {
          setOpen('test');
        }}
      >
        Test call
      </Button>
      {account.inactive === true && (
        <Button
          pending={reactivate.isPending}
          onClick={() => {
            reactivate.mutate(undefined, {
              onSuccess: () => {
                toast(`${isolated(account.name)} is used for calls again`);
              },
            });
          }}
        >
          Reactivate
        </Button>
      )}
      {!account.is_default_outbound && (
        <Button
          pending={makeDefault.isPending}
          onClick={() => {
            makeDefault.mutate(undefined, {
              onSuccess: () => {
                toast(`${isolated(account.name)} is the default account now`);
              },
            });
          }}
        >
          Make it the default
        </Button>
      )}
      <Button
        kind="danger"
        onClick={() => {
          setOpen('delete');
        }}
      >
        Delete
      </Button>
      {failure !== null && <Notice error={failure} />}
      {open === 'test' && <TestCall account={account} onClose={close} />}
      {open === 'delete' && (
        <Confirm
          title={`Delete ${isolated(account.name)}?`}
          action="Delete the account"
          danger
          onClose={close}
          onConfirm={async () => {
            await remove(account.id);
            toast(`Deleted: ${account.name}`);
            navigate('/telephony');
          }}
        >
          Its settings and its numbers are deleted from this server, and no call goes through it any more. The
          account at the carrier stays as it is.
        </Confirm>
      )}
    </>
  );
}
