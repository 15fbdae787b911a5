/** What sent the request of a call: `source` of a run. */
import type { UsageRun } from '@dograh-trigger/shared';
import { readyToCall, type TestAgent } from '../../support/agents';
import { readRun } from '../../support/calls';
import { item, organizationRuns } from '../../support/listed-runs';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  server = await startTestServer();
  ({ account, agent } = await readyToCall(server));
});
afterAll(() => server.close());

/** Places a call and returns the newest row of the list. */
async function call(userAgent: string, credentials: Record<string, string>): Promise<UsageRun> {
  await server.request
    .post('/api/v1/telephony/initiate-call')
    .set({ 'User-Agent': userAgent, ...credentials })
    .send({ workflow_id: agent.id, phone_number: '+14155550100' })
    .expect(200);
  return (await listed([]))[0]!;
}

async function listed(filters: unknown[]): Promise<UsageRun[]> {
  const reply = await server.request
    .get(`/api/v1/${organizationRuns}`)
    .query({ filters: JSON.stringify(filters) })
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return (reply.body as { runs: UsageRun[] }).runs;
}

test.each([
  ['n8n', 'n8n'],
  ['dograh-zapier-app/0.1.0', 'zapier'],
  ['Zapier', 'zapier'],
  ['curl/8.5.0', 'api'],
  ['not n8n', 'api'],
])('a call by %p has the source %s and the name of its key', async (userAgent, kind) => {
  const row = await call(userAgent, { 'X-API-Key': account.apiKey });
  expect(row.source).toEqual({ kind, api_key_id: expect.any(Number) as number, api_key_name: 'test' });
  expect((await readRun(server, account, row.id)).source).toEqual(row.source);
});

test('a call by a person who is signed in has the source session, whatever program it names', async () => {
  const row = await call('n8n', { Authorization: `Bearer ${account.token}` });
  expect(row.source).toEqual({ kind: 'session', api_key_id: null, api_key_name: null });
  expect((await readRun(server, account, row.id)).source).toEqual(row.source);
});

test('apiKeyId lists the calls of one key', async () => {
  const byKey = await call('curl', { 'X-API-Key': account.apiKey });
  const bySession = await call('curl', { Authorization: `Bearer ${account.token}` });
  const ids = (await listed([item('apiKeyId', 'number', { value: byKey.source?.api_key_id })])).map(
    ({ id }) => id,
  );
  expect(ids).toContain(byKey.id);
  expect(ids).not.toContain(bySession.id);
});
