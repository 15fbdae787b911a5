/** Whether calls can go through an account, and the steps that are left. */
import type { SetupChecklist, TelephonyConfiguration } from '@dograh-trigger/shared';
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
      {checklist !== null && <p>{abilitiesIn(checklist)}</p>}
      {checklist?.default_answer !== undefined && <p>{checklist.default_answer.reason}</p>}
      <Verification account={account} />
    </Section>
  );
}

/** In sentences. Empty for a server that does not say. */
function abilitiesIn({ answers, transfers, languages }: SetupChecklist): string {
  if (answers === undefined) return '';
  const speaks =
    languages === null
      ? 'It speaks any language.'
      : languages === undefined || languages.length === 0
        ? ''
        : `It speaks ${String(languages.length)} ${languages.length === 1 ? 'language' : 'languages'}.`;
  const hands = answers.includes('converse')
    ? `An agent that talks ${transfers === true ? 'can' : 'cannot'} hand its callee over to a person.`
    : '';
  return [`Calls can be answered with ${answers.join(', ')}.`, hands, speaks]
    .filter((text) => text !== '')
    .join(' ');
}
