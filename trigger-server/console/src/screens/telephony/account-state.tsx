/** Whether calls can go through an account now, and if not, why. */
import type { TelephonyConfiguration } from '@dograh-trigger/shared';
import { Badge } from '../../ui/badge';

type Account = Pick<
  TelephonyConfiguration,
  'is_default_outbound' | 'inactive' | 'inactive_reason' | 'readiness'
>;

export function AccountState(props: { account: Account; ready: boolean; blockedReason: string | null }) {
  const { account, ready, blockedReason } = props;
  return (
    <>
      <div>
        <AccountBadge account={account} ready={ready} />{' '}
        {account.is_default_outbound && <Badge tone="plain">Default</Badge>}
      </div>
      {account.inactive === true && <p>{account.inactive_reason ?? 'No call goes through it.'}</p>}
      {blockedReason !== null && <p>{blockedReason}</p>}
    </>
  );
}

/** A carrier that was not asked yet is a state of its own: what it would say is not known. */
function AccountBadge({ account, ready }: { account: Account; ready: boolean }) {
  if (account.inactive === true) return <Badge tone="warn">Parked</Badge>;
  if (!ready || account.readiness === 'not_ready') return <Badge tone="warn">Not ready</Badge>;
  if (account.readiness === 'unchecked') return <Badge tone="plain">Not checked yet</Badge>;
  return <Badge tone="good">Ready for calls</Badge>;
}
