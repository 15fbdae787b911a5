/** What this server sends when calls end: to whom, what became of it, and with which secrets. */
import type { ReactNode } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { Page } from '../../ui/page';
import { Tabs, type Tab } from '../../ui/tabs';
import { Credentials } from './credentials';
import { Deliveries } from './deliveries';
import { DeliveryPage } from './delivery-page';
import { Secret } from './secret';
import { Subscriptions } from './subscriptions';

type TabName = 'subscriptions' | 'deliveries' | 'secret' | 'credentials';

const tabs: readonly Tab<TabName>[] = [
  { name: 'subscriptions', label: 'Subscriptions' },
  { name: 'deliveries', label: 'Deliveries' },
  { name: 'secret', label: 'Signing secret' },
  { name: 'credentials', label: 'Credentials' },
];

const contents: Record<TabName, () => ReactNode> = {
  subscriptions: () => <Subscriptions />,
  deliveries: () => <Deliveries />,
  secret: () => <Secret />,
  credentials: () => <Credentials />,
};

export default function EventsScreen() {
  return (
    <Switch>
      <Route path="/events/deliveries/:deliveryId">
        {({ deliveryId }) => <DeliveryPage key={deliveryId} deliveryId={deliveryId} />}
      </Route>
      <Route path="/events/:tab?">{({ tab }) => <EventTabs asked={tab} />}</Route>
    </Switch>
  );
}

function EventTabs({ asked }: { asked: string | undefined }) {
  const [, navigate] = useLocation();
  const chosen = tabs.find(({ name }) => name === asked)?.name ?? 'subscriptions';
  return (
    <Page title="Events">
      <Tabs
        label="Events"
        tabs={tabs}
        chosen={chosen}
        onChoose={(name) => {
          navigate(`/events/${name}`);
        }}
      >
        {contents[chosen]()}
      </Tabs>
    </Page>
  );
}
