/** Dograh's own SDK runs on this server: each of its methods, the route that it requests, and its result. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentDefinition, JsonObject, NodeSpec } from '@dograh-trigger/shared';
import { findNodeType } from '../../trigger-server/src/agents/node-types';
import { createAgent, readyToCall, saveDraft, type TestAgent } from '../support/agents';
import { startTestServer, type Account, type TestServer } from '../support/test-server';
import {
  startDograhSdk,
  type SdkResult,
  type SdkTask,
  type SdkWorkflow,
} from '../support/vendors/dograh-sdk';

const sdk = startDograhSdk();
afterAll(() => sdk.close());

/** A node of every type. */
const everything: SdkWorkflow = {
  name: 'Loans',
  nodes: [
    [
      'startCall',
      {
        name: 'Start',
        greeting_type: 'text',
        greeting: 'Hi {{first_name}}, this is Sarah.',
        prompt: 'Greet the caller.',
        allow_interrupt: true,
        add_global_prompt: false,
        delayed_start: true,
        delayed_start_duration: 0.5,
        extraction_enabled: true,
        extraction_prompt: 'Read the name.',
        extraction_variables: [{ name: 'name', type: 'string', prompt: 'The full name' }],
        tool_uuids: [],
        document_uuids: [],
        pre_call_fetch_enabled: true,
        pre_call_fetch_url: 'https://crm.example.com/lookup',
        pre_call_fetch_credential_uuid: '9f3c1b0a-8f3e-4a57-9d3b-0d8a1c0b7e55',
      },
    ],
    ['agentNode', { prompt: 'Ask for the amount.', extraction_variables: [], tool_uuids: [] }],
    ['endCall', { name: 'Done', prompt: 'Thank them.' }],
    ['globalNode', { prompt: 'You are Sarah.' }],
    ['trigger', { enabled: true, trigger_path: 'loans-of-the-sdk' }],
    [
      'webhook',
      {
        http_method: 'PUT',
        endpoint_url: 'https://crm.example.com/calls',
        custom_headers: [{ key: 'X-Source', value: 'calls' }],
        payload_template: { id: '{{workflow_run_id}}' },
      },
    ],
    ['qa', { qa_sample_rate: 50, qa_use_workflow_llm: false, qa_provider: 'anthropic', qa_model: 'm' }],
  ],
  edges: [
    [0, 1, { label: 'interested', condition: 'The caller is interested.' }],
    [1, 2, { label: 'done', condition: 'The amount is known.' }],
  ],
};

const methods = [
  'createTool',
  'createWorkflow',
  'getNodeType',
  'getWorkflow',
  'listCredentials',
  'listDocuments',
  'listNodeTypes',
  'listRecordings',
  'listTools',
  'listWorkflows',
  'loadWorkflow',
  'saveWorkflow',
  'testPhoneCall',
  'updateWorkflow',
];

test('the SDK has these methods and types of nodes, and no others', async () => {
  const { value } = await sdk.ask({ baseUrl: '', apiKey: '' }, { task: 'surface' });
  expect(value).toEqual({
    methods,
    nodeTypes: [...everything.nodes.map(([type]) => type), 'tuner'].sort(),
  });
});

/** A node's properties in the SDK's types: `name` for a required one, `name?` for an optional one. */
function typedProperties(type: string): string[] {
  const file = `${type.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.d.ts`;
  const folder = join(__dirname, '../../node_modules/@dograh/sdk/dist/typed');
  const [, body = ''] = /type: "\w+";\n([^]*?)\n}/.exec(readFileSync(join(folder, file), 'utf8')) ?? [];
  return [...body.matchAll(/^ {4}(\w+\??): /gm)].map(([, name = '']) => name);
}

/** Dograh has since replaced pre_call_fetch_enabled with this. */
const newer: Record<string, string[]> = { startCall: ['pre_call_fetch_mode?'] };

test.each(everything.nodes.map(([type]) => type))(
  'the SDK’s types know the properties of %s that the server tells, and ask for the same ones',
  (type) => {
    const declared = findNodeType(type)!.properties.map(
      ({ name, required, default: byDefault }) => `${name}${required && byDefault === null ? '' : '?'}`,
    );
    expect(declared.sort()).toEqual([...typedProperties(type), ...(newer[type] ?? [])].sort());
  },
);

