import {
  addEdge,
  isSameContent,
  moveNodes,
  newNode,
  removeNode,
  setEdgeField,
  setNodeField,
  withSavedTriggerPaths,
} from '../../../trigger-server/console/src/screens/agent/model/content';
import {
  possibleTargets,
  refusalOfEdge,
  refusalOfNode,
} from '../../../trigger-server/console/src/screens/agent/model/graph-rules';
import { contentWith, edge, node, specs } from './support';

const imported = contentWith({
  nodes: [
    {
      ...node('start', 'startCall', { name: 'Start', dograh_only: { kept: true } }),
      position: { x: 1, y: 2 },
      measured: { width: 10 },
    },
    node('end', 'endCall', { name: 'End' }),
  ],
  edges: [{ ...edge('start', 'end', { label: 'Done', speed: 3 }), animated: true }],
  viewport: { x: 0, y: 0, zoom: 2 },
});

describe('changes of an imported agent', () => {
  test('unknown keys of nodes, transitions and the definition survive every change', () => {
    const named = setNodeField(imported, 'start', 'name', 'Begin');
    const labelled = setEdgeField(named, 'start-end', 'label', 'Ready');
    const moved = moveNodes(labelled, new Map([['start', { x: 5, y: 6 }]]));
    expect(moved.definition).toEqual({
      nodes: [
        {
          id: 'start',
          type: 'startCall',
          position: { x: 5, y: 6 },
          measured: { width: 10 },
          data: { name: 'Begin', dograh_only: { kept: true } },
        },
        { id: 'end', type: 'endCall', data: { name: 'End' } },
      ],
      edges: [
        {
          id: 'start-end',
          source: 'start',
          target: 'end',
          animated: true,
          data: { label: 'Ready', speed: 3 },
        },
      ],
      viewport: { x: 0, y: 0, zoom: 2 },
    });
  });

  test('a value that is typed and taken back is the saved content again', () => {
    const there = setNodeField(imported, 'start', 'name', 'Other');
    expect(isSameContent(there, imported)).toBe(false);
    expect(isSameContent(setNodeField(there, 'start', 'name', 'Start'), imported)).toBe(true);
  });

  test('a removed node takes its transitions along', () => {
    expect(removeNode(imported, 'end').definition).toMatchObject({ nodes: [{ id: 'start' }], edges: [] });
  });
});

describe('new nodes and transitions', () => {
  test('a new node has the defaults of its type and an id of its own', () => {
    const webhook = specs.get('webhook')!;
    const { definition } = contentWith({ nodes: [node('webhook', 'webhook')] });
    expect(newNode(webhook, definition, { x: 0, y: 0 })).toMatchObject({
      id: 'webhook-2',
      type: 'webhook',
      data: { name: 'Webhook', enabled: true, http_method: 'POST' },
    });
  });

  test('a second transition between the same nodes has another id', () => {
    const { id, content } = addEdge(imported, { source: 'start', target: 'end' });
    expect(content.definition.edges.map((one) => one.id)).toEqual(['start-end', id]);
    expect(id).toBe('start-end-2');
  });

  test('a type with a limit is refused once it is reached', () => {
    const start = specs.get('startCall')!;
    expect(refusalOfNode(imported.definition, start)).toBe('An agent has one Start Call.');
    expect(refusalOfNode(contentWith({}).definition, start)).toBeNull();
    expect(refusalOfNode(imported.definition, specs.get('agentNode')!)).toBeNull();
  });

  test('no transition leaves an end, and none leads to a start', () => {
    const { definition } = imported;
    expect(refusalOfEdge(definition, specs, { source: 'start', target: 'end' })).toBeNull();
    expect(refusalOfEdge(definition, specs, { source: 'end', target: 'end' })).toMatch('leave');
    expect(refusalOfEdge(definition, specs, { source: 'start', target: 'start' })).toMatch('lead to');
    expect(possibleTargets(definition, specs).map(({ id }) => id)).toEqual(['end']);
  });
});

test('the path that the server gave a trigger is taken over, and what was typed meanwhile stays', () => {
  const typed = contentWith({ nodes: [node('trigger', 'trigger', { name: 'Typed' })] });
  const saved = contentWith({ nodes: [node('trigger', 'trigger', { name: 'Old', trigger_path: 'abc' })] });
  expect(withSavedTriggerPaths(typed, saved).definition.nodes[0]?.data).toEqual({
    name: 'Typed',
    trigger_path: 'abc',
  });
});
