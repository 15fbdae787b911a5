/** Campaigns are started once and not resumed by accident, with the real server. */
import type { TriggerClient } from '@dograh-trigger/shared';
import { feedCampaigns } from '../../../../trigger-server/src/calls/campaigns/engine/worker';
import { readyToCall, type TestAgent } from '../../../support/agents';
import { clientFor, contactNumbers, createCampaign } from '../../../support/campaigns';
import { rejectionOf } from '../../../support/caught';
import { broken, json, scriptedClient, text } from '../../../support/scripted-client';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;
let client: TriggerClient;
beforeEach(async () => {
  server = await startTestServer();
  ({ account, agent } = await readyToCall(server));
  client = clientFor(server.baseUrl, account.apiKey);
});
afterEach(() => server.close());

async function created(contacts = 2): Promise<number> {
  return (await createCampaign(server, account, agent, contactNumbers(contacts))).id;
}

test('a campaign is started once, paused and resumed', async () => {
  const id = await created();
  const moves = ['start', 'start', 'pause', 'pause', 'resume', 'resume'] as const;
  const seen = [];
  for (const move of moves) {
    const { campaign, changed } = await client.moveCampaign(id, move);
    seen.push([move, campaign.state, changed]);
  }
  expect(seen).toEqual([
    ['start', 'running', true],
    ['start', 'running', false],
    ['pause', 'paused', true],
    ['pause', 'paused', false],
    ['resume', 'running', true],
    ['resume', 'running', false],
  ]);
});

test('a start of a campaign that is over calls nobody again', async () => {
  const id = await created(1);
  await client.moveCampaign(id, 'start');
  for (let round = 0; round < 10; round += 1) {
    await feedCampaigns(server.services);
    await server.advance(1000);
  }
  expect(await client.moveCampaign(id, 'start')).toMatchObject({
    campaign: { state: 'completed' },
    changed: false,
  });
  expect(await client.readCampaignProgress(id)).toMatchObject({
    processed_rows: 1,
    progress_percentage: 100,
  });
});

test('a start does not resume a campaign that a person has paused', async () => {
  const id = await created();
  await client.moveCampaign(id, 'start');
  await client.moveCampaign(id, 'pause');
  const failure = await rejectionOf(client.moveCampaign(id, 'start'));
  expect(failure).toMatchObject({ code: 'invalid_input' });
  expect(failure.message).toContain('current state: paused');
  expect((await client.listCampaigns())[0]?.state).toBe('paused');
});

test.each(['start', 'pause', 'resume'] as const)('%s says that there is no such campaign', async (move) => {
  expect(await rejectionOf(client.moveCampaign(4711, move))).toMatchObject({ code: 'not_found' });
});

test.each([broken('ECONNRESET'), text(502, '<html>'), json(503, { detail: 'x' }), text(200, 'OK')])(
  'a start whose outcome is unknown is said to be one, and is not repeated',
  async (answer) => {
    const { client: scripted, calls } = scriptedClient([answer]);
    const failure = await rejectionOf(scripted.moveCampaign(3, 'start'));
    expect(failure).toMatchObject({ code: 'outcome_unknown', nothingDialled: false });
    expect(failure.message).toContain('The campaign may be calling now.');
    expect(calls()).toEqual(['POST /campaign/3/start']);
  },
);

test.each([broken('ECONNREFUSED'), json(401, { detail: 'Invalid API key' }), json(403, { detail: 'x' })])(
  'a start that was certainly refused is no unknown outcome',
  async (answer) => {
    const { client: scripted } = scriptedClient([answer]);
    const failure = await rejectionOf(scripted.moveCampaign(3, 'start'));
    expect(failure.nothingDialled).toBe(true);
  },
);

test('the newest campaign is listed first, and one of another source is no error', async () => {
  const campaign = {
    id: 1,
    name: 'Sheet',
    workflow_id: 7,
    workflow_name: 'Agent',
    state: 'syncing',
    source_type: 'google-sheet',
    source_id: 'https://docs.google.com/x',
    total_rows: null,
    processed_rows: 0,
    failed_rows: 0,
    created_at: '2026-11-23T09:00:00Z',
    started_at: null,
    completed_at: null,
  };
  const { client: scripted } = scriptedClient([json(200, { campaigns: [campaign, { ...campaign, id: 2 }] })]);
  expect((await scripted.listCampaigns()).map(({ id }) => id)).toEqual([2, 1]);
});