describe.each([
  ['the bundled server', {}],
  ['the bundled server as plain Dograh', { EXTENSIONS: '' }],
])('on %s', (_title, environment) => {
  let server: TestServer;
  let account: Account;
  let agent: TestAgent;
  beforeAll(async () => {
    server = await startTestServer(environment);
    ({ account, agent } = await readyToCall(server));
  });
  afterAll(() => server.close());

  const ask = (task: SdkTask) => sdk.ask({ baseUrl: server.baseUrl, apiKey: account.apiKey }, task);
  const call = (method: string, ...args: unknown[]) => ask({ task: 'call', method, args });

  /** The result of the SDK, and the routes that it requested for it. */
  async function watched(asking: () => Promise<SdkResult>) {
    const before = server.logLines.length;
    const { value, error } = await asking();
    const asked = server.logLines.slice(before).map((line) => {
      const { method, route, status } = JSON.parse(line) as { method: string; route: string; status: number };
      return `${method} ${route} ${String(status)}`;
    });
    return { value, error, asked };
  }

  test('listWorkflows: agents, all or by status', async () => {
    const all = await watched(() => call('listWorkflows'));
    expect(all.asked).toEqual(['GET /workflow/fetch 200']);
    expect(all.value).toContainEqual(expect.objectContaining({ id: agent.id, workflow_uuid: agent.uuid }));
    expect((await call('listWorkflows', { status: 'archived' })).value).toEqual([]);
  });

  test('getWorkflow: one agent, with its definition', async () => {
    const { value, asked } = await watched(() => call('getWorkflow', agent.id));
    expect(asked).toEqual(['GET /workflow/fetch/{workflow_id} 200']);
    const { workflow_definition: definition } = value as { workflow_definition: AgentDefinition };
    expect(definition.nodes.map(({ type }) => type)).toEqual(['startCall', 'trigger']);
  });

  test('getWorkflow: an agent that is not there is an ApiError 404 in the server’s words', async () => {
    const { error } = await call('getWorkflow', 999_999);
    expect(error).toEqual({
      name: 'ApiError',
      statusCode: 404,
      message: '[404] Workflow with id 999999 not found',
    });
  });

  test('createWorkflow: an agent, also from the empty definition of Dograh’s documents', async () => {
    const { value, asked } = await watched(() =>
      call('createWorkflow', { body: { name: 'My Agent', workflow_definition: {} } }),
    );
    expect(asked).toEqual(['POST /workflow/create/definition 200']);
    expect(value).toMatchObject({ name: 'My Agent', workflow_definition: { nodes: [], edges: [] } });
  });

  test('updateWorkflow: the name at once, the rest as a draft', async () => {
    const own = await createAgent(server, account);
    const { value, asked } = await watched(() =>
      call('updateWorkflow', own.id, { body: { name: 'Renamed', template_context_variables: { a: 'b' } } }),
    );
    expect(asked).toEqual(['PUT /workflow/{workflow_id} 200']);
    expect(value).toMatchObject({
      name: 'Renamed',
      version_status: 'draft',
      template_context_variables: { a: 'b' },
    });
  });

  test('listNodeTypes: every type, under the version that the SDK is pinned to', async () => {
    const { value, asked } = await watched(() => call('listNodeTypes'));
    expect(asked).toEqual(['GET /node-types 200']);
    const { node_types: types } = value as { node_types: NodeSpec[] };
    expect(types.map(({ name }) => name)).toEqual([
      'agentNode',
      'endCall',
      'globalNode',
      'qa',
      'startCall',
      'trigger',
      'webhook',
    ]);
    expect((await ask({ task: 'specVersion' })).value).toBe('1.0.0');
  });

  test('getNodeType: one type; one that is not here is a SpecMismatchError', async () => {
    const { value, asked } = await watched(() => call('getNodeType', 'trigger'));
    expect(asked).toEqual(['GET /node-types/{name} 200']);
    expect(value).toMatchObject({ name: 'trigger', category: 'trigger' });
    expect((await call('getNodeType', 'tuner')).error).toMatchObject({ name: 'SpecMismatchError' });
  });

  test.each([
    ['listDocuments', [], '/knowledge-base/documents', { documents: [], total: 0, limit: 100, offset: 0 }],
    [
      'listDocuments',
      [{ status: 'completed', limit: 5, offset: 10 }],
      '/knowledge-base/documents',
      { documents: [], total: 0, limit: 5, offset: 10 },
    ],
    ['listRecordings', [], '/workflow-recordings/', { recordings: [], total: 0 }],
    [
      'listRecordings',
      [{ workflowId: 1, ttsProvider: 'p', ttsModel: 'm', ttsVoiceId: 'v' }],
      '/workflow-recordings/',
      { recordings: [], total: 0 },
    ],
  ])('%s %j: there are none', async (method, args, route, expected) => {
    const { value, asked } = await watched(() => call(method, ...args));
    expect(asked).toEqual([`GET ${route} 200`]);
    expect(value).toEqual(expected);
  });

  test('createTool and listTools: an HTTP API tool', async () => {
    const config = { method: 'POST', url: 'https://n8n.example.com/webhook/book' };
    const body = { name: 'Book', definition: { schema_version: 1, type: 'http_api', config } };
    const created = await watched(() => call('createTool', { body }));
    expect(created.asked).toEqual(['POST /tools/ 200']);
    const expected = { name: 'Book', status: 'active', category: 'http_api', definition: { config } };
    expect(created.value).toMatchObject(expected);
    const listed = await watched(() => call('listTools', { status: 'active', category: 'http_api' }));
    expect(listed.asked).toEqual(['GET /tools/ 200']);
    expect(listed.value).toMatchObject([expected]);
    expect((await call('listTools', { category: 'end_call' })).value).toEqual([]);
  });

  test('createTool with a type that this server does not run is an ApiError 422', async () => {
    const body = { name: 'Sum', definition: { schema_version: 1, type: 'calculator' } };
    const { error, asked } = await watched(() => call('createTool', { body }));
    expect(asked).toEqual(['POST /tools/ 422']);
    expect(error).toMatchObject({ name: 'ApiError', statusCode: 422 });
  });

  test('listCredentials: the stored ones, without what is secret', async () => {
    const { apiKey } = account;
    const credential_data = { token: 'not shown' };
    const body = { name: 'CRM', credential_type: 'bearer_token', credential_data };
    await server.request.post('/api/v1/credentials/').set('X-API-Key', apiKey).send(body).expect(200);
    const { value, asked } = await watched(() => call('listCredentials'));
    expect(asked).toEqual(['GET /credentials/ 200']);
    expect(value).toMatchObject([{ name: 'CRM', credential_type: 'bearer_token' }]);
    expect(JSON.stringify(value)).not.toContain('not shown');
  });

  test('testPhoneCall: calls with the draft, and names the run', async () => {
    const own = await createAgent(server, account);
    await saveDraft(server, account, own, { template_context_variables: { user: { name: 'Draft' } } });
    const body = { workflow_id: own.id, phone_number: '+14155550100' };
    const { value, asked } = await watched(() => call('testPhoneCall', { body }));
    expect(asked).toEqual(['POST /telephony/initiate-call 200']);
    const { message } = value as { message: string };
    expect(message).toMatch(/^Call initiated successfully with run name WR-TEL-OUT-\d{8}$/);
    const runs = await server.request
      .get(`/api/v1/workflow/${String(own.id)}/runs`)
      .set('X-API-Key', account.apiKey)
      .expect(200);
    expect((runs.body as { runs: object[] }).runs).toMatchObject([
      { name: message.split(' ').at(-1), initial_context: { user: { name: 'Draft' } } },
    ]);
  });

  test('testPhoneCall: a refusal is an ApiError with the server’s reason', async () => {
    const { error } = await call('testPhoneCall', { body: { workflow_id: agent.id } });
    expect(error).toEqual({
      name: 'ApiError',
      statusCode: 400,
      message: '[400] Phone number must be provided in request or set in organization preferences',
    });
  });

  describe('the typed builder', () => {
    async function save(id: number, workflow: SdkWorkflow) {
      return watched(() => ask({ task: 'save', id, workflow }));
    }

    test('saveWorkflow: a node of every type is saved, and can be published', async () => {
      const own = await createAgent(server, account);
      const { value, error, asked } = await save(own.id, everything);
      expect(error).toBe(undefined);
      expect(asked.at(-1)).toBe('PUT /workflow/{workflow_id} 200');
      expect(value).toMatchObject({ name: 'Loans', version_status: 'draft' });
      const report = await server.request
        .post(`/api/v1/workflow/${String(own.id)}/validate`)
        .set('X-API-Key', account.apiKey)
        .expect(200);
      expect(report.body).toMatchObject({ is_valid: true, errors: [] });
    });

    test('loadWorkflow: what was saved comes back as it was', async () => {
      const own = await createAgent(server, account);
      // A trigger path belongs to one agent for ever.
      const workflow = { ...everything, nodes: everything.nodes.filter(([type]) => type !== 'trigger') };
      await save(own.id, workflow);
      const built = (await ask({ task: 'build', workflow })).value as JsonObject;
      const { value, asked } = await watched(() => ask({ task: 'load', id: own.id }));
      expect(asked[0]).toBe('GET /workflow/fetch/{workflow_id} 200');
      expect(value).toEqual({ name: 'Loans', nodes: built.nodes, edges: built.edges });
    });

    test('loadWorkflow: an agent that was made without the SDK', async () => {
      const { value, error } = await ask({ task: 'load', id: agent.id });
      expect(error).toBe(undefined);
      expect(value).toMatchObject({ nodes: [{ type: 'startCall' }, { type: 'trigger' }] });
    });

    test.each([
      ['a property that does not exist', { prompt: 'P', greting: 'Hi' }, /startCall: unknown field/],
      ['no prompt', { prompt: ' ' }, /required field missing: prompt/],
      [
        'a choice that is none',
        { prompt: 'P', greeting_type: 'song' },
        /greeting_type: "song" not in allowed/,
      ],
      ['a text for a switch', { prompt: 'P', delayed_start: 'yes' }, /delayed_start: expected boolean/],
      [
        'a variable without a name',
        { prompt: 'P', extraction_variables: [{ type: 'string' }] },
        /required field missing: name/,
      ],
    ])('refuses %s before it asks the server', async (_title, properties, message) => {
      const workflow: SdkWorkflow = { name: 'W', nodes: [['startCall', properties]], edges: [] };
      const { error } = await ask({ task: 'build', workflow });
      expect(error?.name).toBe('ValidationError');
      expect(error?.message).toMatch(message);
    });
  });
});
