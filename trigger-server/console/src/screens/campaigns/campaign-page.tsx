/** One campaign: how far it is, how it calls, whom it does not call, and its newest calls. */
import type { Campaign, CampaignSourceDownload } from '@dograh-trigger/shared';
import { Link } from 'wouter';
import { api, apiPath } from '../../api/http';
import { Button } from '../../ui/button';
import { Loaded } from '../../ui/loaded';
import { Notice } from '../../ui/notice';
import { Page, Section } from '../../ui/page';
import { Time } from '../../ui/time';
import { useAttempt } from '../../ui/use-attempt';
import { CampaignActions } from './campaign-actions';
import { CallsOfCampaign } from './campaign-calls';
import { CampaignProgress, CampaignState } from './campaign-state';
import { settingsInWords } from './campaign-words';
import styles from '../../ui/choices.module.css';
import { campaignPath, useCampaign } from './queries';
import { SkippedRows } from './skipped-rows';

export function CampaignPage({ id }: { id: number }) {
  const query = useCampaign(id);
  return (
    <Page
      title={query.data?.name ?? `Campaign ${String(id)}`}
      above={<Link href="/campaigns">All campaigns</Link>}
      actions={query.data !== undefined && <CampaignActions campaign={query.data} />}
    >
      <Loaded query={query} what="the campaign">
        {(campaign) => <Parts campaign={campaign} />}
      </Loaded>
    </Page>
  );
}

function Parts({ campaign }: { campaign: Campaign }) {
  const { logs } = campaign;
  return (
    <>
      <Section title="Progress">
        <div>
          <CampaignState campaign={campaign} />
        </div>
        <CampaignProgress campaign={campaign} />
        <Times campaign={campaign} />
        {campaign.parent_campaign_id !== null && (
          <p>
            It calls again those whom <CampaignLink id={campaign.parent_campaign_id} /> did not reach.
          </p>
        )}
        {campaign.redialed_campaign_id !== null && (
          <p>
            <CampaignLink id={campaign.redialed_campaign_id} /> calls again those whom it did not reach.
          </p>
        )}
        {logs.toReversed().map(({ ts, level, message }) => (
          <Notice key={ts} tone={level === 'info' ? 'info' : 'warn'}>
            <Time at={ts} />: {message}
          </Notice>
        ))}
      </Section>
      <Section title="How it calls">
        <p>
          <Link href={`/agents/${String(campaign.workflow_id)}`}>{campaign.workflow_name}</Link> calls through{' '}
          {campaign.telephony_configuration_name ?? 'the default carrier account'}.
        </p>
        <ul className={styles.sentences}>
          {settingsInWords(campaign).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </Section>
      <CallsOfCampaign campaign={campaign} />
      {campaign.skipped_rows > 0 && (
        <Section title="Not called">
          <SkippedRows of={campaign} />
        </Section>
      )}
      <Section title="Files">
        <p>
          <a href={apiPath(`${campaignPath(campaign.id)}/report`)} download>
            Download its calls as CSV
          </a>
        </p>
        <SourceFile campaign={campaign} />
      </Section>
    </>
  );
}

function Times({
  campaign: { created_at: created, started_at: started, completed_at: completed },
}: {
  campaign: Campaign;
}) {
  return (
    <p>
      Created <Time at={created} />
      {started !== null && (
        <>
          {' '}
          · started <Time at={started} />
        </>
      )}
      {completed !== null && (
        <>
          {' '}
          · ended <Time at={completed} />
        </>
      )}
    </p>
  );
}

function CampaignLink({ id }: { id: number }) {
  return <Link href={`/campaigns/${String(id)}`}>campaign {id}</Link>;
}

/** The file as it was uploaded. Its link lives for an hour, so it is asked for when it is wanted. */
function SourceFile({ campaign }: { campaign: Campaign }) {
  const { pending, error, attempt } = useAttempt(async () => {
    const path = `${campaignPath(campaign.id)}/source-download-url`;
    const { download_url: url } = await api<CampaignSourceDownload>('GET', path);
    window.location.assign(new URL(url).pathname);
  });
  return (
    <>
      <div>
        <Button pending={pending} onClick={attempt}>
          Download the contacts
        </Button>
      </div>
      {error !== null && <Notice error={error} />}
    </>
  );
}
