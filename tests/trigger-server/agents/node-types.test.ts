/** The descriptions of node types agree with the rules for definitions. */
import type { Agent, AgentEdge, AgentNode, NodeSpec } from '@dograh-trigger/shared';
import { findNodeType, nodeTypes } from '../../../trigger-server/src/agents/node-types';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { edge, node, places, post } from './support';

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
});
afterAll(() => server.close());

function get(path: string) {
  return server.request.get(`/api/v1/node-types${path}`).set('X-API-Key', account.apiKey);
}

const propertyKeys = [
  'default',
  'description',
  'display_name',
  'display_options',
  'editor',
  'llm_hint',
  'max_length',
  'max_value',
  'min_length',
  'min_value',
  'name',
  'options',
  'pattern',
  'placeholder',
  'properties',
  'renderer_options',
  'required',
  'type',
];

describe('200', () => {
  test('every key is there, in types, properties and rows; without a value it is null', async () => {
    const { node_types: types } = (await get('').expect(200)).body as { node_types: NodeSpec[] };
    for (const type of types) {
      expect(Object.keys(type).sort()).toEqual([
        'category',
        'description',
        'display_name',
        'docs_url',
        'examples',
        'graph_constraints',
        'icon',
        'llm_hint',
        'name',
        'properties',
        'version',
      ]);
      const rows = type.properties.flatMap(({ properties }) => properties ?? []);
      for (const property of [...type.properties, ...rows]) {
        expect(Object.keys(property).sort()).toEqual(propertyKeys);
        expect(property.description).not.toBe('');
      }
    }
  });

  test('one type is the same as in the list', async () => {
    const { node_types: types } = (await get('').expect(200)).body as { node_types: NodeSpec[] };
    for (const type of types) expect((await get(`/${type.name}`).expect(200)).body).toEqual(type);
  });

  test('a property is shown by properties that are there, and by values that they can have', () => {
    for (const { properties } of nodeTypes) {
      const byName = new Map(properties.map((property) => [property.name, property]));
      for (const { display_options: display } of properties) {
        for (const [name, values] of Object.entries(display?.show ?? {})) {
          const shower = byName.get(name)!;
          const possible =
            shower.type === 'boolean' ? [true, false] : shower.options!.map(({ value }) => value);
          expect(possible).toEqual(expect.arrayContaining(values));
        }
      }
    }
  });
});

test.each(['tuner', 'constructor', 'startcall'])('404 %s', async (name) => {
  expect((await get(`/${name}`).expect(404)).body).toMatchObject({ detail: `Unknown node type: '${name}'` });
});

test('401 without a key', async () => {
  await server.request.get('/api/v1/node-types').expect(401);
  await server.request.get('/api/v1/node-types/trigger').expect(401);
});

describe('publishing checks what the description of a type says', () => {
  const start = node('start', 'startCall', { name: 'Start', prompt: 'P' });
  const step = node('step', 'agentNode', { name: 'Step', prompt: 'P' });
  const next = { label: 'Next', condition: 'always' };
  const toStep = edge('to-step', 'start', 'step', next);
  const end = node('end', 'endCall', { name: 'End', prompt: 'P' });
  const toEnd = edge('to-end', 'step', 'end', next);

  /** @returns the locations of the faults in this definition. The list is empty if it can be published. */
  async function faults(nodes: AgentNode[], edges: AgentEdge[]) {
    const body = { name: 'Agent', workflow_definition: { nodes, edges } };
    const created = await post(server, account, 'create/definition', body);
    if (created.status === 422) return places(created);
    const { id } = created.body as Agent;
    const reply = await post(server, account, `${String(id)}/validate`);
    return reply.status === 200 ? [] : places(reply);
  }

  /** @returns a definition that contains this node, and the other nodes and edges that its type requires. */
  function around(subject: AgentNode): [AgentNode[], AgentEdge[]] {
    const others = [start, step].filter(({ type }) => type !== subject.type);
    const isStart = subject.type === 'startCall';
    const hasStep = others.includes(step);
    const edges = hasStep ? [edge('to-step', isStart ? subject.id : 'start', 'step', next)] : [];
    const needsWay = (findNodeType(subject.type)?.graph_constraints.min_incoming ?? 0) > 0;
    if (needsWay)
      edges.push(edge('to-subject', hasStep ? 'step' : 'start', subject.id, { ...next, label: 'On' }));
    return [[...others, subject], edges];
  }

  test.each(nodeTypes.flatMap(({ name, examples }) => examples.map((example) => [name, example] as const)))(
    'the example of %s can be published',
    async (name, { data }) => {
      expect(await faults(...around(node('subject', name, data)))).toEqual([]);
    },
  );

  test.each(
    nodeTypes.flatMap(({ name, properties }) =>
      properties.filter(({ required }) => required).map((property) => [name, property.name] as const),
    ),
  )('%s needs %s', async (name, property) => {
    const { data } = findNodeType(name)!.examples[0]!;
    const subject = node('subject', name, { ...data, [property]: ' ' });
    expect(await faults(...around(subject))).toEqual([['node', 'subject', `data.${property}`]]);
  });

  const bounded = (
    bound: keyof NonNullable<NodeSpec['graph_constraints']>,
    value: (least: number) => boolean,
  ) =>
    nodeTypes.flatMap(({ name, graph_constraints: { [bound]: at } }) =>
      at !== null && value(at) ? [name] : [],
    );

  test.each(bounded('max_incoming', (most) => most === 0))('nothing leads to %s', async (name) => {
    const [nodes, edges] = around(node('subject', name, findNodeType(name)!.examples[0]!.data));
    const back = edge('back', 'step', 'subject', { ...next, label: 'Back' });
    expect(await faults(nodes, [...edges, back])).toEqual([['edge', 'back', 'target']]);
  });

  test.each(bounded('max_outgoing', (most) => most === 0))('%s leads to nothing', async (name) => {
    const [nodes, edges] = around(node('subject', name, findNodeType(name)!.examples[0]!.data));
    const out = edge('out', 'subject', 'step', { ...next, label: 'Out' });
    expect(await faults(nodes, [...edges, out])).toEqual([['edge', 'out', 'source']]);
  });

  test.each(bounded('min_incoming', (least) => least > 0))('something leads to %s', async (name) => {
    const subject = node('subject', name, findNodeType(name)!.examples[0]!.data);
    expect(await faults([start, step, end, subject], [toStep, toEnd])).toEqual([['node', 'subject', null]]);
  });

  test('an agent has one startCall, the only type that must be there', async () => {
    expect(bounded('min_instances', (least) => least > 0)).toEqual(['startCall']);
    const again = edge('again', 'step', 'step', { ...next, label: 'Again' });
    expect(await faults([step, end], [again, toEnd])).toEqual([['workflow', null, null]]);
  });

  test.each(
    nodeTypes.flatMap(({ name, graph_constraints: { max_instances: most } }) =>
      most === null ? [] : [[name, most] as const],
    ),
  )('%s: at most %i', async (name, most) => {
    const { data } = findNodeType(name)!.examples[0]!;
    const many = Array.from({ length: most + 1 }, (_, index) => node(String(index), name, data));
    const others = name === 'startCall' ? [] : [start];
    expect(await faults([...others, ...many], [])).toContainEqual(['node', String(most), null]);
  });
});
