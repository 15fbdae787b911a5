import { noFilter, queryOf, type CallFilter } from '../../trigger-server/console/src/screens/calls/filter';
import { readyToCall } from '../support/agents';
import { startCall } from '../support/calls';
import { startTestServer, type Account, type TestServer } from '../support/test-server';

let server: TestServer;
let account: Account;
let runId: number;
let agentId: number;

beforeAll(async () => {
  server = await startTestServer();
  const ready = await readyToCall(server);
  account = ready.account;
  agentId = ready.agent.id;
  runId = await startCall(server, account, ready.agent, { phone_number: '+14155550100' });
});
afterAll(() => server.close());

async function find(filter: Partial<CallFilter>): Promise<number[]> {
  const reply = await server.request
    .get('/api/v1/organizations/usage/runs')
    .query(queryOf({ ...noFilter, ...filter }))
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return (reply.body as { runs: { id: number }[] }).runs.map(({ id }) => id);
}

it('finds a call by every field of the filter', async () => {
  const all: Partial<CallFilter>[] = [
    { agentId },
    { statuses: ['initiated', 'ringing', 'answered', 'completed'] },
    { source: 'api' },
    { text: '415 555-0100' },
    { text: String(runId) },
    { from: '2020-01-01' },
    { to: '2999-12-31' },
  ];
  for (const filter of all) expect([filter, await find(filter)]).toEqual([filter, [runId]]);
});

it('leaves out a call that one field of the filter excludes', async () => {
  const all: Partial<CallFilter>[] = [
    { agentId: agentId + 1 },
    { statuses: ['busy'] },
    { disposition: 'busy' },
    { source: 'zapier' },
    { keyId: 999_999 },
    { text: '+49' },
    { from: '2999-12-31' },
    { to: '2020-01-01' },
  ];
  for (const filter of all) expect([filter, await find(filter)]).toEqual([filter, []]);
});
