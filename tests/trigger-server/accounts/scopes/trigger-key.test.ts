/** What a key with the scope `trigger` may do and see, with the client that n8n and Zapier use. */
import { isTriggerError, TriggerClient } from '@dograh-trigger/shared';
import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import { createApiKey } from '../../../../trigger-server/src/accounts/api-keys';
import { createAgent, definitionWith, readyToCall, type TestAgent } from '../../../support/agents';
import { startCall } from '../../../support/calls';
import { addPhoneNumber } from '../../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';
import { deliverDue, receiversAllowed, startReceiver, type Receiver } from '../../../support/webhooks';

const phoneNumber = '+14155550100';

let server: TestServer;
let receiver: Receiver;
let account: Account;
let agent: TestAgent;
let key: string;
let client: TriggerClient;
beforeAll(async () => {
  server = await startTestServer({ ...receiversAllowed, DEFAULT_ORG_CONCURRENCY_LIMIT: '100' });
  receiver = await startReceiver();
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});
beforeEach(async () => {
  ({ account, agent } = await readyToCall(server));
  key = await triggerKey();
  client = clientWith(key);
});

async function triggerKey(agentIds?: number[]): Promise<string> {
  const { organizationId, userId } = account;
  const created = await server.storage.write((session) =>
    createApiKey(server.services, session, {
      organizationId,
      userId,
      name: 'trigger key',
      scope: 'trigger',
      agentIds: agentIds ?? null,
    }),
  );
  return created.key;
}

function clientWith(apiKey: string): TriggerClient {
  return new TriggerClient(axiosTransport({ apiKey }), { baseUrl: server.baseUrl, sleep });
}

async function place(by: TriggerClient, target = agent): Promise<number> {
  const { runId } = await by.triggerCall({
    target: { agentUuid: target.uuid },
    environment: 'production',
    phoneNumber,
  });
  return runId;
}

const codeOf = (failed: Promise<unknown>) =>
  failed.then(
    () => 'it did not fail',
    (error: unknown) => {
      if (!isTriggerError(error)) throw error;
      return error.problemCode ?? error.code;
    },
  );

test('it fills the forms: who it is, the agents with their variables, the carrier accounts and numbers', async () => {
  const [{ id: configurationId } = { id: 0 }] = await client.listTelephonyConfigurations();
  await addPhoneNumber(server, account, configurationId, { address: '+14155550123' });
  expect(await client.whoAmI()).toMatchObject({ userId: account.userId });
  expect(await client.listAgents()).toMatchObject([{ id: agent.id }]);
  expect(await client.getAgent(agent.id)).toMatchObject({
    productionTriggerUuid: agent.triggerPath,
    testTriggerUuid: agent.triggerPath,
    variables: [{ name: 'user.name' }],
  });
  expect(await client.listPhoneNumbers(configurationId)).toHaveLength(1);
});

test('it places calls, reads and lists them, and cancels them', async () => {
  const runId = await place(client);
  expect(await client.getRun(runId)).toMatchObject({ id: runId, status: 'initiated' });
  expect((await client.listCalls()).runs.map(({ id }) => id)).toEqual([runId]);
  expect(await client.cancelRun(runId)).toBe(true);
});

test('it neither sees nor cancels the call of another key, and does not get its files', async () => {
  const other = await startCall(server, account, agent, { phone_number: phoneNumber });
  expect(await codeOf(client.getRun(other))).toBe('not_found');
  const reply = await server.request
    .post(`/api/v1/workflow/0/runs/${String(other)}/cancel`)
    .set('X-API-Key', key)
    .expect(404);
  expect(reply.body).toMatchObject({ detail: 'Workflow run not found' });
  expect((await client.listCalls()).runs).toEqual([]);
});

test('of an agent it sees what is spoken and the trigger, and nothing that may be secret', async () => {
  const definition = definitionWith();
  const [start] = definition.nodes;
  if (start) start.data.pre_call_fetch_url = 'https://example.com/?token=SECRET';
  definition.nodes.push({
    id: 'hook',
    type: 'webhook',
    position: { x: 0, y: 0 },
    data: {
      name: 'CRM',
      endpoint_url: 'https://example.com/',
      custom_headers: [{ key: 'X', value: 'SECRET' }],
    },
  });
  const { id } = await createAgent(server, account, definition, { max_call_duration: 60 });
  for (const path of [`fetch/${String(id)}`, `${String(id)}/versions`]) {
    const read = (apiKey: string) =>
      server.request.get(`/api/v1/workflow/${path}`).set('X-API-Key', apiKey).expect(200);
    expect((await read(account.apiKey)).text).toContain('SECRET');
    const { text } = await read(key);
    expect(text).not.toContain('SECRET');
    expect(text).not.toContain('max_call_duration');
    expect(text).toContain('Hello {{user.name | there}}');
  }
});

