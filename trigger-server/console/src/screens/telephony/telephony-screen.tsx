/** Carrier accounts: the list, a new one, and each with its numbers. */
import { Route, Switch } from 'wouter';
import { AccountList } from './account-list';
import { AccountPage } from './account-page';
import { NewAccount } from './new-account';

export default function TelephonyScreen() {
  return (
    <Switch>
      <Route path="/telephony" component={AccountList} />
      <Route path="/telephony/new" component={NewAccount} />
      <Route path="/telephony/:accountId">
        {({ accountId }) => <AccountPage key={accountId} accountId={Number(accountId)} />}
      </Route>
    </Switch>
  );
}
