/** The OpenAPI document describes agents as a union of node types. A JSON Schema validator checks it. */
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import { apiDocument } from '../../../trigger-server/src/app';
import { nodeTypes } from '../../../trigger-server/src/agents/node-types';
import { startTestServer } from '../../support/test-server';

interface Document {
  components: { schemas: Record<string, { examples?: { workflow_definition?: unknown }[] }> };
}

let schemas: Document['components']['schemas'];
let matches: (component: string) => ValidateFunction;
beforeAll(async () => {
  const server = await startTestServer();
  ({ schemas } = (apiDocument(server.services) as Document).components);
  await server.close();
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'https://api.test/document', components: { schemas } });
  matches = (component) =>
    ajv.compile({ $ref: `https://api.test/document#/components/schemas/${component}` });
});

const componentOf: Record<string, string> = {
  startCall: 'StartCallNode',
  agentNode: 'AgentNode',
  endCall: 'EndCallNode',
  globalNode: 'GlobalNode',
  trigger: 'TriggerNode',
  webhook: 'WebhookNode',
  qa: 'QaNode',
};

test('every type of node has its member, that takes its own example and no other type', () => {
  expect(Object.keys(componentOf).sort()).toEqual(nodeTypes.map(({ name }) => name).sort());
  for (const [type, component] of Object.entries(componentOf)) {
    const examples = nodeTypes.find(({ name }) => name === type)?.examples ?? [];
    expect(examples).not.toEqual([]);
    for (const { data } of examples) {
      for (const [other, otherComponent] of Object.entries(componentOf)) {
        expect([other, matches(otherComponent)({ id: 'a', type, data })]).toEqual([other, other === type]);
      }
      expect(matches('OtherNode')({ id: 'a', type, data })).toBe(false);
    }
    expect(component in schemas).toBe(true);
  }
});

test('a field of the wrong type is a fault, but an unknown type of node is not', () => {
  const nodes = (node: object) => ({ nodes: [{ id: 'a', ...node }], edges: [] });
  const isDefinition = matches('AgentDefinition');
  expect(isDefinition(nodes({ type: 'startCall', data: { greeting: 'Hello' } }))).toBe(true);
  expect(isDefinition(nodes({ type: 'startCall', data: { greeting: 5 } }))).toBe(false);
  expect(isDefinition(nodes({ type: 'webhook', data: { http_method: 'TRACE' } }))).toBe(false);
  expect(isDefinition(nodes({ type: 'tomorrow', data: { greeting: 5 } }))).toBe(true);
  expect(isDefinition({ nodes: [], edges: [{ id: 'e', source: 'a' }] })).toBe(false);
});

test('the example agent matches the schema, and so does an agent as the server returns it', async () => {
  const worked = schemas.CreateAgentRequest?.examples?.[0]?.workflow_definition;
  expect(matches('AgentDefinition')(worked)).toBe(true);
  const server = await startTestServer();
  try {
    const { apiKey } = await server.signUp();
    const reply = await server.request
      .post('/api/v1/workflow/create/definition')
      .set('X-API-Key', apiKey)
      .send({ name: 'Worked', workflow_definition: worked })
      .expect(200);
    expect(matches('Agent')(reply.body)).toBe(true);
  } finally {
    await server.close();
  }
});
