import { createCampaignRequest } from '@dograh-trigger/shared';
import { campaignToSend, newDraft } from '../../trigger-server/console/src/screens/campaigns/campaign-draft';

const draft = {
  ...newDraft(
    {
      concurrent_call_limit: 10,
      from_numbers_count: 1,
      default_retry_config: {
        enabled: true,
        max_retries: 1,
        retry_delay_seconds: 90,
        retry_on_busy: true,
        retry_on_no_answer: true,
        retry_on_voicemail: false,
      },
      last_campaign_settings: null,
    },
    'Europe/Berlin',
  ),
  name: ' Reminders ',
  agentId: '3',
};

it('sends what the server takes, with the settings that it proposes', () => {
  expect(createCampaignRequest.parse(campaignToSend(draft, 'key'))).toMatchObject({
    name: 'Reminders',
    workflow_id: 3,
    source_id: 'key',
    max_concurrency: null,
    schedule_config: null,
    telephony_configuration_id: null,
    retry_config: { max_retries: 1, retry_delay_seconds: 90, retry_on_voicemail: false },
    circuit_breaker: { enabled: true, failure_threshold: 0.5 },
  });
});

it('makes a slot of each chosen day', () => {
  const chosen = { ...draft, hasHours: true, days: [6, 0], from: '10:00 ', mostAtOnce: '5', accountId: '2' };
  expect(createCampaignRequest.parse(campaignToSend(chosen, 'key'))).toMatchObject({
    max_concurrency: 5,
    telephony_configuration_id: 2,
    schedule_config: {
      timezone: 'Europe/Berlin',
      slots: [
        { day_of_week: 0, start_time: '10:00', end_time: '17:00' },
        { day_of_week: 6, start_time: '10:00', end_time: '17:00' },
      ],
    },
  });
});

it('leaves what is no number for the server to refuse at its place', () => {
  const sent = campaignToSend({ ...draft, mostAtOnce: 'many', delayMinutes: 'soon' }, 'key');
  const { error } = createCampaignRequest.safeParse(sent);
  expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([
    'retry_config.retry_delay_seconds',
    'max_concurrency',
  ]);
});
