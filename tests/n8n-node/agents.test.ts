import type { INodeParameters } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { standInAgentUuid, standInTriggerUuid, startStandIn, type StandIn } from '../support/dograh-stand-in';
import { n8nContext, n8nLoadOptionsContext } from '../support/n8n-context';

const { getAgentVariables } = new Dograh().methods.resourceMapping;

const extraFields = { status: 'active', created_at: '2026-08-22T03:04:05Z' };
const agents = [
  { ...extraFields, id: 12, name: 'Reminder', workflow_uuid: standInAgentUuid },
  { ...extraFields, id: 13, name: 'Sales', workflow_uuid: 'c3c3c3c3-0000-4000-8000-000000000003' },
];
const reminder = {
  ...agents[0],
  version_status: 'published',
  workflow_definition: {
    nodes: [
      { id: 't', type: 'trigger', data: { trigger_path: standInTriggerUuid } },
      {
        id: 's',
        type: 'startCall',
        data: {
          greeting:
            'Hello {{first_name | there}}, about {{visit.day}}. Call {{caller_number}} back about {{call_id}}.',
        },
      },
    ],
    edges: [],
  },
};

let server: StandIn;

beforeEach(async () => {
  server = await startStandIn({
    replies: {
      'GET /api/v1/workflow/fetch?status=active': agents,
      'GET /api/v1/workflow/fetch/12': reminder,
    },
  });
});

afterEach(() => server.close());

function execute(parameters: INodeParameters) {
  const credential = { baseUrl: `${server.url}/api/v1`, apiKey: 'dgr_a' };
  return new Dograh().execute.call(
    n8nContext({ ...credential, parameters: { resource: 'agent', ...parameters } }),
  );
}

test.each([
  ['list', standInAgentUuid],
  ['agentUuid', ` ${standInAgentUuid}`],
  ['id', '12'],
])('an agent selected by %s is returned with its trigger URLs and its variables', async (mode, value) => {
  const route = `${server.url}/api/v1/public/agent`;
  expect(await execute({ operation: 'get', agent: { __rl: true, mode, value } })).toEqual([
    [
      {
        json: {
          agent_id: 12,
          agent_uuid: standInAgentUuid,
          name: 'Reminder',
          version_status: 'published',
          trigger_url: `${route}/${standInTriggerUuid}`,
          test_trigger_url: `${route}/test/${standInTriggerUuid}`,
          variables: [
            { name: 'first_name', fallback: 'there' },
            { name: 'visit.day', fallback: null },
          ],
        },
        pairedItem: { item: 0 },
      },
    ],
  ]);
});

test('Get Many lists the active agents by name, up to the limit', async () => {
  const [items] = await execute({ operation: 'getAll' });
  expect(items?.map(({ json }) => json)).toEqual([
    { agent_id: 12, agent_uuid: standInAgentUuid, name: 'Reminder' },
    { agent_id: 13, agent_uuid: 'c3c3c3c3-0000-4000-8000-000000000003', name: 'Sales' },
  ]);
  expect(await execute({ operation: 'getAll', limit: 1 })).toMatchObject([[{ json: { agent_id: 12 } }]]);
});

test('an empty agent is refused without a request', async () => {
  const agent = { __rl: true, mode: 'list', value: '' };
  await expect(execute({ operation: 'get', agent })).rejects.toThrow(/^Agent: choose an agent/);
  expect(server.requests).toEqual([]);
});

function variablesOf(mode: string, value: string) {
  const credential = { baseUrl: server.url, apiKey: 'dgr_a' };
  const parameters = { agent: { __rl: true, mode, value }, environment: 'production' };
  return getAgentVariables.call(n8nLoadOptionsContext(credential, parameters));
}

test.each([
  ['list', standInAgentUuid],
  ['url', `https://voice.example/api/v1/public/agent/workflow/${standInAgentUuid}`],
])(
  'Variables has a field for each variable of the agent selected by %s, with its fallback, and none for the server’s own names',
  async (mode, value) => {
    const { fields } = await variablesOf(mode, value);
    expect(fields.map(({ id, displayName, required }) => [id, displayName, required])).toEqual([
      ['first_name', 'first_name (otherwise: there)', false],
      ['visit.day', 'visit.day', false],
    ]);
  },
);

test.each([
  ['list', ''],
  ['id', standInTriggerUuid],
])('for an agent selected by %s "%s" the editor shows how to enter variables', async (mode, value) => {
  expect(await variablesOf(mode, value)).toEqual({
    fields: [],
    emptyFieldsNotice: expect.stringContaining('by name or as JSON'),
  });
  expect(server.requests).toEqual([]);
});

test('a missing agent is an error in the editor, not an empty list of variables', async () => {
  await expect(variablesOf('list', 'gone')).rejects.toThrow('no active agent with the UUID gone');
});
