/** Whether calls can go through an account, and the steps that are left. */
import type { TelephonyConfiguration } from '@dograh-trigger/shared';
import { Badge } from '../../ui/badge';
import { Notice } from '../../ui/notice';
import { Section } from '../../ui/page';
import { AccountState } from './account-state';
import styles from './telephony.module.css';
import { Verification } from './verification';

export function Readiness({ account }: { account: TelephonyConfiguration }) {
  const checklist = account.setup_checklist ?? null;
  return (
    <Section title="State">
      <div className={styles.state}>
        <AccountState
          account={account}
          ready={checklist?.ready_for_outbound ?? false}
          blockedReason={checklist?.outbound_blocked_reason ?? null}
        />
      </div>
      {account.warnings?.map((warning) => (
        <Notice key={warning} tone="warn">
          {warning}
        </Notice>
      ))}
      {checklist !== null && checklist.steps.length > 0 && (
        <ul className={styles.steps}>
          {checklist.steps.map((step) => (
            <li key={step.key}>
              <div>
                <Badge tone={step.complete ? 'good' : 'warn'}>{step.complete ? 'Done' : 'To do'}</Badge>
              </div>
              <div>
                <h3>{step.title}</h3>
                <p>{step.description}</p>
              </div>
            </li>
          ))}
        </ul>
      )}
      {checklist?.default_answer !== undefined && <p>{checklist.default_answer.reason}</p>}
      <Verification account={account} />
    </Section>
  );
}
