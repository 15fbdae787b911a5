/** POST /organizations/telephony-configs/{config_id}/import-agents, with a loopback Dograh. */
import type { Agent, AuditPage, ImportedAgents } from '@dograh-trigger/shared';
import { addCarrier, addConfiguration, configurationsPath } from '../../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';
import {
  dograhAgent,
  dograhSettings,
  startDograh,
  type LoopbackDograh,
} from '../../../support/vendors/dograh';

const secondAgent = 'c0ffee00-1111-4222-8333-444455556666';

function version(status: string, greeting: string): object {
  return {
    status,
    workflow_json: {
      nodes: [
        {
          id: 'a',
          type: 'startCall',
          position: { x: 1, y: 2 },
          data: { name: 'Start', prompt: 'Be kind', greeting, tool_uuids: ['t-1'], document_uuids: ['d-1'] },
        },
        {
          id: 'b',
          type: 'endCall',
          position: { x: 1, y: 9 },
          data: { name: 'End', prompt: 'Bye {{order.id}}' },
        },
        { id: 'trigger', type: 'webhook', data: { name: 'CRM', endpoint_url: 'https://crm.example.com' } },
        { id: 'd', type: 'trigger', data: { name: 'API', trigger_path: 'taken-there' } },
      ],
      edges: [
        { id: 'e', source: 'a', target: 'b', data: { label: 'Done', condition: 'All said' } },
        { id: 'f', source: 'd', target: 'a' },
      ],
    },
    workflow_configurations: { max_call_duration: 600, model: 'theirs' },
    template_context_variables: { name: 'Jane' },
  };
}

let vendor: LoopbackDograh;
let server: TestServer;
let account: Account;
let accountId: number;
beforeEach(async () => {
  vendor = await startDograh();
  vendor.state.versions.set(4, [version('draft', 'Draft'), version('published', 'Hello {{name}}')]);
  vendor.state.versions.set(5, [version('published', 'Hi')]);
  server = await startTestServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  account = await server.signUp();
  const config = { provider: 'dograh', ...dograhSettings(vendor) };
  accountId = (await addCarrier(server, account, config, { name: 'Dograh' })).id;
});
afterEach(async () => {
  await server.close();
  await vendor.close();
});

const post = (id = accountId, after = 0) =>
  server.request
    .post(`${configurationsPath}/${String(id)}/import-agents?after=${String(after)}`)
    .set('X-API-Key', account.apiKey)
    .send({});

async function importAll(): Promise<ImportedAgents> {
  return (await post().expect(200)).body as ImportedAgents;
}

/** Calls an agent here. */
function call(id: number | undefined) {
  const reply = server.request.post('/api/v1/telephony/initiate-call').set('X-API-Key', account.apiKey);
  return reply.send({ workflow_id: id, phone_number: '+14155550100' });
}

async function read<Body>(path: string): Promise<Body> {
  const reply = await server.request.get(`/api/v1${path}`).set('X-API-Key', account.apiKey).expect(200);
  return reply.body as Body;
}

test('each agent there gets one here, published, with the texts of its published version and a trigger of its own', async () => {
  const { created, ...rest } = await importAll();
  expect(rest).toEqual({ kept: [], refused: [], remaining: 0, next_after: null });
  expect(created).toEqual([
    { id: expect.any(Number) as unknown, name: 'Reminder', remote_uuid: dograhAgent },
  ]);
  const agent = await read<Agent>(`/workflow/fetch/${String(created[0]?.id)}`);
  expect(agent).toMatchObject({
    name: 'Reminder',
    version_status: 'published',
    workflow_configurations: {
      answer: { mode: 'dograh', agent: `workflow/${dograhAgent}`, account_id: accountId },
      max_call_duration: 600,
    },
    template_context_variables: { name: 'Jane' },
  });
  const { nodes, edges } = agent.workflow_definition;
  expect(nodes.map(({ type }) => type)).toEqual(['startCall', 'endCall', 'trigger']);
  expect(nodes[0]?.data.greeting).toBe('Hello {{name}}');
  expect(nodes[2]?.data.trigger_path).not.toBe('taken-there');
  expect(edges.map(({ id }) => id)).toEqual(['e']);
});

test('a call of an imported agent is handed over to the agent there', async () => {
  const [agent] = (await importAll()).created;
  await call(agent?.id).expect(200);
  expect(vendor.dials.map(({ url }) => url)).toEqual([`/api/v1/public/agent/workflow/${dograhAgent}`]);
});

test('agents of a second account are called through it, even if the first one has the same agents', async () => {
  await importAll();
  const second = await startDograh();
  try {
    second.state.versions.set(4, [version('published', 'Hi')]);
    const config = { provider: 'dograh', ...dograhSettings(second) };
    const { id } = await addCarrier(server, account, config, { name: 'Second' });
    const { created, kept } = (await post(id).expect(200)).body as ImportedAgents;
    expect({ kept, remote: created.map(({ remote_uuid }) => remote_uuid) }).toEqual({
      kept: [],
      remote: [dograhAgent],
    });
    await call(created[0]?.id).expect(200);
    expect([vendor.dials.length, second.dials.length]).toEqual([0, 1]);
    expect((await post(id).expect(200)).body).toMatchObject({ created: [], kept: created });
  } finally {
    await second.close();
  }
});

