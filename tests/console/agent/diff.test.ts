import { differenceOf } from '../../../trigger-server/console/src/screens/agent/model/diff';
import { contentWith, edge, node, specs } from './support';

const before = contentWith(
  {
    nodes: [
      { ...node('start', 'startCall', { name: 'Start', greeting: 'Hello.' }), position: { x: 0, y: 0 } },
      node('old', 'agentNode', { name: 'Old step' }),
    ],
    edges: [edge('start', 'old', { label: 'Go on', condition: 'Always' })],
  },
  { configurations: { language: 'en-US' } },
);

test('equal contents have no difference', () => {
  expect(differenceOf(before, before, specs)).toEqual({ changes: [], movedNodes: 0 });
});

test('a changed field has its name from the form, its old and its new value', () => {
  const after = contentWith(
    {
      ...before.definition,
      nodes: [
        node('start', 'startCall', { name: 'Start', greeting: 'Good morning.', allow_interrupt: true }),
        node('old', 'agentNode', { name: 'Old step' }),
      ],
    },
    { configurations: { language: 'es-MX' } },
  );
  expect(differenceOf(before, after, specs).changes).toEqual([
    {
      kind: 'changed',
      subject: 'Start Call “Start”',
      fields: [
        { name: 'Greeting Text', before: 'Hello.', after: 'Good morning.' },
        { name: 'Allow Interruption', before: null, after: 'true' },
      ],
    },
    {
      kind: 'changed',
      subject: 'Settings',
      fields: [{ name: 'language', before: 'en-US', after: 'es-MX' }],
    },
  ]);
});

test('added and removed nodes and transitions are named by what people see', () => {
  const after = contentWith(
    {
      nodes: [before.definition.nodes[0]!, node('new', 'endCall', { name: 'Bye' })],
      edges: [edge('start', 'new')],
    },
    { configurations: { language: 'en-US' } },
  );
  expect(differenceOf(before, after, specs).changes.map(({ kind, subject }) => [kind, subject])).toEqual([
    ['added', 'End Call “Bye”'],
    ['removed', 'Agent Node “Old step”'],
    ['added', 'Transition “no label yet” from “Start” to “Bye”'],
    ['removed', 'Transition “Go on” from “Start” to “Old step”'],
  ]);
});

test('a node that only moved is counted, and is no change of a call', () => {
  const [start, old] = before.definition.nodes;
  const after = contentWith(
    { ...before.definition, nodes: [{ ...start!, position: { x: 9, y: 0 } }, old!] },
    { configurations: { language: 'en-US' } },
  );
  expect(differenceOf(before, after, specs)).toEqual({ changes: [], movedNodes: 1 });
});
