/** Texts of a campaign that no database keeps. */
import { readyToCall, type TestAgent } from '../../../support/agents';
import { createCampaign, uploadContacts } from '../../../support/campaigns';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  server = await startTestServer();
  ({ account, agent } = await readyToCall(server));
});
afterAll(() => server.close());

const texts = ['a\u0000b', 'a\ud800b'];
const placeOf = (body: unknown) => (body as { detail: { loc: string[] }[] }).detail[0]?.loc;

test.each([...texts.map((name) => ({ name })), ...texts.map((source_id) => ({ source_id }))])(
  'a new campaign with %j is refused with its place',
  async (field) => {
    const { file_key: source_id } = await uploadContacts(server, account, 'phone_number\n+14155550100');
    const reply = await server.request
      .post('/api/v1/campaign/create')
      .set('X-API-Key', account.apiKey)
      .send({ name: 'List', workflow_id: agent.id, source_type: 'csv', source_id, ...field })
      .expect(422);
    expect(placeOf(reply.body)).toEqual(['body', ...Object.keys(field)]);
  },
);

test.each(texts)('the name %j of a change, and of a redial, is refused with its place', async (name) => {
  const path = `/api/v1/campaign/${String((await createCampaign(server, account, agent, ['+14155550100'])).id)}`;
  const asks = [server.request.patch(path), server.request.post(`${path}/redial`)];
  for (const ask of asks) {
    const reply = await ask.set('X-API-Key', account.apiKey).send({ name }).expect(422);
    expect(placeOf(reply.body)).toEqual(['body', 'name']);
  }
});
