/** The example workflows use only existing fields, and contain no secrets. Another suite runs them in a real n8n. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IConnections, INode } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { workflowWith } from '../support/n8n-context';

const folder = join(__dirname, '../../n8n-node/examples');
const examples = readdirSync(folder).map((name): [string, string] => [
  name,
  readFileSync(join(folder, name), 'utf8'),
]);

interface Example {
  nodes: INode[];
  connections: IConnections;
}

test('there are four', () => {
  expect(examples.map(([name]) => name)).toEqual([
    'ai-agent-that-calls.json',
    'call-list-with-pacing.json',
    'campaign-of-contacts.json',
    'crm-row-to-call.json',
  ]);
});

test.each(examples)('%s: each parameter of our nodes is a visible field', (_name, text) => {
  const { nodes } = JSON.parse(text) as Example;
  const ours = nodes.filter(({ type }) => type.startsWith('n8n-nodes-dograh.'));
  expect(ours.length).toBeGreaterThan(0);
  for (const { parameters, type } of ours) {
    const nodeType = new Dograh();
    if (type.endsWith('Tool')) nodeType.description.name += 'Tool';
    // The engine keeps only the values of visible fields.
    expect(Object.keys(workflowWith(parameters, nodeType).node.parameters)).toEqual(
      expect.arrayContaining(Object.keys(parameters)),
    );
  }
});

test.each(examples)('%s: all connections join existing nodes, and all nodes are connected', (_name, text) => {
  const { nodes, connections } = JSON.parse(text) as Example;
  const joined = Object.entries(connections).flatMap(([from, byType]) => [
    from,
    ...Object.values(byType).flatMap((outputs) =>
      outputs.flatMap((ends) => (ends ?? []).map(({ node }) => node)),
    ),
  ]);
  const named = nodes.filter(({ type }) => !type.endsWith('stickyNote')).map(({ name }) => name);
  expect([...new Set(joined)].sort()).toEqual(named.sort());
});

test.each(examples)('%s: it contains no credential', (_name, text) => {
  expect(text).not.toMatch(/"credentials"|dgr_/);
});
