/** Lists of contacts that an agent calls. */
import { Route, Switch } from 'wouter';
import { CampaignList } from './campaign-list';
import { CampaignPage } from './campaign-page';
import { NewCampaign } from './new-campaign';

export default function CampaignsScreen() {
  return (
    <Switch>
      <Route path="/campaigns/new" component={NewCampaign} />
      <Route path={/^\/campaigns\/(?<id>\d{1,10})$/}>
        {({ id }) => <CampaignPage key={id} id={Number(id)} />}
      </Route>
      <Route component={CampaignList} />
    </Switch>
  );
}
