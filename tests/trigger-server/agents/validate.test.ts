import type { Agent, JsonObject } from '@dograh-trigger/shared';
import { createAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { edge, node, places, post, put, start, trigger } from './support';

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
});
afterAll(() => server.close());

async function validate(nodes: object[], edges: object[] = []) {
  const body = { name: 'Agent', workflow_definition: { nodes, edges } };
  const { id } = (await post(server, account, 'create/definition', body).expect(200)).body as Agent;
  return post(server, account, `${String(id)}/validate`);
}

const always: JsonObject = { label: 'Next', condition: 'always' };
const agentNode = node('agent', 'agentNode', { name: 'Agent', prompt: 'Ask.' });
const endNode = node('end', 'endCall', { name: 'End', prompt: 'Bye.' });
const webhook = node('hook', 'webhook', { name: 'Hook' });

describe('200', () => {
  test.each([
    ['one start node', [start], []],
    ['a trigger and a webhook that float', [start, trigger(''), webhook], []],
    [
      'every type of node',
      [
        start,
        agentNode,
        endNode,
        node('global', 'globalNode', { name: 'G', prompt: 'P' }),
        trigger(''),
        webhook,
        node('qa', 'qa', { name: 'QA' }),
      ],
      [edge('e1', 'start', 'agent', always), edge('e2', 'agent', 'end', always)],
    ],
    [
      'a transition that goes back',
      [start, agentNode],
      [edge('e1', 'start', 'agent', always), edge('e2', 'agent', 'agent', always)],
    ],
    [
      'a trigger that leads to an agent node',
      [start, agentNode, trigger('')],
      [edge('e1', 'trigger', 'agent', always)],
    ],
  ])('%s', async (_title, nodes, edges) => {
    const reply = await validate(nodes, edges);
    expect([reply.status, reply.body]).toMatchObject([200, { is_valid: true, errors: [] }]);
  });
});

