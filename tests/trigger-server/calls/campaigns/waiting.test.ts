/** Calls of a campaign that wait: how many, what ends them, and what the server does meanwhile. */
import type { Campaign } from '@dograh-trigger/shared';
import { feedCampaigns } from '../../../../trigger-server/src/calls/campaigns/engine/worker';
import type { TelephonyProvider } from '../../../../trigger-server/src/carriers/port/provider';
import { findProvider } from '../../../../trigger-server/src/carriers/registry';
import { readyToCall, type TestAgent } from '../../../support/agents';
import {
  contactNumbers,
  createCampaign,
  order,
  readCampaign,
  runsOfCampaign,
  statusesOf,
} from '../../../support/campaigns';
import { policyPath } from '../../../support/destination-policy';
import { alterConfiguration } from '../../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

const busy = '+15005550011';
const hour = 3_600_000;

let server: TestServer;
let account: Account;
let agent: TestAgent;
/** Of the sandbox. */
let configurationId: number;

async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '4', ...environment });
  ({ account, agent, configurationId } = await readyToCall(server));
}
afterEach(async () => {
  jest.restoreAllMocks();
  await server.close();
});

async function started(numbers: readonly string[], settings: object = {}): Promise<Campaign> {
  const { id } = await createCampaign(server, account, agent, numbers, settings);
  return order(server, account, id, 'start');
}

const runsOf = (campaign: Campaign) => runsOfCampaign(server, account, campaign);

async function work(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await feedCampaigns(server.services);
    await server.dispatcher.placeDue();
    await server.advance(1000);
  }
}

function sandbox(): TelephonyProvider {
  const provider = findProvider('sandbox');
  if (provider === undefined) throw new Error('There is no sandbox');
  return provider;
}

/** The tests' clock begins at 12:00 UTC. */
async function openAtTwo(): Promise<void> {
  await server.request
    .put(policyPath)
    .set('Authorization', `Bearer ${account.token}`)
    .send({ calling_hours: { windows: [{ from: '14:00', to: '16:00' }], time_zone: 'UTC' } })
    .expect(200);
}

test('outside the calling hours, no more calls of a list wait than twice as many as may be under way', async () => {
  await start();
  await openAtTwo();
  const campaign = await started(contactNumbers(30));
  await work(10);
  const runs = await runsOf(campaign);
  expect(runs.map(({ waiting_for: reason }) => reason)).toEqual(Array(8).fill('hours'));
});

/** What stops all calls of a campaign, and how it is mended. */
const obstacles = {
  'its telephony configuration is not active': {
    stop: () => alterConfiguration(server, configurationId, { inactive_since: '2026-11-23T12:00:00Z' }),
    mend: () => alterConfiguration(server, configurationId, { inactive_since: null }),
    code: 'telephony_configuration_not_found',
    words: 'The telephony configuration of the campaign was deleted or is not active',
  },
  'its agent is archived': {
    stop: () => setStatus('archived'),
    mend: () => setStatus('active'),
    code: 'agent_archived',
    words: 'The agent of this call is archived',
  },
};

async function setStatus(status: string): Promise<void> {
  await server.request
    .put(`/api/v1/workflow/${String(agent.id)}/status`)
    .set('X-API-Key', account.apiKey)
    .send({ status })
    .expect(200);
}

test.each(Object.entries(obstacles))(
  'while %s, no contact is lost: the campaign pauses with the reason, and calls all of them once it is resumed',
  async (_title, { stop, mend, code, words }) => {
    await start();
    await openAtTwo();
    const contacts = contactNumbers(12);
    const campaign = await started(contacts);
    await work(3);
    await stop();
    // The calls are due before the campaign is looked at again.
    await server.advance(2 * hour);
    await server.dispatcher.placeDue();
    expect(statusesOf(await runsOf(campaign))).toEqual({ queued: 8 });
    await work(2);
    const paused = await readCampaign(server, account, campaign.id);
    expect(paused).toMatchObject({ state: 'paused', failed_rows: 0 });
    expect(paused.logs).toMatchObject([{ event: 'calls_not_possible', details: { code } }]);
    expect(paused.logs[0]?.message).toContain(words);
    expect((await runsOf(campaign))[0]).toMatchObject({ status: 'queued', waiting_for: 'campaign' });

    await mend();
    await order(server, account, campaign.id, 'resume');
    await work(12);
    const runs = await runsOf(campaign);
    expect(statusesOf(runs)).toEqual({ completed: 12 });
    expect(runs.map(({ initial_context: context }) => context?.phone_number).sort()).toEqual(contacts);
  },
);

test('waiting calls of a paused campaign wake no worker until it is resumed', async () => {
  await start();
  const campaign = await started(contactNumbers(6), { max_concurrency: 2 });
  await feedCampaigns(server.services);
  await server.advance(50);
  await order(server, account, campaign.id, 'pause');
  await server.advance(10_000);
  const rings = jest.spyOn(server.services.queueAlarm, 'ringIn');
  await server.dispatcher.placeDue();
  await server.advance(60_000);
  expect(rings).not.toHaveBeenCalled();
  const statuses = async () => (await runsOf(campaign)).map(({ status }) => status).sort();
  expect(await statuses()).toEqual(['completed', 'completed', 'queued', 'queued']);
  await order(server, account, campaign.id, 'resume');
  await work(8);
  expect(await statuses()).toEqual(Array(6).fill('completed'));
});

test.each([
  ['with the extensions', {}],
  ['as plain Dograh', { EXTENSIONS: '' }],
])(
  '%s, a campaign repeats its calls as its settings say',
  async (_title, environment: Record<string, string>) => {
    await start(environment);
    const campaign = await started([busy], { retry_config: { max_retries: 2, retry_delay_seconds: 30 } });
    const dials = jest.spyOn(sandbox(), 'placeCall');
    await work(120);
    expect(dials).toHaveBeenCalledTimes(3);
    expect(await runsOf(campaign)).toMatchObject([{ is_completed: true }]);
  },
);

test('a contact that is erased while its call is prepared is not called', async () => {
  await start();
  const [first = '', second = ''] = contactNumbers(2);
  const campaign = await started([first, second]);
  const write = server.storage.write.bind(server.storage);
  jest.spyOn(server.storage, 'write').mockImplementationOnce(async (body) => {
    await server.request
      .post('/api/v1/organizations/erase')
      .set('Authorization', `Bearer ${account.token}`)
      .send({ phone_number: first })
      .expect(200);
    return write(body);
  });
  await work(8);
  expect((await runsOf(campaign)).map(({ initial_context: context }) => context?.phone_number)).toEqual([
    second,
  ]);
});
