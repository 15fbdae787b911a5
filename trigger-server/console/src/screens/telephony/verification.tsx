/** What the carrier says about an account's settings, and a button that asks it now. */
import type { AccountVerification, TelephonyConfiguration } from '@dograh-trigger/shared';
import { api } from '../../api/http';
import { Button } from '../../ui/button';
import { Notice } from '../../ui/notice';
import { Time } from '../../ui/time';
import { accountPath, useProviders } from '../../api/carriers';
import { useTelephonyChange } from './queries';

export function Verification({ account }: { account: TelephonyConfiguration }) {
  const verify = useTelephonyChange(() =>
    api<AccountVerification>('POST', `${accountPath(account.id)}/verify`, { body: {} }),
  );
  const last = account.last_verification ?? null;
  return (
    <>
      {last === null ? (
        <p>Not checked yet: the carrier was never asked about these settings.</p>
      ) : (
        <LastVerification account={account} last={last} />
      )}
      {verify.error !== null && <Notice error={verify.error} />}
      <div>
        <Button
          pending={verify.isPending}
          onClick={() => {
            verify.mutate();
          }}
        >
          Verify now
        </Button>
      </div>
    </>
  );
}

function LastVerification(props: { account: TelephonyConfiguration; last: AccountVerification }) {
  const { last } = props;
  const field = useFieldLabel(props.account, last.field);
  return (
    <div role="status">
      <Notice tone={toneOf(last)}>
        <p>
          {summaryOf(last)} <Time at={last.verified_at} />.
        </p>
        <p>{last.detail}</p>
        {field !== null && last.ok === false && <p>Check first: {field}.</p>}
      </Notice>
    </div>
  );
}

function useFieldLabel(account: TelephonyConfiguration, name: string | null): string | null {
  const { data: providers } = useProviders();
  if (name === null) return null;
  const carrier = providers?.find(({ provider }) => provider === account.provider);
  return carrier?.fields.find((field) => field.name === name)?.label ?? name;
}

function toneOf({ ok }: AccountVerification): 'good' | 'warn' | 'bad' {
  if (ok === null) return 'warn';
  return ok ? 'good' : 'bad';
}

function summaryOf({ ok }: AccountVerification): string {
  if (ok === null) return 'The carrier could not be asked at';
  return ok ? 'The carrier accepted these settings at' : 'The carrier refused these settings at';
}
