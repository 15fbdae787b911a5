/** Functions that a model could not tell apart, or not call: refused when an agent is saved, validated and published. */
import type { Agent, DefinitionReport, JsonObject, Tool } from '@dograh-trigger/shared';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { edge, node, post, put, start } from './support';

let server: TestServer;
let account: Account;
beforeAll(async () => {
  // Nobody is asked: with a model, agents that name no answer talk.
  server = await startTestServer({ LLM_BASE_URL: 'http://127.0.0.1:9/v1', LLM_MODEL: 'none' });
});
beforeEach(async () => {
  account = await server.signUp();
});
afterAll(() => server.close());

async function makeTool(name: string, owner = account): Promise<string> {
  const reply = await server.request
    .post('/api/v1/tools/')
    .set('X-API-Key', owner.apiKey)
    .send({ name, definition: { type: 'end_call', config: {} } })
    .expect(200);
  return (reply.body as Tool).tool_uuid;
}

const ask = (more: JsonObject = {}, id = 'ask') =>
  node(id, 'agentNode', { name: 'Ask', prompt: 'Ask.', ...more });
const end = node('end', 'endCall', { name: 'End', prompt: 'Bye.' });
const labelled = (id: string, source: string, target: string, label: string) =>
  edge(id, source, target, { label, condition: 'always' });
const first = labelled('e0', 'start', 'ask', 'Begin');

const create = (nodes: object[], edges: object[]) =>
  post(server, account, 'create/definition', { name: 'Agent', workflow_definition: { nodes, edges } });

function faults(reply: { body: unknown }) {
  return (reply.body as { detail: DefinitionReport }).detail.errors;
}

/** An agent that could be saved as it is, and its report. */
async function validated(nodes: object[], edges: object[]) {
  const { id } = (await create(nodes, edges).expect(200)).body as Agent;
  return post(server, account, `${String(id)}/validate`);
}

test.each([
  ['Go on!', 'go on?', 'go_on_'],
  ['移動', '確認', '__'],
])('the labels %s and %s of one node are the same function', async (one, other, name) => {
  const edges = [first, labelled('e1', 'ask', 'end', one), labelled('e2', 'ask', 'end', other)];
  const message = `Transition tool name "${name}" is duplicated for this node. Use a unique edge label. Or set the answer of the agent to announce, which needs no model.`;
  expect(faults(await create([start, ask(), end], edges).expect(422))).toEqual(
    ['e1', 'e2'].map((id) => ({ kind: 'edge', id, field: 'data.label', message })),
  );
});

test('the same label at two nodes is no collision, nor is a tool that is archived', async () => {
  const archived = await makeTool('Done');
  await server.request.delete(`/api/v1/tools/${archived}`).set('X-API-Key', account.apiKey).expect(200);
  const reply = await validated(
    [start, ask({ tool_uuids: [archived] }), end],
    [labelled('e1', 'start', 'ask', 'Done'), labelled('e2', 'ask', 'end', 'Done')],
  );
  expect(reply.status).toBe(200);
});

test('two tools of one node with the same function name', async () => {
  const tool_uuids = [await makeTool('Look up!'), await makeTool('look-up')];
  expect(faults(await create([start, ask({ tool_uuids }), end], [first]).expect(422))).toEqual([
    {
      kind: 'node',
      id: 'ask',
      field: 'data.tool_uuids',
      message:
        'Custom tools "Look up!", "look-up" generate duplicate LLM tool name "look_up" on this node. Rename one of the tools.',
    },
  ]);
});

test('a label that is the function of a tool of its node: also when a draft is saved', async () => {
  const tool_uuids = [await makeTool('Hang Up')];
  const nodes = [start, ask({ tool_uuids }), end];
  const expected = [
    {
      kind: 'edge',
      id: 'e1',
      field: 'data.label',
      message:
        'Transition tool name "hang_up" conflicts with custom tool "Hang Up" attached to this node. Use a unique edge label or rename the custom tool.',
    },
  ];
  const edges = [first, labelled('e1', 'ask', 'end', 'hang-up')];
  expect(faults(await create(nodes, edges).expect(422))).toEqual(expected);
  const { id } = (await create([start], []).expect(200)).body as Agent;
  const draft = await put(server, account, String(id), { workflow_definition: { nodes, edges } }).expect(409);
  expect(faults(draft)).toEqual(expected);
});

