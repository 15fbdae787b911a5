/** Which definition a trigger runs, in the order of Dograh's checks. */
import { resolveTrigger } from '../../../trigger-server/src/agents/resolve-trigger';
import { createAgent, definitionWith, publish, saveDraft, type TestAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { fetchVersions, put } from './support';

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
});
afterAll(() => server.close());

type Mode = 'production' | 'test';
const byPath = (path: string, mode: Mode, owner = account) =>
  resolveTrigger(server.services, owner.organizationId, { triggerUuid: path }, mode);
const byUuid = (uuid: string, mode: Mode, owner = account) =>
  resolveTrigger(server.services, owner.organizationId, { agentUuid: uuid }, mode);
/** By the numeric id, as for Dograh's test call. */
const byId = (id: number, owner = account) =>
  resolveTrigger(server.services, owner.organizationId, { agentId: id }, 'test');

/** Changes the database to a state that the API cannot produce. */
function change(table: 'agents' | 'definitions', values: object, agentId: number) {
  return server.services.storage.write((session) =>
    session.run(
      session.builder
        .updateTable(table)
        .set(values)
        .where(table === 'agents' ? 'id' : 'agent_id', '=', agentId)
        .compile(),
    ),
  );
}

const refused = (kind: string, detail: string) => expect.objectContaining({ kind, detail }) as unknown;

async function versionIds(agent: TestAgent): Promise<number[]> {
  return (await fetchVersions(server, account, agent.id)).map(({ id }) => id);
}

describe('the definition that runs', () => {
  test('without a draft, both modes and both kinds of address run the published one', async () => {
    const agent = await createAgent(server, account);
    const [published] = await versionIds(agent);
    const found = await Promise.all([
      byPath(agent.triggerPath, 'production'),
      byPath(agent.triggerPath, 'test'),
      byUuid(agent.uuid, 'production'),
      byUuid(agent.uuid, 'test'),
      byId(agent.id),
    ]);
    expect(found.map(({ definitionId }) => definitionId)).toEqual(Array<unknown>(5).fill(published));
  });

  test('with a draft, test runs the draft with its settings, and production the published one with its own', async () => {
    const agent = await createAgent(server, account);
    await saveDraft(server, account, agent, {
      workflow_configurations: { max_call_duration: 60 },
      template_context_variables: { city: 'Pune' },
    });
    const [draft, published] = await versionIds(agent);
    const needs = { greeting: [], prompts: [] };
    const same = { agentId: agent.id, agentUuid: agent.uuid, needs };
    expect(await byPath(agent.triggerPath, 'test')).toEqual({
      ...same,
      definitionId: draft,
      isDraft: true,
      mayTalk: true,
      configurations: { max_call_duration: 60 },
      templateVariables: { city: 'Pune' },
    });
    expect(await byPath(agent.triggerPath, 'production')).toEqual({
      ...same,
      definitionId: published,
      isDraft: false,
      // Published without a model.
      mayTalk: false,
      configurations: {},
      templateVariables: null,
    });
  });

  test('a draft that moves the trigger leaves the production URL alive, until it is published', async () => {
    const agent = await createAgent(server, account);
    await saveDraft(server, account, agent, {
      workflow_definition: definitionWith({ triggerPath: 'moved-to' }),
    });
    const [draft, published] = await versionIds(agent);
    const gone = refused('not_found', 'Trigger not found in the selected Agent');
    expect((await byPath(agent.triggerPath, 'production')).definitionId).toBe(published);
    expect((await byPath('moved-to', 'test')).definitionId).toBe(draft);
    await expect(byPath(agent.triggerPath, 'test')).rejects.toEqual(gone);
    await expect(byPath('moved-to', 'production')).rejects.toEqual(gone);

    await publish(server, account, agent);
    expect((await byPath('moved-to', 'production')).definitionId).toBe(draft);
    await expect(byPath(agent.triggerPath, 'production')).rejects.toEqual(
      refused('not_found', 'Agent trigger not found'),
    );
  });

  test('by agent UUID an agent without any trigger node runs', async () => {
    const nodes = definitionWith().nodes.filter(({ type }) => type === 'startCall');
    const agent = await createAgent(server, account, { nodes, edges: [] });
    expect((await byUuid(agent.uuid, 'production')).agentId).toBe(agent.id);
  });

  test('a trigger that is switched off still runs by agent UUID', async () => {
    const agent = await createAgent(server, account, definitionWith({ enabled: false }));
    expect((await byUuid(agent.uuid, 'production')).agentId).toBe(agent.id);
  });
});