describe('422, with the place of the fault', () => {
  test.each([
    [
      'a greeting of more than 20,000 characters',
      [{ ...start, data: { ...start.data, greeting: 'x'.repeat(20_001) } }],
      [],
      ['node', 'start', 'data.greeting'],
    ],
    [
      'a greeting with more than 1,000 places to fill in',
      [{ ...start, data: { ...start.data, greeting: '{{a}}'.repeat(1001) } }],
      [],
      ['node', 'start', 'data.greeting'],
    ],
    [
      'a payload with more than 1,000 places to fill in',
      [start, node('hook', 'webhook', { name: 'Hook', payload_template: { a: ['{{a}}'.repeat(1001)] } })],
      [],
      ['node', 'hook', 'data.payload_template'],
    ],
    ['no start node', [trigger('')], [], ['workflow', null, null]],
    [
      'a start node without a prompt',
      [node('start', 'startCall', { name: 'S' })],
      [],
      ['node', 'start', 'data.prompt'],
    ],
    [
      'a name that is blank',
      [node('start', 'startCall', { name: ' ', prompt: 'P' })],
      [],
      ['node', 'start', 'data.name'],
    ],
    [
      'a prompt that is no text',
      [node('start', 'startCall', { name: 'S', prompt: 5 })],
      [],
      ['node', 'start', 'data.prompt'],
    ],
    ['a webhook without a name', [start, node('hook', 'webhook', {})], [], ['node', 'hook', 'data.name']],
    [
      'a type that does not exist',
      [start, node('x', 'constructor', { name: 'X' })],
      [],
      ['node', 'x', 'type'],
    ],
    ['a transition to nowhere', [start], [edge('e1', 'start', 'gone', always)], ['edge', 'e1', 'target']],
    [
      'a transition without a label',
      [start, agentNode],
      [edge('e1', 'start', 'agent', { condition: 'c' })],
      ['edge', 'e1', 'data.label'],
    ],
    [
      'a transition without a condition',
      [start, agentNode],
      [edge('e1', 'start', 'agent', { label: 'L' })],
      ['edge', 'e1', 'data.condition'],
    ],
    [
      'a transition into the start node',
      [start, agentNode],
      [edge('e0', 'start', 'agent', always), edge('e1', 'agent', 'start', always)],
      ['edge', 'e1', 'target'],
    ],
    [
      'a transition into the trigger',
      [start, trigger('')],
      [edge('e1', 'start', 'trigger', always)],
      ['edge', 'e1', 'target'],
    ],
    [
      'a transition out of a webhook',
      [start, agentNode, webhook],
      [edge('e1', 'hook', 'agent', always)],
      ['edge', 'e1', 'source'],
    ],
    [
      'a transition out of an end node',
      [start, agentNode, endNode],
      [
        edge('e1', 'start', 'agent', always),
        edge('e2', 'agent', 'end', always),
        edge('e3', 'end', 'agent', always),
      ],
      ['edge', 'e3', 'source'],
    ],
    ['a step that nothing leads to', [start, agentNode], [], ['node', 'agent', null]],
  ])('%s', async (_title, nodes, edges, place) => {
    const reply = await validate(nodes, edges);
    expect(reply.status).toBe(422);
    expect((reply.body as { detail: { is_valid: boolean } }).detail.is_valid).toBe(false);
    expect(places(reply)).toEqual([place]);
  });

  test('a webhook node beyond the fiftieth cannot even be saved: each is a request more at the end of a call', async () => {
    const hooks = Array.from({ length: 51 }, (_, index) =>
      node(`hook${String(index)}`, 'webhook', { name: 'Hook' }),
    );
    expect((await validate([start, ...hooks.slice(1)])).status).toBe(200);
    const body = { name: 'Agent', workflow_definition: { nodes: [start, ...hooks], edges: [] } };
    expect(places(await post(server, account, 'create/definition', body))).toEqual([
      ['node', 'hook50', null],
    ]);
  });

  test('all faults are reported at once', async () => {
    const reply = await validate([node('start', 'startCall', {}), node('x', 'nothing', {})]);
    expect(places(reply)).toEqual([
      ['node', 'start', 'data.name'],
      ['node', 'start', 'data.prompt'],
      ['node', 'x', 'type'],
    ]);
  });
});

const misspelt = 'There is no such field. Did you mean';

test.each([
  ['Greeting', { Greeting: 'Hello.' }, 'greeting'],
  ['greting', { greting: 'Hello.' }, 'greeting'],
  ['extractionEnabled', { extractionEnabled: true }, 'extraction_enabled'],
])('a field of a node that is almost one of its own is warned of: %s', async (name, data, meant) => {
  const reply = await validate([node('start', 'startCall', { name: 'Start', prompt: 'Greet.', ...data })]);
  expect([reply.status, reply.body]).toMatchObject([200, { is_valid: true }]);
  expect((reply.body as { warnings: unknown }).warnings).toContainEqual({
    kind: 'node',
    id: 'start',
    field: `data.${name}`,
    message: `${misspelt} ${meant}?`,
  });
});

test('a field that Dograh alone knows, a node’s own fields and a node of another type are not warned of', async () => {
  const data = { name: 'End', prompt: 'Bye.', is_end: true, selected_through_edge: false };
  const reply = await validate(
    [start, node('end', 'endCall', data), node('x', 'somethingNew', { Greeting: '' })],
    [edge('e1', 'start', 'end', always)],
  );
  expect(JSON.stringify(reply.body)).not.toContain(misspelt);
});

test('the draft is checked where there is one', async () => {
  const agent = await createAgent(server, account);
  await post(server, account, `${String(agent.id)}/validate`).expect(200);
  await put(server, account, String(agent.id), { workflow_definition: { nodes: [], edges: [] } }).expect(200);
  await post(server, account, `${String(agent.id)}/validate`).expect(422);
});

test('404 an agent that does not exist', async () => {
  const reply = await post(server, account, '999999/validate').expect(404);
  expect(reply.body).toMatchObject({ detail: 'Workflow with id 999999 not found' });
});
