/** What the editor reads of the node agrees with what the node can do. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@dograh-trigger/shared';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { callOperations } from '../../n8n-node/nodes/Dograh/resources/call';

const folder = join(__dirname, '../../n8n-node');
const manifest = readJson('package.json');
const codex = readJson('nodes/Dograh/Dograh.node.json');
const node = new Dograh();
const { description } = node;

function readJson(file: string): JsonObject {
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as JsonObject;
}

test('every operation in the list has its function, and every function is in the list', () => {
  const [list] = description.properties.filter(({ name }) => name === 'operation');
  const values = (list?.options ?? []).map((option) => ('value' in option ? option.value : ''));
  expect(values.sort()).toEqual([...callOperations.keys()].sort());
});

test('every list that can be searched has its method', () => {
  const wanted = description.properties
    .flatMap(({ modes }) => modes ?? [])
    .flatMap(({ typeOptions }) => typeOptions?.searchListMethod ?? []);
  expect(wanted).toEqual(['searchAgents']);
  expect(Object.keys(node.methods.listSearch)).toEqual(wanted);
});

test('the node is offered to AI agents', () => {
  expect(description.usableAsTool).toBe(true);
});

test('the codex file belongs to this node of this package', () => {
  expect([codex.node, manifest.name, description.name]).toEqual([
    'n8n-nodes-dograh.dograh',
    'n8n-nodes-dograh',
    'dograh',
  ]);
});

test('the package needs nothing but n8n', () => {
  expect(Object.keys(manifest)).not.toContain('dependencies');
  expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
});
