import type { Agent, AgentVersion } from '@dograh-trigger/shared';
import { createAgent, definitionWith } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { fetchAgent, fetchVersions, places, post, put, start, trigger } from './support';

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
});
afterAll(() => server.close());

describe('PUT /workflow/{workflow_id} 200', () => {
  test('a rename alone applies at once and makes no draft', async () => {
    const agent = await createAgent(server, account);
    const reply = await put(server, account, String(agent.id), { name: 'Renamed' }).expect(200);
    expect((reply.body as Agent).name).toBe('Renamed');
    expect(await fetchVersions(server, account, agent.id)).toHaveLength(1);
  });

  test('nothing given changes nothing', async () => {
    const agent = await createAgent(server, account);
    const before = await fetchAgent(server, account, agent.id);
    await put(server, account, String(agent.id), { name: null, workflow_definition: null }).expect(200);
    expect(await fetchAgent(server, account, agent.id)).toEqual(before);
  });

  test('a definition goes into a draft, and the published version stays as it was', async () => {
    const agent = await createAgent(server, account);
    const [published] = await fetchVersions(server, account, agent.id);
    const definition = definitionWith({ triggerPath: agent.triggerPath, greeting: 'New' });
    const reply = await put(server, account, String(agent.id), { workflow_definition: definition }).expect(
      200,
    );
    expect(reply.body).toMatchObject({
      version_number: 2,
      version_status: 'draft',
      workflow_definition: definition,
    });
    expect((await fetchVersions(server, account, agent.id))[1]).toEqual(published);
  });

  test('a second save changes the same draft', async () => {
    const agent = await createAgent(server, account);
    await put(server, account, String(agent.id), { template_context_variables: { city: 'Pune' } }).expect(
      200,
    );
    await put(server, account, String(agent.id), { template_context_variables: { city: 'Oslo' } }).expect(
      200,
    );
    expect(await fetchVersions(server, account, agent.id)).toMatchObject([
      { version_number: 2, status: 'draft', template_context_variables: { city: 'Oslo' } },
      { version_number: 1, status: 'published', template_context_variables: null },
    ]);
  });

  test('what is not given is inherited', async () => {
    const agent = await createAgent(server, account);
    const { workflow_definition: definition } = await fetchAgent(server, account, agent.id);
    await put(server, account, String(agent.id), {
      workflow_configurations: { max_call_duration: 60, own: 1 },
    }).expect(200);
    await put(server, account, String(agent.id), { template_context_variables: { city: 'Pune' } }).expect(
      200,
    );
    expect(await fetchAgent(server, account, agent.id)).toMatchObject({
      workflow_definition: definition,
      workflow_configurations: { max_call_duration: 60, own: 1 },
      template_context_variables: { city: 'Pune' },
    });
  });

  test('current_definition_id stays that of the published version', async () => {
    const agent = await createAgent(server, account);
    const [published] = await fetchVersions(server, account, agent.id);
    const reply = await put(server, account, String(agent.id), { template_context_variables: {} }).expect(
      200,
    );
    expect((reply.body as Agent).current_definition_id).toBe(published?.id);
  });

  test('a trigger node without a path gets one', async () => {
    const agent = await createAgent(server, account);
    const body = { workflow_definition: definitionWith() };
    const reply = await put(server, account, String(agent.id), body).expect(200);
    expect((reply.body as Agent).workflow_definition.nodes[1]?.data.trigger_path).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('the trigger URLs show the published path and the draft’s', async () => {
    const agent = await createAgent(server, account);
    const body = { workflow_definition: definitionWith({ triggerPath: 'moved' }) };
    const reply = await put(server, account, String(agent.id), body).expect(200);
    const { production, test: ofTest } = (
      reply.body as { trigger_urls: { production: string; test: string } }
    ).trigger_urls;
    expect(production.endsWith(`/agent/${agent.triggerPath}`)).toBe(true);
    expect(ofTest.endsWith('/agent/test/moved')).toBe(true);
  });
});

describe('PUT /workflow/{workflow_id} refuses, and nothing of the request applies', () => {
  test.each([
    ['409 two trigger nodes', 409, [start, trigger('one', 't1'), trigger('two', 't2')]],
    ['409 two start nodes', 409, [start, { ...start, id: 'other' }]],
    ['422 a trigger path that is no path segment', 422, [start, trigger('a/b')]],
  ])('%s', async (_title, status, nodes) => {
    const agent = await createAgent(server, account);
    const body = { name: 'Renamed', workflow_definition: { nodes, edges: [] } };
    await put(server, account, String(agent.id), body).expect(status);
    expect((await fetchAgent(server, account, agent.id)).name).toBe('Agent');
    expect(await fetchVersions(server, account, agent.id)).toHaveLength(1);
  });

  test('409 a trigger path of another agent', async () => {
    const owner = await createAgent(server, account);
    const agent = await createAgent(server, account);
    const body = { workflow_definition: definitionWith({ triggerPath: owner.triggerPath }) };
    expect(places(await put(server, account, String(agent.id), body).expect(409))).toEqual([
      ['node', 'trigger', 'data.trigger_path'],
    ]);
  });

  test.each([
    ['max_call_duration', 0],
    ['max_call_duration', 1201],
    ['max_call_duration', 1.5],
    ['ring_timeout_seconds', 121],
  ])('422 %s of %p', async (name, value) => {
    const agent = await createAgent(server, account);
    const body = { workflow_configurations: { [name]: value } };
    const reply = await put(server, account, String(agent.id), body).expect(422);
    expect(reply.body).toMatchObject({ detail: [{ loc: ['body', 'workflow_configurations', name] }] });
  });

  test('422 a name with a NUL', async () => {
    const agent = await createAgent(server, account);
    await put(server, account, String(agent.id), { name: 'a\0b' }).expect(422);
  });

  test.each(['999999', '2147483648'])('404 for id %s, with Dograh’s capital ID', async (id) => {
    const reply = await put(server, account, id, { name: 'x' }).expect(404);
    expect(reply.body).toMatchObject({ detail: `Workflow with ID ${id} not found` });
  });
});

describe('POST /workflow/{workflow_id}/create-draft', () => {
  test('200 a copy of the published version', async () => {
    const agent = await createAgent(server, account);
    const [published] = await fetchVersions(server, account, agent.id);
    const draft = (await post(server, account, `${String(agent.id)}/create-draft`).expect(200))
      .body as AgentVersion;
    expect(draft).toEqual({
      id: draft.id,
      version_number: 2,
      status: 'draft',
      created_at: '2026-11-23T12:00:00.000Z',
      published_at: null,
      workflow_json: published?.workflow_json,
      workflow_configurations: null,
      template_context_variables: null,
    });
  });

  test('200 the draft that exists, unchanged', async () => {
    const agent = await createAgent(server, account);
    const first = await post(server, account, `${String(agent.id)}/create-draft`).expect(200);
    const second = await post(server, account, `${String(agent.id)}/create-draft`).expect(200);
    expect(second.body).toEqual(first.body);
  });

  test('200 two requests at once get one draft', async () => {
    const agent = await createAgent(server, account);
    const path = `${String(agent.id)}/create-draft`;
    const [one, two] = await Promise.all([post(server, account, path), post(server, account, path)]);
    expect([one.status, two.status]).toEqual([200, 200]);
    expect(two.body).toEqual(one.body);
  });

  test('404 for an agent that does not exist', async () => {
    const reply = await post(server, account, '999999/create-draft').expect(404);
    expect(reply.body).toMatchObject({ detail: 'Workflow with id 999999 not found' });
  });
});