test('repeated, it makes only what is new, and says what it kept', async () => {
  const first = await importAll();
  vendor.state.agents.push({ id: 5, name: 'Survey', workflow_uuid: secondAgent });
  const second = await importAll();
  expect(second.kept).toEqual(first.created);
  expect(second.created.map(({ remote_uuid }) => remote_uuid)).toEqual([secondAgent]);
  expect(await importAll()).toMatchObject({ created: [], kept: [{}, {}] });
  expect(await read<object[]>('/workflow/fetch')).toHaveLength(2);
});

test('two at once make each agent once', async () => {
  const both = await Promise.all([importAll(), importAll()]);
  expect(both.flatMap(({ created }) => created)).toHaveLength(1);
  expect(both.flatMap(({ kept }) => kept)).toHaveLength(1);
});

test('an agent that cannot be stored is named with the reason, and the others are made', async () => {
  const same = { label: 'Done', condition: 'x' };
  const { nodes } = (version('published', 'Hi') as { workflow_json: { nodes: object[] } }).workflow_json;
  const edges = ['e', 'f'].map((id) => ({ id, source: 'a', target: 'b', data: same }));
  vendor.state.versions.set(5, [{ status: 'published', workflow_json: { nodes, edges } }]);
  vendor.state.agents.push({ id: 5, name: 'Survey', workflow_uuid: secondAgent });
  vendor.state.agents.push({ id: 6, name: 'Gone', workflow_uuid: 'gone' });
  const { created, refused } = await importAll();
  expect(created).toHaveLength(1);
  expect(refused).toEqual([
    {
      name: 'Survey',
      remote_uuid: secondAgent,
      reason: 'Transition tool name "done" is duplicated for this node. Use a unique edge label.',
    },
    { name: 'Gone', remote_uuid: 'gone', reason: 'It is not there any more.' },
  ]);
});

test('what names tools and documents of Dograh stays there, so nothing is said to be missing here', async () => {
  const [created] = (await importAll()).created;
  const path = `/workflow/${String(created?.id)}`;
  const agent = await read<Agent>(path.replace('/workflow/', '/workflow/fetch/'));
  expect(agent.workflow_definition.nodes[0]?.data).toEqual({
    ...{ name: 'Start', prompt: 'Be kind', greeting: 'Hello {{name}}' },
  });
  const checked = await server.request
    .post(`/api/v1${path}/validate`)
    .set('X-API-Key', account.apiKey)
    .send({});
  expect(JSON.stringify(checked.body)).not.toContain('tool');
});

test.each([{ workflow_uuid: null }, {}, { workflow_uuid: '' }])(
  'one without a UUID (%j) is named with what to do, and the others are made',
  async (fields) => {
    vendor.state.agents.unshift({ id: 2, name: 'Old one', ...fields });
    const { created, refused } = await importAll();
    expect(created.map(({ remote_uuid }) => remote_uuid)).toEqual([dograhAgent]);
    expect(refused).toEqual([
      { name: 'Old one', remote_uuid: null, reason: expect.stringContaining('API trigger') as unknown },
    ]);
    expect(await read(`/organizations/telephony-configs/${String(accountId)}/remote-agents`)).toMatchObject({
      agents: [{ remote_uuid: dograhAgent }],
    });
  },
);

test('one that cannot be read there is named, and keeps no other one out', async () => {
  vendor.state.versions.set(5, [{ status: 'published' }]);
  vendor.state.agents.push({ id: 5, name: 'Survey', workflow_uuid: secondAgent });
  const { created, refused } = await importAll();
  expect(created.map(({ remote_uuid }) => remote_uuid)).toEqual([dograhAgent]);
  expect(refused).toEqual([
    {
      name: 'Survey',
      remote_uuid: secondAgent,
      reason: 'It could not be read there. Import again later.',
    },
  ]);
});

test('more than a hundred are imported by pages, also where the first page has none that can be imported', async () => {
  vendor.state.agents = Array.from({ length: 101 }, (_, at) => ({
    id: at + 1,
    name: `Gone ${String(at)}`,
    workflow_uuid: `gone-${String(at)}`,
  }));
  vendor.state.agents.unshift({ id: 500, name: 'Survey', workflow_uuid: secondAgent });
  vendor.state.versions.clear();
  vendor.state.versions.set(500, [version('published', 'Hi')]);
  const first = await importAll();
  expect(first).toMatchObject({ created: [], remaining: 2, next_after: 100 });
  expect(first.refused).toHaveLength(100);
  const second = (await post(accountId, 100).expect(200)).body as ImportedAgents;
  expect(second.created.map(({ remote_uuid }) => remote_uuid)).toEqual([secondAgent]);
  expect(second).toMatchObject({ refused: [{ name: 'Gone 100' }], remaining: 0, next_after: null });
});

test('a Dograh that refuses the key or cannot be reached is a 503 in words, and nothing is imported', async () => {
  vendor.state.isKeyValid = false;
  expect((await post().expect(503)).body).toMatchObject({ code: 'carrier_unreachable' });
  await vendor.close();
  await post().expect(503);
  expect(await read<object[]>('/workflow/fetch')).toEqual([]);
});

test('a carrier without agents of its own is a 501, an unknown account a 404', async () => {
  const { id } = await addConfiguration(server, account, { name: 'Sandbox' });
  await post(id).expect(501);
  await post(999).expect(404);
});

test('the audit trail says who made each agent', async () => {
  const [agent] = (await importAll()).created;
  const { entries } = await read<AuditPage>('/organizations/audit');
  expect(entries).toContainEqual(
    expect.objectContaining({ action: 'agent.created', subject_id: String(agent?.id) }),
  );
});
