import { createAgent, definitionWith, publish, saveDraft } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { places, post, start, trigger } from './support';

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
});
afterAll(() => server.close());

function create(nodes: object[], owner = account) {
  return post(server, owner, 'create/definition', {
    name: 'Agent',
    workflow_definition: { nodes, edges: [] },
  });
}

describe('the form of a path', () => {
  test.each([['test'], ['workflow'], ['A-b_9'], ['x'.repeat(36)]])('200 %s', async (path) => {
    await create([start, trigger(path)]).expect(200);
  });

  const segment =
    'Trigger path must be a single URL path segment using only letters, numbers, hyphens, and underscores.';
  test.each([
    [7, 'Trigger path must be a string.'],
    [{ a: 1 }, 'Trigger path must be a string.'],
    ['x'.repeat(37), 'Trigger path must be 36 characters or fewer.'],
    ['a/b', segment],
    ['a b', segment],
    ['é', segment],
    ['a\n', segment],
    ['a\0b', segment],
  ])('422 %j', async (path, message) => {
    const reply = await create([start, trigger(path)]).expect(422);
    expect(reply.body).toMatchObject({
      detail: {
        is_valid: false,
        errors: [{ kind: 'node', id: 'trigger', field: 'data.trigger_path', message }],
      },
    });
  });

  test('422 the same path twice in one definition', async () => {
    const reply = await create([start, trigger('twice', 't1'), trigger('twice', 't2')]).expect(422);
    expect(reply.body).toMatchObject({
      detail: { errors: [{ id: 't2', message: 'Trigger path is duplicated in this workflow.' }] },
    });
  });
});

describe('a path has one owner for ever', () => {
  test('409 for a path of another organization', async () => {
    const agent = await createAgent(server, account);
    const reply = await create([start, trigger(agent.triggerPath)], await server.signUp()).expect(409);
    expect(places(reply)).toEqual([['node', 'trigger', 'data.trigger_path']]);
  });

  test('409 for a path that its agent gave up, while the agent itself may take it again', async () => {
    const agent = await createAgent(server, account);
    await saveDraft(server, account, agent, { workflow_definition: definitionWith() });
    await publish(server, account, agent);
    await create([start, trigger(agent.triggerPath)]).expect(409);
    await saveDraft(server, account, agent, {
      workflow_definition: definitionWith({ triggerPath: agent.triggerPath }),
    });
  });

  test('409 for a path that only a draft has', async () => {
    const agent = await createAgent(server, account);
    await saveDraft(server, account, agent, {
      workflow_definition: definitionWith({ triggerPath: 'only-drafted' }),
    });
    await create([start, trigger('only-drafted')]).expect(409);
  });

  test('of ten agents that claim one path at once, one gets it and nine get 409', async () => {
    const replies = await Promise.all(Array.from({ length: 10 }, () => create([start, trigger('raced')])));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(409)]);
  });
});
