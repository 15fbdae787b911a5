/** Whom calls may reach, who may place them, and with which keys. */
import type { ReactNode } from 'react';
import { Route, useLocation } from 'wouter';
import { Page } from '../../ui/page';
import { Tabs, type Tab } from '../../ui/tabs';
import { Audit } from './audit';
import { DoNotCall } from './do-not-call/do-not-call';
import { Keys } from './keys/keys';
import { Policy } from './policy';
import { Privacy } from './privacy';
import { Retention } from './retention/retention';
import { Users } from './users';

type TabName = 'policy' | 'do-not-call' | 'keys' | 'users' | 'privacy' | 'changes';

const tabs: readonly Tab<TabName>[] = [
  { name: 'policy', label: 'Policy' },
  { name: 'do-not-call', label: 'Do not call' },
  { name: 'keys', label: 'API keys' },
  { name: 'users', label: 'Users' },
  { name: 'privacy', label: 'Privacy' },
  { name: 'changes', label: 'Changes' },
];

const contents: Record<TabName, () => ReactNode> = {
  policy: () => <Policy />,
  'do-not-call': () => <DoNotCall />,
  keys: () => <Keys />,
  users: () => <Users />,
  privacy: () => (
    <>
      <Retention />
      <Privacy />
    </>
  ),
  changes: () => <Audit />,
};

export default function GuardScreen() {
  return <Route path="/guard/:tab?">{({ tab }) => <GuardTabs asked={tab} />}</Route>;
}

function GuardTabs({ asked }: { asked: string | undefined }) {
  const [, navigate] = useLocation();
  const chosen = tabs.find(({ name }) => name === asked)?.name ?? 'policy';
  return (
    <Page title="Guard and keys">
      <Tabs
        label="Guard and keys"
        tabs={tabs}
        chosen={chosen}
        onChoose={(name) => {
          navigate(`/guard/${name}`);
        }}
      >
        {contents[chosen]()}
      </Tabs>
    </Page>
  );
}
