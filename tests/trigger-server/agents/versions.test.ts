import type { AgentVersion } from '@dograh-trigger/shared';
import { createAgent, publish, saveDraft, type TestAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { get } from './support';

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
  agent = await createAgent(server, account);
  await saveDraft(server, account, agent, { template_context_variables: { city: 'Pune' } });
  await publish(server, account, agent);
  await saveDraft(server, account, agent, { workflow_configurations: { max_call_duration: 60 } });
});
afterAll(() => server.close());

async function versions(queryString: string): Promise<AgentVersion[]> {
  return (await get(server, account, `${String(agent.id)}/versions${queryString}`).expect(200))
    .body as AgentVersion[];
}

describe('200', () => {
  test('draft, published and archived versions, newest first', async () => {
    expect((await versions('')).map(({ version_number, status }) => [version_number, status])).toEqual([
      [3, 'draft'],
      [2, 'published'],
      [1, 'archived'],
    ]);
  });

  test('each version has its own settings', async () => {
    expect(await versions('')).toMatchObject([
      { workflow_configurations: { max_call_duration: 60 }, template_context_variables: { city: 'Pune' } },
      { workflow_configurations: null, template_context_variables: { city: 'Pune' } },
      { workflow_configurations: null, template_context_variables: null },
    ]);
  });

  test('limit and offset cut a piece out', async () => {
    const numbers = (await versions('?limit=1&offset=1')).map(({ version_number }) => version_number);
    expect(numbers).toEqual([2]);
  });
});

test.each([
  ['limit', '0'],
  ['limit', '101'],
  ['limit', 'many'],
  ['offset', '-1'],
])('422 for %s=%s', async (name, value) => {
  const reply = await get(server, account, `${String(agent.id)}/versions?${name}=${value}`).expect(422);
  expect(reply.body).toMatchObject({ detail: [{ loc: ['query', name] }] });
});

test('404 an agent that does not exist', async () => {
  const reply = await get(server, account, '999999/versions').expect(404);
  expect(reply.body).toMatchObject({ detail: 'Workflow with id 999999 not found' });
});