describe('404', () => {
  test.each([['unknown'], ['x'.repeat(5000)], ['a\0b'], ['\ud800'], ['']])(
    'no trigger or agent is called %j',
    async (name) => {
      await expect(byPath(name, 'production')).rejects.toEqual(
        refused('not_found', 'Agent trigger not found'),
      );
      await expect(byUuid(name, 'production')).rejects.toEqual(refused('not_found', 'Workflow not found'));
    },
  );

  test('a trigger path is case-sensitive', async () => {
    await createAgent(server, account, definitionWith({ triggerPath: 'lower' }));
    await expect(byPath('LOWER', 'production')).rejects.toEqual(
      refused('not_found', 'Agent trigger not found'),
    );
  });

  test('the agent of another organization, by its UUID and by its id', async () => {
    const agent = await createAgent(server, account);
    const stranger = await server.signUp();
    const missing = refused('not_found', 'Workflow not found');
    await expect(byUuid(agent.uuid, 'production', stranger)).rejects.toEqual(missing);
    await expect(byId(agent.id, stranger)).rejects.toEqual(missing);
  });

  test.each(['production', 'test'] as const)(
    'an archived agent in %s is not found, except by its id',
    async (mode) => {
      const agent = await createAgent(server, account);
      await put(server, account, `${String(agent.id)}/status`, { status: 'archived' }).expect(200);
      const inactive = refused('not_found', 'Workflow is not active');
      await expect(byPath(agent.triggerPath, mode)).rejects.toEqual(inactive);
      await expect(byUuid(agent.uuid, mode)).rejects.toEqual(inactive);
      expect((await byId(agent.id)).agentId).toBe(agent.id);
    },
  );

  test('an agent with a draft alone, in production', async () => {
    const agent = await createAgent(server, account);
    await change('definitions', { status: 'draft' }, agent.id);
    const unpublished = refused('not_found', 'Workflow has no published definition');
    await expect(byPath(agent.triggerPath, 'production')).rejects.toEqual(unpublished);
    await expect(byUuid(agent.uuid, 'production')).rejects.toEqual(unpublished);
    expect((await byPath(agent.triggerPath, 'test')).agentId).toBe(agent.id);
  });

  test('a trigger that is switched off in the definition that would run', async () => {
    const agent = await createAgent(server, account);
    await saveDraft(server, account, agent, {
      workflow_definition: definitionWith({ triggerPath: agent.triggerPath, enabled: false }),
    });
    await expect(byPath(agent.triggerPath, 'test')).rejects.toEqual(
      refused('not_found', 'Agent trigger is not active'),
    );
    expect((await byPath(agent.triggerPath, 'production')).agentId).toBe(agent.id);
  });
});

describe('403', () => {
  test('the trigger path of another organization, even of an archived agent', async () => {
    const agent = await createAgent(server, account);
    const stranger = await server.signUp();
    const denied = refused('forbidden', 'Access denied');
    await expect(byPath(agent.triggerPath, 'production', stranger)).rejects.toEqual(denied);
    await put(server, account, `${String(agent.id)}/status`, { status: 'archived' }).expect(200);
    await expect(byPath(agent.triggerPath, 'production', stranger)).rejects.toEqual(denied);
  });
});

describe('409', () => {
  test('an agent without an owner, after every other check', async () => {
    const agent = await createAgent(server, account);
    await change('agents', { user_id: null }, agent.id);
    const ownerless = refused('conflict', 'Workflow has no execution owner');
    await expect(byPath(agent.triggerPath, 'production')).rejects.toEqual(ownerless);
    await expect(byId(agent.id)).rejects.toEqual(ownerless);
    await change('definitions', { trigger_enabled: 0 }, agent.id);
    await expect(byPath(agent.triggerPath, 'production')).rejects.toEqual(
      refused('not_found', 'Agent trigger is not active'),
    );
  });
});
