/** Whether calls can go through an account now, and if not, why. */
import type { TelephonyConfiguration } from '@dograh-trigger/shared';
import { Badge } from '../../ui/badge';

type Account = Pick<TelephonyConfiguration, 'is_default_outbound' | 'inactive' | 'inactive_reason'>;

export function AccountState(props: { account: Account; ready: boolean; blockedReason: string | null }) {
  const { account, ready, blockedReason } = props;
  return (
    <>
      <div>
        <AccountBadge inactive={account.inactive === true} ready={ready} />{' '}
        {account.is_default_outbound && <Badge tone="plain">Default</Badge>}
      </div>
      {account.inactive === true && <p>{account.inactive_reason ?? 'No call goes through it.'}</p>}
      {blockedReason !== null && <p>{blockedReason}</p>}
    </>
  );
}

function AccountBadge({ inactive, ready }: { inactive: boolean; ready: boolean }) {
  if (inactive) return <Badge tone="warn">Parked</Badge>;
  return ready ? <Badge tone="good">Ready for calls</Badge> : <Badge tone="warn">Not ready</Badge>;
}
