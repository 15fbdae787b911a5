/** All campaigns, newest first. */
import { Link } from 'wouter';
import { Empty } from '../../ui/empty';
import { LinkButton } from '../../ui/link-button';
import { Loaded } from '../../ui/loaded';
import { Page, Section } from '../../ui/page';
import { Table } from '../../ui/table';
import { Time } from '../../ui/time';
import { CampaignProgress, CampaignState } from './campaign-state';
import { useCampaigns } from './queries';

export function CampaignList() {
  const campaigns = useCampaigns();
  const add = (
    <LinkButton href="/campaigns/new" kind="primary">
      New campaign
    </LinkButton>
  );
  return (
    <Page title="Campaigns" actions={campaigns.data?.length === 0 ? undefined : add}>
      <Loaded query={campaigns} what="the campaigns">
        {(list) =>
          list.length === 0 ? (
            <Empty title="No campaign yet">
              <p>
                A campaign calls everybody on a list: upload it as CSV, with the numbers in a column
                phone_number.
              </p>
              {add}
            </Empty>
          ) : (
            <Section title="All campaigns">
              <Table
                label="Campaigns"
                columns={['Name', 'State', 'Contacts', 'Agent', 'Created']}
                rows={list.map((campaign) => ({
                  key: campaign.id,
                  cells: [
                    <Link href={`/campaigns/${String(campaign.id)}`}>{campaign.name}</Link>,
                    <CampaignState campaign={campaign} />,
                    <CampaignProgress campaign={campaign} />,
                    campaign.workflow_name,
                    <Time at={campaign.created_at} />,
                  ],
                }))}
              />
            </Section>
          )
        }
      </Loaded>
    </Page>
  );
}
