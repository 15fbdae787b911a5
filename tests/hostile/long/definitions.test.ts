/**
 * An agent of 1 MiB of any content delays no other request while it is created, saved, validated, published and read.
 */
import type { JsonObject } from '@dograh-trigger/shared';
import { texts } from '../../support/hostile/fillings';
import { faultsOf, type Step } from '../../support/hostile/request-sequences';
import { startMeasuredServer, type MeasuredServer } from '../../support/hostile/measured-server';
import { operationNamed } from '../../support/operations';

jest.setTimeout(300_000);

const mebibyte = 1024 * 1024 - 4096;

interface Definition {
  nodes: JsonObject[];
  edges: JsonObject[];
}

function node(id: string, type: string, data: JsonObject): JsonObject {
  return { id, type, data };
}
const start = (data: JsonObject = {}) =>
  node('s', 'startCall', { name: 'S', prompt: 'x', greeting: 'Hello', ...data });
const step = (index: number, prompt: string) => node(`n${String(index)}`, 'agentNode', { name: 'N', prompt });
const edge = (
  index: number,
  target: string,
  data: JsonObject = { label: `l${String(index)}`, condition: 'c' },
) => ({
  id: `e${String(index)}`,
  source: 's',
  target,
  data,
});
const many = <Piece>(count: number, make: (index: number) => Piece) =>
  Array.from({ length: count }, (_, index) => make(index));

/** A body has at most 20,000 values, which limits the number of nodes and edges. */
const definitions: Record<string, () => Definition> = {
  'nodes that nothing leads to': () => ({
    nodes: [start(), ...many(3000, (index) => step(index, 'p'.repeat(270)))],
    edges: [],
  }),
  'nodes with a place to fill in each': () => ({
    nodes: [start(), ...many(3000, (index) => step(index, `{{a${String(index)}}} `.repeat(25)))],
    edges: [],
  }),
  'nodes and transitions': () => ({
    nodes: [start(), ...many(1300, (index) => step(index, 'p'.repeat(600)))],
    edges: many(1300, (index) => edge(index, `n${String(index)}`)),
  }),
  'nodes of no type': () => ({
    nodes: [start(), ...many(3800, (index) => node(String(index), 'x'.repeat(200), {}))],
    edges: [],
  }),
  'nodes of one id': () => ({ nodes: [start(), ...many(3000, () => step(0, ''))], edges: [] }),
  'trigger nodes': () => ({
    nodes: [start(), ...many(3800, (index) => node(String(index), 'trigger', {}))],
    edges: [],
  }),
  'webhook nodes': () => ({
    nodes: [
      start(),
      ...many(2500, (index) =>
        node(String(index), 'webhook', {
          endpoint_url: 'http://a',
          payload_template: { a: '{{a}}'.repeat(60) },
        }),
      ),
    ],
    edges: [],
  }),
  'transitions of one name': () => ({
    nodes: [start()],
    edges: many(2800, (index) => edge(index, 'x', { label: 'L'.repeat(250), condition: '' })),
  }),
  'transitions to nowhere': () => ({
    nodes: [start()],
    edges: many(2800, (index) => edge(index, 'x'.repeat(250))),
  }),
  'transitions with speech': () => ({
    nodes: [start()],
    edges: many(2400, (index) =>
      edge(index, 's', {
        label: String(index),
        condition: 'c',
        transition_speech: `{{b${String(index)}}} `.repeat(30),
      }),
    ),
  }),
  'a deep value': () => {
    let deep: JsonObject = { text: 'x'.repeat(mebibyte - 2000) };
    for (let depth = 0; depth < 55; depth += 1) deep = { deep };
    return { nodes: [start(deep)], edges: [] };
  },
  'many values': () => ({
    nodes: [start({ values: many(19_000, (index) => `${String(index)}${'v'.repeat(45)}`) })],
    edges: [],
  }),
  'many names': () => ({
    nodes: [start(Object.fromEntries(many(19_000, (index) => [`k${String(index)}${'v'.repeat(40)}`, null])))],
    edges: [],
  }),
  ...Object.fromEntries(
    Object.entries(texts).flatMap(([name, make]) => {
      const whole = (field: string) => () => ({ nodes: [start({ [field]: fitting(make) })], edges: [] });
      return [
        [`a prompt: ${name}`, whole('prompt')],
        [`a greeting: ${name}`, whole('greeting')],
      ];
    }),
  ),
};

/** As long as fits into a body. */
function fitting(make: (length: number) => string): string {
  const text = make(mebibyte);
  const share = mebibyte / Buffer.byteLength(JSON.stringify(text));
  return text.slice(0, Math.floor(text.length * Math.min(1, share * 0.99)));
}

const agent = '/api/v1/workflow/{workflow_id}';

function stepsFor(workflow_definition: Definition): Step[] {
  const body = { name: 'Large', workflow_definition };
  const own = ['POST validate', 'POST publish', 'GET versions', 'POST duplicate'].map((name) =>
    operationNamed(name.replace(' ', ` ${agent}/`)),
  );
  return [
    { operation: operationNamed('POST /api/v1/workflow/create/definition'), body },
    { operation: operationNamed(`PUT ${agent}`), body },
    ...own.map((operation) => ({ operation })),
    { operation: operationNamed('GET /api/v1/workflow/fetch/{workflow_id}') },
  ];
}

let server: MeasuredServer;
beforeAll(async () => {
  server = await startMeasuredServer();
});
afterAll(() => server.stop());

test.each(Object.entries(definitions))('%s', async (_name, make) => {
  expect(await faultsOf(server, stepsFor(make()))).toEqual([]);
});
