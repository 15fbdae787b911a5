/** Tools and the pre-call fetch in a whole call through the sandbox. */
import { callMarker, type AgentDefinition, type JsonObject, type Tool } from '@dograh-trigger/shared';
import { createAgent, createSandbox, type TestAgent } from '../../../support/agents';
import { readRun, startCall } from '../../../support/calls';
import { entryPath } from '../../../support/do-not-call';
import { replyJson, startLocalServer, type LocalServer } from '../../../support/local-server';
import { budgetAgent, called, playedModel, type Played } from '../../../support/talks';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';
import { receiversAllowed } from '../../../support/webhooks';

let server: TestServer;
let account: Account;
let endpoint: LocalServer;
/** What the endpoint answers. */
let answer: { status: number; value: unknown };

beforeEach(async () => {
  answer = { status: 200, value: {} };
  endpoint = await startLocalServer((_request, response) => {
    replyJson(response, answer.status, answer.value);
  });
  server = await startTestServer(receiversAllowed);
  account = await server.signUp();
  await createSandbox(server, account);
});
afterEach(async () => {
  await server.close();
  await endpoint.close();
});

function play(...replies: Played[]) {
  const model = playedModel(...replies);
  const chosen = { model, provider: 'played', name: 'p', processor: 'PlayedLLM#0', isScripted: false };
  Object.assign(server.services, { languageModel: () => Promise.resolve(chosen) });
  return model;
}

async function makeTool(name: string, definition: object): Promise<string> {
  const reply = await server.request
    .post('/api/v1/tools/')
    .set('X-API-Key', account.apiKey)
    .send({ name, definition })
    .expect(200);
  return (reply.body as Tool).tool_uuid;
}

/** The agent of the golden vectors, with these fields at its Start node and these tools at its second step. */
function makeAgent(
  startData: JsonObject,
  tool_uuids: string[] = [],
  step: JsonObject = { extraction_enabled: false },
): Promise<TestAgent> {
  const definition: AgentDefinition = {
    nodes: [
      ...budgetAgent.nodes.map((node) => ({
        ...node,
        data: {
          ...node.data,
          ...(node.id === '1' ? startData : {}),
          ...(node.id === '2' ? { tool_uuids, ...step } : {}),
        },
      })),
      { id: 't', type: 'trigger', position: { x: 0, y: 0 }, data: { name: 'API Trigger', enabled: true } },
    ],
    edges: budgetAgent.edges,
  };
  return createAgent(server, account, definition, { answer: 'converse' });
}

async function call(agent: TestAgent, sandbox_says: string[] = []) {
  const runId = await startCall(server, account, agent, {
    phone_number: '+14155550100',
    initial_context: { user: { name: 'Ada' }, sandbox_says },
  });
  // What is asked of the endpoint answers by real time, between the steps of the sandbox.
  for (let step = 0; step < 40; step += 1) await server.advance(300);
  return readRun(server, account, runId);
}

const config = (more: object = {}) => ({ method: 'POST', url: endpoint.url, ...more });

test('a call asks an address in its middle, and the model is shown the answer', async () => {
  answer.value = { plan: 'gold' };
  const uuid = await makeTool('Look up Plan', {
    type: 'http_api',
    config: config({
      preset_parameters: [{ name: 'to', type: 'string', value_template: '{{called_number}}' }],
    }),
  });
  const model = play(called('right_person_'), { text: 'What is your budget?' }, called('look_up_plan'), {
    text: 'You have gold.',
  });
  const run = await call(await makeAgent({}, [uuid]), ['Yes.', 'Which plan do I have?']);
  expect(endpoint.requests.map(({ body }) => JSON.parse(body.toString()) as unknown)).toEqual([
    { to: '+14155550100' },
  ]);
  expect(endpoint.requests[0]!.headers['idempotency-key']).toContain(String(run.id));
  expect(model.requests[3]!.messages.at(-1)).toMatchObject({
    role: 'tool',
    content: '{"status":"success","status_code":200,"data":{"plan":"gold"}}',
  });
});

test('a tool of a later step is given what an earlier step has found out', async () => {
  const uuid = await makeTool('Look up Plan', {
    type: 'http_api',
    config: config({
      preset_parameters: [{ name: 'who', type: 'string', value_template: '{{gathered_context.who}}' }],
    }),
  });
  play(
    called('right_person_'),
    { text: 'What is your budget?' },
    { text: '{"who": "Grace"}' },
    called('look_up_plan'),
    { text: 'You have gold.' },
  );
  const who = {
    extraction_enabled: true,
    extraction_variables: [{ name: 'who', type: 'string' }],
  };
  await call(await makeAgent(who, [uuid]), ['Yes, Grace speaking.', 'Which plan do I have?']);
  expect(endpoint.requests.map(({ body }) => JSON.parse(body.toString()) as unknown)).toEqual([
    { who: 'Grace' },
  ]);
});

test('the tools that a step names often leave room for another one', async () => {
  const often = await makeTool('Often', { type: 'end_call', config: {} });
  const once = await makeTool('Once', { type: 'end_call', config: {} });
  const uuids = [...Array.from({ length: 200 }, () => often), once];
  const model = play(called('right_person_'), { text: 'What is your budget?' });
  await call(await makeAgent({}, uuids), ['Yes.']);
  const names = model.requests[1]!.functions.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['often', 'once']));
});