test('a tool that was renamed after the save prevents publishing', async () => {
  const uuid = await makeTool('Hang Up');
  const nodes = [start, ask({ tool_uuids: [uuid] }), end];
  const edges = [first, labelled('e1', 'ask', 'end', 'Done')];
  const { id } = (await create(nodes, edges).expect(200)).body as Agent;
  await post(server, account, `${String(id)}/create-draft`).expect(200);
  await server.request
    .put(`/api/v1/tools/${uuid}`)
    .set('X-API-Key', account.apiKey)
    .send({ name: 'Done' })
    .expect(200);
  const reply = await post(server, account, `${String(id)}/publish`).expect(422);
  expect(faults(reply)).toMatchObject([{ kind: 'edge', id: 'e1', field: 'data.label' }]);
});

describe('an agent that does not talk', () => {
  const announced = async (definition: { nodes: object[]; edges: object[] }) => {
    const { id } = (await create([start], []).expect(200)).body as Agent;
    await put(server, account, String(id), {
      workflow_definition: definition,
      workflow_configurations: { answer: 'announce' },
    }).expect(200);
    return id;
  };

  test('is saved and published with functions that a model could not tell apart, with a warning of them', async () => {
    const edges = [first, labelled('e1', 'ask', 'end', 'Да'), labelled('e2', 'ask', 'end', 'Не')];
    const id = await announced({ nodes: [start, ask(), end], edges });
    const reply = await post(server, account, `${String(id)}/publish`).expect(200);
    const { warnings } = reply.body as { warnings: { id: string; message: string }[] };
    const collisions = warnings.filter(({ message }) => message.includes('until the agent talks'));
    expect(collisions.map((warning) => warning.id)).toEqual(['e1', 'e2']);
  });

  test('may not have the same label twice at a node either', async () => {
    const edges = [first, labelled('e1', 'ask', 'end', 'Ja'), labelled('e2', 'ask', 'end', ' Ja ')];
    const { id } = (await create([start], []).expect(200)).body as Agent;
    const reply = await put(server, account, String(id), {
      workflow_definition: { nodes: [start, ask(), end], edges },
      workflow_configurations: { answer: 'announce' },
    }).expect(409);
    expect(faults(reply).map((fault) => fault.id)).toEqual(['e1', 'e2']);
  });
});

test('a label of more than 64 characters is warned of, and no more: its function has a shorter name', async () => {
  const warned = async (label: string) => {
    const reply = await validated([start, ask(), end], [first, labelled('e1', 'ask', 'end', label)]);
    expect(reply.status).toBe(200);
    const { warnings } = reply.body as { warnings: { field: string; id: string }[] };
    return warnings.filter(({ field }) => field === 'data.label').map(({ id }) => id);
  };
  expect(await warned('x'.repeat(65))).toEqual(['e1']);
  expect(await warned('x'.repeat(64))).toEqual([]);
});

test('two transitions with one id, and one that leads nowhere, are items of a 422', async () => {
  const edges = [first, labelled('e0', 'ask', 'gone', 'Next')];
  const reply = await validated([start, ask()], edges);
  expect(reply.status).toBe(422);
  expect(faults(reply).map(({ id, field }) => [id, field])).toEqual([
    ['e0', 'id'],
    ['e0', 'target'],
  ]);
});

test('a tool that is not there, of another organization or not active is warned of, and can be published', async () => {
  const stranger = await makeTool('Theirs', await server.signUp());
  const draft = await makeTool('Unfinished');
  await server.request
    .put(`/api/v1/tools/${draft}`)
    .set('X-API-Key', account.apiKey)
    .send({ status: 'draft' })
    .expect(200);
  const tool_uuids = ['no uuid', stranger, draft, await makeTool('Mine')];
  const reply = await validated([start, ask({ tool_uuids })], [first]);
  expect(reply.status).toBe(200);
  const { warnings } = reply.body as { warnings: { field: string; message: string }[] };
  const ofTools = warnings.filter(({ field }) => field === 'data.tool_uuids').map(({ message }) => message);
  const missing =
    'This organization has no tool with this UUID, so calls go on without it. Make the tool, and choose it here.';
  expect(ofTools).toEqual([
    missing,
    missing,
    'The tool "Unfinished" is not active, so calls go on without it. Activate it, or take it out of this node.',
  ]);
});

test('of an agent whose calls a Dograh holds no tool is missed: its tools are there', async () => {
  const { id } = (await create([start, ask({ tool_uuids: ['of Dograh'] })], [first]).expect(200))
    .body as Agent;
  const answer = { mode: 'dograh', agent: 'workflow/0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0' };
  await server.request
    .put(`/api/v1/workflow/${String(id)}`)
    .set('X-API-Key', account.apiKey)
    .send({ workflow_configurations: { answer } })
    .expect(200);
  const reply = await post(server, account, `${String(id)}/validate`);
  expect(reply.status).toBe(200);
  expect(JSON.stringify(reply.body)).not.toContain('data.tool_uuids');
});
