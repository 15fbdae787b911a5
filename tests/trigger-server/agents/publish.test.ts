import { createAgent, definitionWith, publish, saveDraft } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { fetchAgent, fetchVersions, places, post } from './support';

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
});
afterAll(() => server.close());

describe('200', () => {
  test('the draft becomes the published version and the former one is archived', async () => {
    const agent = await createAgent(server, account);
    await saveDraft(server, account, agent, { template_context_variables: { city: 'Pune' } });
    const [draft] = await fetchVersions(server, account, agent.id);
    const reply = await post(server, account, `${String(agent.id)}/publish`).expect(200);
    expect(reply.body).toEqual({
      id: draft?.id,
      version_number: 2,
      status: 'published',
      published_at: '2026-11-23T12:00:00.000Z',
      warnings: [],
    });
    expect(await fetchVersions(server, account, agent.id)).toMatchObject([
      { version_number: 2, status: 'published', published_at: '2026-11-23T12:00:00.000Z' },
      { version_number: 1, status: 'archived', published_at: '2026-11-23T12:00:00.000Z' },
    ]);
  });

  test('the agent points at the new version', async () => {
    const agent = await createAgent(server, account);
    await saveDraft(server, account, agent, { template_context_variables: {} });
    await publish(server, account, agent);
    const [published] = await fetchVersions(server, account, agent.id);
    expect(await fetchAgent(server, account, agent.id)).toMatchObject({
      current_definition_id: published?.id,
      version_status: 'published',
    });
  });

  test('version numbers go on after a publish', async () => {
    const agent = await createAgent(server, account);
    for (const city of ['Pune', 'Oslo']) {
      await saveDraft(server, account, agent, { template_context_variables: { city } });
      await publish(server, account, agent);
    }
    const versions = await fetchVersions(server, account, agent.id);
    expect(versions.map((version) => version.version_number)).toEqual([3, 2, 1]);
  });
});

describe('400', () => {
  test('no draft', async () => {
    const agent = await createAgent(server, account);
    const reply = await post(server, account, `${String(agent.id)}/publish`).expect(400);
    expect(reply.body).toMatchObject({ detail: 'No draft to publish' });
  });

  test('of two requests at once, the second finds no draft any more', async () => {
    const agent = await createAgent(server, account);
    await saveDraft(server, account, agent, { template_context_variables: {} });
    const path = `${String(agent.id)}/publish`;
    const replies = await Promise.all([post(server, account, path), post(server, account, path)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 400]);
  });
});

test('404 an agent that does not exist', async () => {
  const reply = await post(server, account, '999999/publish').expect(404);
  expect(reply.body).toMatchObject({ detail: 'Workflow with id 999999 not found' });
});

test('422 an invalid draft, with its faults; what is published stays', async () => {
  const agent = await createAgent(server, account);
  const definition = definitionWith({ triggerPath: agent.triggerPath });
  const nodes = definition.nodes.map((node) =>
    node.type === 'startCall' ? { ...node, data: { name: 'Start', prompt: ' ' } } : node,
  );
  await saveDraft(server, account, agent, { workflow_definition: { nodes, edges: [] } });
  const reply = await post(server, account, `${String(agent.id)}/publish`).expect(422);
  expect(places(reply)).toEqual([['node', 'start', 'data.prompt']]);
  expect(await fetchVersions(server, account, agent.id)).toMatchObject([
    { version_number: 2, status: 'draft' },
    { version_number: 1, status: 'published' },
  ]);
});