describe('limited to an agent', () => {
  let other: TestAgent;
  beforeEach(async () => {
    other = await createAgent(server, account);
    key = await triggerKey([agent.id]);
    client = clientWith(key);
  });

  test('it sees and calls this agent alone', async () => {
    expect((await client.listAgents()).map(({ id }) => id)).toEqual([agent.id]);
    expect(await codeOf(client.getAgent(other.id))).toBe('not_found');
    await place(client);
    expect(await codeOf(place(client, other))).toBe('agent_not_allowed');
    await server.request
      .get(`/api/v1/workflow/${String(other.id)}/versions`)
      .set('X-API-Key', key)
      .expect(404);
  });

  test.each(['public/agent', 'public/agent/test'])(
    'POST /%s/{uuid} of another agent is 403 in words',
    async (route) => {
      const reply = await server.request
        .post(`/api/v1/${route}/${other.triggerPath}`)
        .set('X-API-Key', key)
        .send({ phone_number: phoneNumber })
        .expect(403);
      expect(reply.body).toMatchObject({
        detail:
          'This API key is limited to other agents, so nobody was called. Use a key that may call this agent.',
      });
    },
  );

  test('a repeat of the call of another key to another agent is refused, too', async () => {
    const repeat = (apiKey: string) =>
      server.request
        .post(`/api/v1/public/agent/${other.triggerPath}`)
        .set({ 'X-API-Key': apiKey, 'Idempotency-Key': 'one' })
        .send({ phone_number: phoneNumber });
    await repeat(account.apiKey).expect(200);
    await repeat(key).expect(403);
  });

  test('it cannot subscribe to the calls of another agent', async () => {
    const targetUrl = receiver.url;
    expect(await codeOf(client.subscribeToCalls({ targetUrl, agentUuid: other.uuid }))).toBe('not_found');
  });
});

describe('subscriptions', () => {
  const subscribe = (by: TriggerClient) => by.subscribeToCalls({ targetUrl: receiver.url });
  const hooksOf = async (apiKey: string) => {
    const reply = await server.request.get('/api/v1/hooks').set('X-API-Key', apiKey).expect(200);
    return (reply.body as { id: number }[]).map(({ id }) => id);
  };

  test('it gets the events of its own calls alone', async () => {
    receiver.requests.length = 0;
    await subscribe(client);
    const own = await place(client);
    await startCall(server, account, agent, { phone_number: phoneNumber });
    await server.advance(10_000);
    await deliverDue(server);
    expect(
      receiver.requests.map(({ body }) => (JSON.parse(body.toString()) as { data: { id: number } }).data.id),
    ).toEqual([own]);
  });

  test('it lists, tests and ends only its own subscriptions', async () => {
    const { id: foreign } = await subscribe(clientWith(account.apiKey));
    const { id } = await subscribe(client);
    expect(id).not.toBe(foreign);
    expect(await hooksOf(key)).toEqual([id]);
    expect(await hooksOf(account.apiKey)).toEqual([foreign, id]);
    expect(await codeOf(client.unsubscribeFromCalls(foreign))).toBe('it did not fail');
    expect(await hooksOf(account.apiKey)).toEqual([foreign, id]);
    const test = (hook: number) =>
      server.request.post(`/api/v1/hooks/${String(hook)}/test`).set('X-API-Key', key);
    await test(foreign).expect(404);
    await test(id).expect(200);
    await client.unsubscribeFromCalls(id);
    expect(await hooksOf(account.apiKey)).toEqual([foreign]);
  });

  test('its events are signed with a secret of its own, and never with that of the organization', async () => {
    const { secret: ofOrganization } = await subscribe(clientWith(account.apiKey));
    const { secret } = await subscribe(client);
    expect(secret).toMatch(/^whsec_/);
    expect(secret).not.toBe(ofOrganization);
    expect(await client.readWebhookSecret()).toBe(secret);
    expect(await clientWith(await triggerKey()).readWebhookSecret()).not.toBe(secret);
  });
});