test('an end with the reason do_not_call adds the number to the do-not-call list, with its entry in the trail', async () => {
  const uuid = await makeTool('Hang up', { type: 'end_call', config: { endCallReason: true } });
  play(called('right_person_'), { text: 'May I ask?' }, called('hang_up', { reason: 'do_not_call' }));
  const run = await call(await makeAgent({}, [uuid]), ['Yes.', 'Never call me again.']);
  expect(run.gathered_context).toMatchObject({ call_disposition: 'do_not_call' });
  const entry = await server.request
    .get(entryPath('+14155550100'))
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect(entry.body).toMatchObject({ number: '+14155550100', source: 'agent', until: null });
  const trail = await server.request
    .get('/api/v1/organizations/audit?limit=1')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect(trail.body).toMatchObject({ entries: [{ action: 'do_not_call.added', key: null, user: null }] });
});

test('it is added also where a variable is the disposition, and however the model writes the reason', async () => {
  const uuid = await makeTool('Hang up', { type: 'end_call', config: { endCallReason: true } });
  const agent = await makeAgent({}, [uuid], {
    extraction_enabled: true,
    extraction_variables: [{ name: 'call_disposition', type: 'string' }],
  });
  play(called('right_person_'), { text: 'May I ask?' }, called('hang_up', { reason: 'Do not call' }), {
    text: '{"call_disposition": "not_interested"}',
  });
  const run = await call(agent, ['Yes.', 'Never call me again.']);
  expect(run.gathered_context).toMatchObject({
    call_disposition: 'do_not_call',
    extracted_variables: { call_disposition: 'not_interested' },
  });
  await server.request.get(entryPath('+14155550100')).set('X-API-Key', account.apiKey).expect(200);
});

test('a transfer that is asked for again and again leaves no call open', async () => {
  const uuid = await makeTool('To a human', {
    type: 'transfer_call',
    config: { destination: '+14155550111', messageType: 'custom', customMessage: 'I connect you.' },
  });
  play(
    called('right_person_'),
    { text: 'May I ask?' },
    ...Array.from({ length: 5 }, () => called('to_a_human')),
    { text: 'Goodbye.' },
  );
  const run = await call(await makeAgent({}, [uuid]), ['Yes.', 'A human, please.', 'Bye.']);
  expect(run).toMatchObject({ status: 'completed', gathered_context: { call_disposition: 'user_hangup' } });
  expect(JSON.stringify(run.logs)).not.toContain('I connect you.');
});

test('an end with another reason does not', async () => {
  const uuid = await makeTool('Hang up', { type: 'end_call', config: { endCallReason: true } });
  play(called('right_person_'), { text: 'May I ask?' }, called('hang_up', { reason: 'not_interested' }));
  await call(await makeAgent({}, [uuid]), ['Yes.', 'Bye.']);
  await server.request.get(entryPath('+14155550100')).set('X-API-Key', account.apiKey).expect(404);
});

describe('the pre-call fetch', () => {
  const fetching = (more: JsonObject = {}): JsonObject => ({
    pre_call_fetch_mode: 'outbound',
    pre_call_fetch_url: `${endpoint.url}/before`,
    ...more,
  });

  test('its values are in the greeting and in the run, over those of the caller, without reserved names', async () => {
    play();
    const ours = ['provider', 'workflow_uuid', 'api_key_id', 'phone_number', 'called_number', callMarker];
    answer.value = {
      call_inbound: {
        initial_context: {
          user: { name: 'Grace' },
          tier: 'gold',
          ...Object.fromEntries(ours.map((name) => [name, 'evil'])),
        },
      },
    };
    const agent = await makeAgent(fetching());
    const run = await call(agent);
    const [request] = endpoint.requests;
    expect(JSON.parse(request!.body.toString())).toEqual({
      event: 'call_inbound',
      call_inbound: {
        agent_id: agent.id,
        from_number: run.initial_context?.caller_number ?? '',
        to_number: '+14155550100',
      },
    });
    expect(endpoint.requests).toHaveLength(1);
    expect(run.initial_context).toMatchObject({ user: { name: 'Grace' }, tier: 'gold' });
    expect(JSON.stringify(run.initial_context)).not.toContain('evil');
    expect(JSON.stringify(run.logs)).toContain('Hi Grace, this is Mia.');
  });

  test('its credential is sent', async () => {
    play();
    const stored = await server.request
      .post('/api/v1/credentials/')
      .set('X-API-Key', account.apiKey)
      .send({ name: 'CRM', credential_type: 'bearer_token', credential_data: { token: 's3cret' } })
      .expect(200);
    const { uuid } = stored.body as { uuid: string };
    await call(await makeAgent(fetching({ pre_call_fetch_credential_uuid: uuid })));
    expect(endpoint.requests[0]!.headers.authorization).toBe('Bearer s3cret');
  });

  test.each<[string, number, unknown]>([
    ['an error', 500, { initial_context: { user: { name: 'Grace' } } }],
    ['a list', 200, [1]],
    ['an object without values', 200, { hello: 'there' }],
  ])(
    'after %s the call goes on without it, and the log says so without a value',
    async (_, status, value) => {
      play();
      answer = { status, value };
      const run = await call(await makeAgent(fetching()));
      expect(JSON.stringify(run.logs)).toContain('Hi Ada, this is Mia.');
      const lines = server.logLines.filter((line) => line.includes('goes on without the values'));
      expect(lines).toHaveLength(1);
      expect(lines.join()).not.toMatch(/Grace|Ada|4155550|127\.0\.0\.1/);
    },
  );

  test.each(['disabled', 'inbound'])('the mode %s asks nothing for an outbound call', async (mode) => {
    play();
    await call(await makeAgent(fetching({ pre_call_fetch_mode: mode })));
    expect(endpoint.requests).toEqual([]);
  });
});
