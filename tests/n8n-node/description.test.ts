/** The nodes' descriptions for the editor match their functions. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@dograh-trigger/shared';
import { NodeHelpers, type INodeProperties, type INodeType } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { resources } from '../../n8n-node/nodes/Dograh/resources';
import { DograhPollingTrigger } from '../../n8n-node/nodes/DograhPollingTrigger/DograhPollingTrigger.node';
import { DograhTrigger } from '../../n8n-node/nodes/DograhTrigger/DograhTrigger.node';

const folder = join(__dirname, '../../n8n-node');
const manifest = readJson('package.json');
const node = new Dograh();
const nodes: [string, INodeType][] = [
  ['Dograh', node],
  ['DograhTrigger', new DograhTrigger()],
  ['DograhPollingTrigger', new DograhPollingTrigger()],
];

function readJson(file: string): JsonObject {
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as JsonObject;
}

/** Every field, also those inside collections. */
function allFields(properties: INodeProperties[]): INodeProperties[] {
  return properties.flatMap((property) => {
    const inside = (property.options ?? []).flatMap((option) => {
      if ('values' in option) return option.values;
      return 'type' in option ? [option] : [];
    });
    return [property, ...allFields(inside)];
  });
}

test.each(['agent', 'call', 'doNotCall'])(
  'every listed operation of %s has a function, and no function is unlisted',
  (resource) => {
    const [list] = node.description.properties.filter(
      ({ name, displayOptions }) =>
        name === 'operation' && displayOptions?.show?.resource?.includes(resource) === true,
    );
    const values = (list?.options ?? []).map((option) => ('value' in option ? option.value : ''));
    expect(values.sort()).toEqual([...(resources.get(resource)?.keys() ?? [])].sort());
  },
);

test.each(nodes)('%s: every list and every mapper has its method, and no method is unused', (_name, type) => {
  const fields = allFields(type.description.properties);
  const lists = fields
    .flatMap(({ modes }) => modes ?? [])
    .flatMap(({ typeOptions }) => typeOptions?.searchListMethod ?? []);
  const mappers = fields.flatMap(
    ({ typeOptions }) => typeOptions?.resourceMapper?.resourceMapperMethod ?? [],
  );
  expect(Object.keys(type.methods?.listSearch ?? {}).sort()).toEqual([...new Set(lists)].sort());
  expect(Object.keys(type.methods?.resourceMapping ?? {})).toEqual([...new Set(mappers)]);
});

test.each([
  ['no agent', '', false],
  ['an agent that was cleared', null, false],
  ['an agent', '0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0', true],
])('for %s the variables are requested only if an agent is chosen', (_name, value, isShown) => {
  const mapper = node.description.properties.find(({ name }) => name === 'mappedVariables')!;
  const parameters = {
    resource: 'call',
    operation: 'place',
    specifyVariables: 'mapping',
    agent: { __rl: true, mode: 'list', value },
  };
  expect(NodeHelpers.displayParameter(parameters, mapper, null, null)).toBe(isShown);
});

test('the node and its trigger have the same description, because the panel shows both as one entry', () => {
  expect(new DograhTrigger().description.description).toBe(node.description.description);
});

test.each(nodes)('%s: the options of a collection are in alphabetical order', (_name, type) => {
  const collections = allFields(type.description.properties).filter((field) => field.type === 'collection');
  for (const { options = [] } of collections) {
    const names = options.map((option) => ('displayName' in option ? option.displayName : option.name));
    expect(names).toEqual([...names].sort((left, right) => left.localeCompare(right, 'en')));
  }
});

test('the node is offered to AI agents, the triggers are not', () => {
  expect(nodes.map(([, type]) => type.description.usableAsTool)).toEqual([true, undefined, undefined]);
});

test.each(nodes)('%s: the codex file belongs to this node of this package', (name, type) => {
  const codex = readJson(`nodes/${name}/${name}.node.json`);
  expect(codex.node).toBe(`n8n-nodes-dograh.${type.description.name}`);
  expect(manifest.name).toBe('n8n-nodes-dograh');
});

test('the manifest lists every node', () => {
  expect((manifest.n8n as JsonObject).nodes).toEqual(
    nodes.map(([name]) => `dist/nodes/${name}/${name}.node.js`).sort(),
  );
});

test('the package has no dependency but n8n', () => {
  expect(Object.keys(manifest)).not.toContain('dependencies');
  expect(manifest.peerDependencies).toEqual({ 'n8n-workflow': '*' });
});
