/** A campaign calls its contacts: each once, no more at a time than it may, in its slots, and none while it is paused. */
import type { Campaign, CampaignProgress } from '@dograh-trigger/shared';
import { feedCampaigns } from '../../../../trigger-server/src/calls/campaigns/engine/worker';
import { readyToCall, type TestAgent } from '../../../support/agents';
import {
  contactNumbers,
  createCampaign,
  order,
  readCampaign,
  runsOfCampaign,
  statusesOf,
} from '../../../support/campaigns';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';
import { applyRetention, countRows, day, keep } from '../../retention/support';

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeEach(async () => {
  server = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '4' });
  ({ account, agent } = await readyToCall(server));
});
afterEach(() => server.close());

const runsOf = (campaign: Campaign) => runsOfCampaign(server, account, campaign);

/** A round of the worker, and what it leads to within this time. */
async function work(milliseconds = 1000): Promise<void> {
  await feedCampaigns(server.services);
  await server.advance(milliseconds);
}

async function progressOf({ id }: Campaign): Promise<CampaignProgress> {
  const reply = await server.request
    .get(`/api/v1/campaign/${String(id)}/progress`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return reply.body as CampaignProgress;
}

test('each contact is called once, and the campaign completes after the last call', async () => {
  const campaign = await createCampaign(server, account, agent, contactNumbers(10));
  expect(campaign).toMatchObject({ state: 'created', total_rows: 10, processed_rows: 0 });
  await work();
  expect(await runsOf(campaign)).toEqual([]);

  expect(await order(server, account, campaign.id, 'start')).toMatchObject({ state: 'running' });
  for (let round = 0; round < 10; round += 1) await work();
  const runs = await runsOf(campaign);
  expect(statusesOf(runs)).toEqual({ completed: 10 });
  expect(runs.map(({ initial_context: context }) => context?.phone_number).sort()).toEqual(
    contactNumbers(10),
  );
  expect(runs[0]?.initial_context).toMatchObject({ campaign_id: campaign.id });
  expect(await readCampaign(server, account, campaign.id)).toMatchObject({
    state: 'completed',
    processed_rows: 10,
    failed_rows: 0,
    completed_at: expect.any(String) as string,
  });
  expect(await progressOf(campaign)).toMatchObject({ progress_percentage: 100, failed_calls: 0 });
});

test('no more calls are under way at once than max_concurrency', async () => {
  const campaign = await createCampaign(server, account, agent, contactNumbers(6), { max_concurrency: 2 });
  await order(server, account, campaign.id, 'start');
  await work(50);
  expect(statusesOf(await runsOf(campaign))).toEqual({ initiated: 2, queued: 2 });
});

test('a pause leaves the calls under way, and places none before the campaign is resumed', async () => {
  const campaign = await createCampaign(server, account, agent, contactNumbers(6), { max_concurrency: 2 });
  await order(server, account, campaign.id, 'start');
  await work(50);
  expect(await order(server, account, campaign.id, 'pause')).toMatchObject({ state: 'paused' });
  for (let round = 0; round < 5; round += 1) await work();
  expect(statusesOf(await runsOf(campaign))).toEqual({ completed: 2, queued: 2 });
  await order(server, account, campaign.id, 'resume');
  for (let round = 0; round < 8; round += 1) await work();
  expect(statusesOf(await runsOf(campaign))).toEqual({ completed: 6 });
});

test('a campaign calls only in its slots, on the clock of its zone', async () => {
  // The tests' clock begins on Monday at 12:00 UTC, which is 13:00 in Berlin.
  const slot = { day_of_week: 0, start_time: '13:30', end_time: '14:00' };
  const campaign = await createCampaign(server, account, agent, contactNumbers(2), {
    schedule_config: { timezone: 'Europe/Berlin', slots: [slot] },
  });
  await order(server, account, campaign.id, 'start');
  await work(29 * 60_000);
  expect(await runsOf(campaign)).toEqual([]);
  await server.advance(60_000);
  await work();
  expect(statusesOf(await runsOf(campaign))).toEqual({ completed: 2 });
});

test('a campaign whose last call ends after its slot is completed then, and not in the next slot', async () => {
  const slot = { day_of_week: 0, start_time: '12:00', end_time: '12:01' };
  const campaign = await createCampaign(server, account, agent, contactNumbers(1), {
    schedule_config: { timezone: 'UTC', slots: [slot] },
  });
  await server.advance(59_900);
  await order(server, account, campaign.id, 'start');
  for (let round = 0; round < 6; round += 1) await work();
  expect(statusesOf(await runsOf(campaign))).toEqual({ completed: 1 });
  expect((await readCampaign(server, account, campaign.id)).state).toBe('completed');
});

test('a campaign whose calls fail pauses by itself, with the reason, and goes on when it is resumed', async () => {
  const campaign = await createCampaign(
    server,
    account,
    agent,
    ['+15005550001', '+15005550013', ...contactNumbers(8)],
    {
      max_concurrency: 1,
      circuit_breaker: { min_calls_in_window: 2, failure_threshold: 0.5 },
    },
  );
  await order(server, account, campaign.id, 'start');
  for (let round = 0; round < 6; round += 1) await work();
  const paused = await readCampaign(server, account, campaign.id);
  expect(paused).toMatchObject({ state: 'paused', failed_rows: 2 });
  expect(paused.logs).toEqual([
    expect.objectContaining({ level: 'warning', event: 'circuit_breaker_tripped' }) as object,
  ]);
  await order(server, account, campaign.id, 'resume');
  for (let round = 0; round < 40; round += 1) await work();
  expect(await readCampaign(server, account, campaign.id)).toMatchObject({ state: 'completed' });
});

test('a contact that may not be called has a run that says why', async () => {
  const [first = '', second = ''] = contactNumbers(2);
  await server.request
    .put(`/api/v1/organizations/do-not-call/${encodeURIComponent(second)}`)
    .set('X-API-Key', account.apiKey)
    .send({})
    .expect(200);
  const campaign = await createCampaign(server, account, agent, [first, second]);
  await order(server, account, campaign.id, 'start');
  for (let round = 0; round < 4; round += 1) await work();
  expect((await runsOf(campaign)).map(({ status, reason }) => [status, reason])).toEqual(
    expect.arrayContaining([
      ['completed', null],
      ['canceled', 'do_not_call'],
    ]),
  );
  expect(await readCampaign(server, account, campaign.id)).toMatchObject({
    state: 'completed',
    failed_rows: 1,
  });
});

test('two processes that supply one campaign queue each contact once', async () => {
  const campaign = await createCampaign(server, account, agent, contactNumbers(40), { max_concurrency: 4 });
  await order(server, account, campaign.id, 'start');
  for (let round = 0; round < 30; round += 1) {
    await Promise.all([feedCampaigns(server.services), feedCampaigns(server.services)]);
    await server.advance(1000);
  }
  const runs = await runsOf(campaign);
  expect(statusesOf(runs)).toEqual({ completed: 40 });
  expect(new Set(runs.map(({ initial_context: context }) => context?.phone_number)).size).toBe(40);
});

test('who was not reached is called again by a redial, and nobody else', async () => {
  const campaign = await createCampaign(
    server,
    account,
    agent,
    ['+14155550100', '+15005550011', '+15005550012', '+15005550013'],
    { retry_config: { enabled: false } },
  );
  await order(server, account, campaign.id, 'start');
  for (let round = 0; round < 12; round += 1) await work();
  expect(await readCampaign(server, account, campaign.id)).toMatchObject({
    state: 'completed',
    failed_rows: 3,
  });
  const redial = async (body: object) =>
    server.request
      .post(`/api/v1/campaign/${String(campaign.id)}/redial`)
      .set('X-API-Key', account.apiKey)
      .send(body);
  const child = (await redial({})).body as Campaign;
  expect(child).toMatchObject({
    name: 'Reminders (Redial)',
    state: 'created',
    total_rows: 2,
    parent_campaign_id: campaign.id,
  });
  expect((await redial({})).body).toMatchObject({ detail: 'This campaign has already been redialed' });
  await order(server, account, child.id, 'start');
  for (let round = 0; round < 12; round += 1) await work();
  expect((await runsOf(child)).map(({ status }) => status).sort()).toEqual(['busy', 'no-answer']);
});

test('a report has the ended calls, and is safe in a spreadsheet', async () => {
  const campaign = await createCampaign(server, account, agent, contactNumbers(1));
  await order(server, account, campaign.id, 'start');
  for (let round = 0; round < 6; round += 1) await work();
  const reply = await server.request
    .get(`/api/v1/campaign/${String(campaign.id)}/report`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  const [header = '', row = ''] = reply.text.split('\r\n');
  expect(reply.headers['content-disposition']).toContain(`campaign_${String(campaign.id)}_report.csv`);
  expect(header).toContain('Run ID,Campaign ID,Agent ID');
  expect(row.split(',').slice(1, 2)).toEqual([String(campaign.id)]);
});

test('erasing a number takes it out of every file, so that it is not called', async () => {
  const [first = '', second = ''] = contactNumbers(2);
  const campaign = await createCampaign(server, account, agent, [first, second]);
  await server.request
    .post('/api/v1/organizations/erase')
    .set('Authorization', `Bearer ${account.token}`)
    .send({ phone_number: second })
    .expect(200);
  await order(server, account, campaign.id, 'start');
  for (let round = 0; round < 6; round += 1) await work();
  expect((await runsOf(campaign)).map(({ initial_context: context }) => context?.phone_number)).toEqual([
    first,
  ]);
  expect(await readCampaign(server, account, campaign.id)).toMatchObject({ state: 'completed' });
});

test('a contact whose call was erased is in no file any more, and a redial does not call it', async () => {
  const settings = { retry_config: { enabled: false } };
  const busy = ['+15005550011', '+15005550012'];
  const campaign = await createCampaign(server, account, agent, busy, settings);
  await order(server, account, campaign.id, 'start');
  for (let round = 0; round < 6; round += 1) await work();
  const [erased] = await runsOf(campaign);
  await server.request
    .delete(`/api/v1/workflow/${String(agent.id)}/runs/${String(erased?.id)}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect(await countRows(server, 'campaign_rows')).toBe(1);
});

test('retention deletes the contacts of a campaign that ended long ago, and of no other one', async () => {
  const contacts = contactNumbers(30);
  const ended = await createCampaign(server, account, agent, contacts);
  await order(server, account, ended.id, 'start');
  for (let round = 0; round < 20; round += 1) await work();
  expect((await readCampaign(server, account, ended.id)).state).toBe('completed');
  const waiting = await createCampaign(server, account, agent, contactNumbers(2));
  await keep(server, account, { runs_days: 10 });
  server.clock.pass(9 * day);
  await applyRetention(server);
  expect(await countRows(server, 'campaign_rows')).toBe(32);
  server.clock.pass(30 * day);
  await applyRetention(server);
  expect(await countRows(server, 'campaign_rows')).toBe(2);
  expect((await readCampaign(server, account, waiting.id)).state).toBe('created');
});
