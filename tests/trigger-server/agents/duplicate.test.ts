import type { Agent } from '@dograh-trigger/shared';
import { createAgent, definitionWith, saveDraft } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { fetchAgent, fetchVersions, post } from './support';

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
});
afterAll(() => server.close());

test('200 a copy of the draft, published under a new UUID and a new trigger path; the original is untouched', async () => {
  const agent = await createAgent(server, account);
  await saveDraft(server, account, agent, {
    workflow_definition: definitionWith({ triggerPath: agent.triggerPath, greeting: 'Drafted' }),
    workflow_configurations: { max_call_duration: 60 },
    template_context_variables: { city: 'Pune' },
  });
  const original = await fetchVersions(server, account, agent.id);
  const { id } = (await post(server, account, `${String(agent.id)}/duplicate`).expect(200)).body as Agent;
  const copy = await fetchAgent(server, account, id);
  const path = copy.workflow_definition.nodes[1]?.data.trigger_path;
  expect(copy).toMatchObject({
    name: 'Agent - Duplicate',
    version_number: 1,
    version_status: 'published',
    workflow_definition: definitionWith({ triggerPath: path as string, greeting: 'Drafted' }),
    workflow_configurations: { max_call_duration: 60 },
    template_context_variables: { city: 'Pune' },
  });
  expect(path).not.toBe(agent.triggerPath);
  expect(copy.workflow_uuid).not.toBe(agent.uuid);
  expect(await fetchVersions(server, account, agent.id)).toEqual(original);
});

test('404 an agent that does not exist', async () => {
  const reply = await post(server, account, '999999/duplicate').expect(404);
  expect(reply.body).toMatchObject({ detail: 'Workflow with id 999999 not found' });
});
