/** A recording of Dograh as the greeting of a contact: only an agent whose calls a Dograh holds can play it. */
import type { Campaign } from '@dograh-trigger/shared';
import { feedCampaigns } from '../../../../trigger-server/src/calls/campaigns/engine/worker';
import { readyToCall, type TestAgent } from '../../../support/agents';
import { order, uploadContacts } from '../../../support/campaigns';
import { agentAtDograh, startPlayedDograh, type PlayedDograh } from '../../../support/followed-calls';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

let dograh: PlayedDograh;
let server: TestServer;
beforeEach(async () => {
  dograh = await startPlayedDograh();
  server = await startTestServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
});
afterEach(async () => {
  await server.close();
  await dograh.close();
});

async function create(account: Account, agent: TestAgent) {
  const rows = ['+14155550100,text,Hello,', '+14155550101, Audio ,,rec-7'];
  const header = 'phone_number,greeting_override_type,greeting_override_text,greeting_override_recording_id';
  const { file_key: source_id, skipped_rows } = await uploadContacts(
    server,
    account,
    [header, ...rows].join('\n'),
  );
  expect(skipped_rows).toBe(0);
  return server.request
    .post('/api/v1/campaign/create')
    .set('X-API-Key', account.apiKey)
    .send({ name: 'List', workflow_id: agent.id, source_type: 'csv', source_id });
}

test('it goes to Dograh with the call of its contact', async () => {
  const account = await server.signUp();
  const agent = await agentAtDograh(server, account, dograh);
  const { id } = (await create(account, agent)).body as Campaign;
  await order(server, account, id, 'start');
  await feedCampaigns(server.services);
  await server.advance(1000);
  const sent = dograh.dials().map(({ body }) => {
    const { initial_context } = JSON.parse(body.toString('utf8')) as { initial_context: object };
    return initial_context;
  });
  expect(sent).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ greeting_override: { type: 'text', text: 'Hello' } }),
      expect.objectContaining({ greeting_override: { type: 'audio', recording_id: 'rec-7' } }),
    ]),
  );
});

test('of another agent no campaign is made, and the reply names the rows', async () => {
  const { account, agent } = await readyToCall(server);
  const reply = await create(account, agent);
  expect([reply.status, reply.body]).toEqual([
    400,
    {
      code: 'bad_request',
      detail:
        'The greeting is a recording in rows: 3. Only an agent whose calls a Dograh holds can play one. Choose such an agent, or write text in greeting_override_type and the greeting in greeting_override_text.',
    },
  ]);
});
