import type { AccountVerification, TelephonyConfigurationListItem } from '@dograh-trigger/shared';
import { Link } from 'wouter';
import { Badge } from '../../ui/badge';
import { Empty } from '../../ui/empty';
import { LinkButton } from '../../ui/link-button';
import { Loaded } from '../../ui/loaded';
import { Page, Section } from '../../ui/page';
import { Table } from '../../ui/table';
import { Time } from '../../ui/time';
import { AccountState } from './account-state';
import { useAccounts, useProviders } from '../../api/carriers';
import styles from './telephony.module.css';

export function AccountList() {
  const accounts = useAccounts();
  return (
    <Page
      title="Telephony"
      actions={
        <LinkButton href="/telephony/new" kind="primary">
          Add a carrier account
        </LinkButton>
      }
    >
      <Loaded query={accounts} what="the carrier accounts">
        {(list) => (list.length === 0 ? <NoAccounts /> : <Accounts list={list} />)}
      </Loaded>
    </Page>
  );
}

function NoAccounts() {
  return (
    <Empty title="No carrier account yet">
      <p>
        Calls go through an account at a carrier. Add the sandbox to try the API without ringing a phone, or
        your account at a carrier to ring real ones.
      </p>
      <LinkButton href="/telephony/new">Add a carrier account</LinkButton>
    </Empty>
  );
}

function Accounts({ list }: { list: readonly TelephonyConfigurationListItem[] }) {
  const { data: providers } = useProviders();
  const carrierOf = (account: TelephonyConfigurationListItem) =>
    providers?.find(({ provider }) => provider === account.provider)?.display_name ?? account.provider;
  return (
    <Section title="Carrier accounts">
      {!list.some((account) => account.is_default_outbound) && (
        <p>
          None of these is the default. A call that names no account goes through one that is ready; open an
          account to make it the default.
        </p>
      )}
      <Table
        label="Carrier accounts"
        columns={['Name', 'Carrier', 'State', 'Numbers', 'Last verified']}
        rows={list.map((account) => ({
          key: account.id,
          cells: [
            <Link href={`/telephony/${account.id}`}>{account.name}</Link>,
            carrierOf(account),
            <div className={styles.state}>
              <AccountState
                account={account}
                ready={account.is_ready_for_outbound ?? false}
                blockedReason={account.outbound_blocked_reason ?? null}
              />
            </div>,
            String(account.phone_number_count ?? 0),
            <LastVerified last={account.last_verification ?? null} />,
          ],
        }))}
      />
    </Section>
  );
}

function LastVerified({ last }: { last: AccountVerification | null }) {
  if (last === null) return 'Never';
  return (
    <div className={styles.state}>
      <div>
        <VerificationBadge last={last} />
      </div>
      <Time at={last.verified_at} />
    </div>
  );
}

function VerificationBadge({ last: { ok } }: { last: AccountVerification }) {
  if (ok === null) return <Badge tone="warn">Could not be asked</Badge>;
  return ok ? <Badge tone="good">Accepted</Badge> : <Badge tone="bad">Refused</Badge>;
}
