/** `workflow_configurations`: how a call is answered, how long it rings and lasts, and whether it is recorded. */
import { agentConfigurations, type AgentConfigurations } from '@dograh-trigger/shared';
import { apiDocument } from '../../../trigger-server/src/app';
import { createAgent, publish } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { fetchAgent, fetchVersions, put } from './support';

interface Documented {
  examples: AgentConfigurations[];
  properties: Record<string, { description?: string }>;
}

let server: TestServer;
let account: Account;
let documented: Documented;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
  const document = apiDocument(server.services) as { components: { schemas: Record<string, Documented> } };
  documented = document.components.schemas.AgentConfigurations!;
});
afterAll(() => server.close());

async function save(configurations: unknown) {
  const agent = await createAgent(server, account);
  const reply = await put(server, account, String(agent.id), { workflow_configurations: configurations });
  return { agent, reply };
}

const stream = { answer: 'stream', stream_url: 'wss://voice.example.com/media' };

test('the OpenAPI document describes each setting, and has an example of each way to answer', () => {
  const described = Object.entries(documented.properties).filter(([, { description }]) => description);
  expect(described.map(([name]) => name).sort()).toEqual(Object.keys(agentConfigurations.shape).sort());
  expect(documented.examples.map(({ answer }) => answer)).toEqual([
    'announce',
    'stream',
    { mode: 'dograh', agent: expect.any(String) as unknown },
  ]);
});

test('the examples of the document can be saved as they stand, and are published with the draft', async () => {
  expect(documented.examples).toHaveLength(3);
  for (const example of documented.examples) {
    const { agent, reply } = await save(example);
    expect(reply.status).toBe(200);
    await publish(server, account, agent);
    expect((await fetchAgent(server, account, agent.id)).workflow_configurations).toEqual(example);
    expect((await fetchVersions(server, account, agent.id))[0]).toMatchObject({
      status: 'published',
      workflow_configurations: example,
    });
  }
});

test.each([
  {},
  { answer: 'announce' },
  stream,
  { ...stream, answer: 'announce' },
  ...[
    '6f1c3a52-8a52-4f4e-9d0e-2b8c7d1e5f90',
    'https://api.dograh.com/api/v1/public/agent/test/support-west',
  ].map((agent) => ({ answer: { mode: 'dograh', agent } })),
  { answer: { mode: 'dograh', agent: 'workflow/abc', environment: 'test', telephony_configuration_id: 55 } },
  { recording_enabled: false },
  { ring_timeout_seconds: 5, max_call_duration: 1200 },
  { something_of_an_editor: { kept: true } },
  // A setting of Dograh's.
  { max_user_idle_timeout: 10 },
])('200 %j', async (configurations) => {
  const { agent, reply } = await save(configurations);
  expect(reply.status).toBe(200);
  expect((await fetchAgent(server, account, agent.id)).workflow_configurations).toEqual(configurations);
});

test.each([
  [{ answer: 'whisper' }, 'answer'],
  [{ answer: true }, 'answer'],
  [{ answer: { mode: 'dograh' } }, 'answer'],
  [{ answer: { mode: 'elsewhere', agent: 'abc' } }, 'answer'],
  [{ answer: { mode: 'dograh', agent: 'abc', enviroment: 'test' } }, 'answer'],
  [{ answer: 'stream' }, 'stream_url'],
  [{ ...stream, stream_url: 'https://voice.example.com/media' }, 'stream_url'],
  [{ ...stream, stream_url: 'ws://voice.example.com/media' }, 'stream_url'],
  [{ ...stream, stream_url: 'voice.example.com' }, 'stream_url'],
  [{ ...stream, stream_url: 'wss://user:secret@voice.example.com/media' }, 'stream_url'],
  [{ ...stream, stream_url: 'wss://:secret@voice.example.com/media' }, 'stream_url'],
  [{ ...stream, stream_url: 'wss://user@voice.example.com/media' }, 'stream_url'],
  [{ ring_timeout_seconds: 4 }, 'ring_timeout_seconds'],
  [{ ring_timeout_seconds: 121 }, 'ring_timeout_seconds'],
  [{ max_call_duration: 0 }, 'max_call_duration'],
  [{ max_call_duration: 1201 }, 'max_call_duration'],
  [{ recording_enabled: 'yes' }, 'recording_enabled'],
  // Misspelt names: the intended setting would have no effect.
  [{ strict_variable: true }, 'strict_variable'],
  [{ ring_timout_seconds: 5 }, 'ring_timout_seconds'],
  [{ maxCallDuration: 60 }, 'maxCallDuration'],
])('422 %j, at %s, and nothing is saved', async (configurations, field) => {
  const { agent, reply } = await save(configurations);
  expect(reply.status).toBe(422);
  expect((reply.body as { detail: { loc: string[] }[] }).detail.map(({ loc }) => loc)).toEqual([
    ['body', 'workflow_configurations', field],
  ]);
  expect(await fetchVersions(server, account, agent.id)).toHaveLength(1);
});

test.each([
  [{ agent: 'not an agent' }, 'agent', /names no agent at Dograh/],
  [
    { agent: 'https://api.dograh.com/api/v1/public/agent/test/abc', environment: 'production' },
    'environment',
    /belongs to the other environment/,
  ],
])('422 an answer of Dograh with %j, in words at %s', async (answer, field, words) => {
  const { reply } = await save({ answer: { mode: 'dograh', ...answer } });
  expect(reply.status).toBe(422);
  const { detail } = reply.body as { detail: { loc: string[]; msg: string }[] };
  expect(detail).toHaveLength(1);
  expect(detail[0]?.loc).toEqual(['body', 'workflow_configurations', 'answer', field]);
  expect(detail[0]?.msg).toMatch(words);
});
