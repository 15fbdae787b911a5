/** Webhook nodes of the definition that a run is pinned to, as Dograh sends them. */
import { callMarker, type AgentDefinition, type AgentNode, type JsonObject } from '@dograh-trigger/shared';
import { feedCampaigns } from '../../../trigger-server/src/calls/campaigns/engine/worker';
import { createAgent, definitionWith, publish, readyToCall, saveDraft } from '../../support/agents';
import { startCall } from '../../support/calls';
import { createCampaign, order } from '../../support/campaigns';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import {
  completeCall,
  deliverDue,
  listDeliveries,
  readDelivery,
  receiversAllowed,
  startReceiver,
  type Receiver,
} from '../../support/webhooks';

let server: TestServer;
let receiver: Receiver;
let account: Account;

beforeAll(async () => {
  server = await startTestServer(receiversAllowed);
});
beforeEach(async () => {
  receiver = await startReceiver();
  ({ account } = await readyToCall(server));
});
afterEach(() => receiver.close());
afterAll(() => server.close());

function node(data: JsonObject, id = 'hook'): AgentNode {
  return { id, type: 'webhook', data: { name: 'Tell', endpoint_url: receiver.url, ...data } };
}

function definitionTelling(...nodes: AgentNode[]): AgentDefinition {
  const definition = definitionWith();
  return { ...definition, nodes: [...definition.nodes, ...nodes] };
}

/** Ends a call of an agent with these nodes, and sends its events. */
async function endCallWith(nodes: AgentNode[], context: object = {}): Promise<number> {
  const agent = await createAgent(server, account, definitionTelling(...nodes));
  const runId = await completeCall(server, account, agent, { initial_context: context });
  await deliverDue(server);
  return runId;
}

const bodies = () => receiver.requests.map(({ body }) => JSON.parse(body.toString()) as JsonObject);

test('the payload template is rendered with the run, and call_disposition is always there', async () => {
  const template = {
    id: '{{workflow_run_id}}',
    run: '{{workflow_run_name}}',
    agent: '{{workflow_name}} {{workflow_id | none}}',
    who: '{{initial_context.user.name}}',
    provider: '{{gathered_context.provider}}',
    seconds: '{{cost_info.call_duration_seconds}}',
    recording: '[{{recording_url}}]',
    'key {{campaign_id | none}}': ['{{call_time}}', 7, true, null],
  };
  const runId = await endCallWith([node({ payload_template: template })], { user: { name: 'Jane' } });
  const [payload] = bodies();
  expect(payload).toEqual({
    id: String(runId),
    run: expect.stringMatching(/^WR-API-\d{4}$/),
    agent: expect.stringMatching(/^Agent \d+$/),
    who: 'Jane',
    provider: 'sandbox',
    seconds: expect.stringMatching(/^\d+$/),
    recording: '[]',
    'key none': [expect.stringMatching(/^2026-\d\d-\d\dT/), 7, true, null],
    call_disposition: 'end_call_tool',
  });
});

test('the payload of a call of a campaign names the campaign', async () => {
  const told = node({ payload_template: { campaign: '{{campaign_id}}' } });
  const agent = await createAgent(server, account, definitionTelling(told));
  const campaign = await createCampaign(server, account, agent, ['+14155550100']);
  await order(server, account, campaign.id, 'start');
  for (let round = 0; round < 6; round += 1) {
    await feedCampaigns(server.services);
    await server.advance(1000);
  }
  await deliverDue(server);
  expect(bodies()).toMatchObject([{ campaign: String(campaign.id) }]);
});

test.each([
  ['no template', {}],
  ['null for a template', { payload_template: null }],
  ['a text for a template', { payload_template: '{{workflow_run_id}}' }],
])('%s sends the disposition alone', async (_name, data) => {
  await endCallWith([node(data)]);
  expect(bodies()).toEqual([{ call_disposition: 'end_call_tool' }]);
});

test('a call_disposition of the template is kept', async () => {
  await endCallWith([node({ payload_template: { call_disposition: 'mine' } })]);
  expect(bodies()).toEqual([{ call_disposition: 'mine' }]);
});

test('a whole context is sent whole, however long: it is parsed on the other side', async () => {
  const note = 'é"\\'.repeat(20_000);
  await endCallWith([node({ payload_template: { context: '{{initial_context}}' } })], { note });
  const context = JSON.parse(bodies()[0]?.context as string) as JsonObject;
  expect(context.note).toBe(note);
});

const markedTemplate = { context: '{{initial_context}}', mark: `[{{initial_context.${callMarker}}}]` };

test('the mark of the client is not among the variables of templates', async () => {
  await endCallWith([node({ payload_template: markedTemplate })], { [callMarker]: 'k-1', name: 'Jane' });
  const [payload] = bodies();
  expect(payload?.mark).toBe('[]');
  const context = JSON.parse(payload?.context as string) as JsonObject;
  expect(context).toMatchObject({ name: 'Jane' });
  expect(context).not.toHaveProperty(callMarker);
});

test.each([
  ['multiplies the context without end', 500, '{{initial_context}}', 'more than 1048576 characters'],
  ['has more places to fill in than 1,000', 1001, '{{name}}', 'more than 1000 places to fill in'],
])('a template that %s is given up at once, and says why', async (_name, count, place, reason) => {
  const template = Object.fromEntries(Array.from({ length: count }, (_, index) => [String(index), place]));
  await endCallWith([node({ payload_template: template })], { note: 'x'.repeat(10_000) });
  expect(receiver.requests).toHaveLength(0);
  const [delivery] = await listDeliveries(server, account);
  expect(delivery?.status).toBe('dead_letter');
  expect((await readDelivery(server, account, delivery!.id)).attempts).toMatchObject([
    { error: expect.stringMatching(`^The payload is too large.*${reason}`) },
  ]);
});

test('Dograh’s headers say which delivery of which run it is, and which attempt', async () => {
  receiver.status = 500;
  const runId = await endCallWith([node({})]);
  await server.advance(60_000);
  await deliverDue(server);
  const [first, second] = receiver.requests.map(({ headers }) => headers);
  expect(first).toMatchObject({
    'content-type': 'application/json',
    'x-dograh-workflow-run-id': String(runId),
    'x-dograh-delivery-attempt': '1',
  });
  expect(second).toMatchObject({
    'x-dograh-workflow-run-id': String(runId),
    'x-dograh-delivery-attempt': '2',
  });
  expect(second!['x-dograh-delivery-id']).toBe(first!['x-dograh-delivery-id']);
});

test.each([
  ['get', 'GET', ''],
  ['DELETE', 'DELETE', ''],
  ['PUT', 'PUT', '{"call_disposition":"end_call_tool"}'],
  ['PATCH', 'PATCH', '{"call_disposition":"end_call_tool"}'],
  ['BREW', 'POST', '{"call_disposition":"end_call_tool"}'],
])('the method %s is sent as %s', async (given, method, body) => {
  await endCallWith([node({ http_method: given })]);
  expect(receiver.requests.map((request) => [request.method, request.body.toString()])).toEqual([
    [method, body],
  ]);
});

test('custom headers are sent, except secrets, headers of the connection, and those that identify the sender', async () => {
  await endCallWith([
    node({
      custom_headers: [
        { key: 'X-Team', value: 'sales' },
        { key: 'X-Api-Key', value: 'leaked' },
        { key: 'X-Author', value: 'matches auth, as in Dograh' },
        { key: 'Transfer-Encoding', value: 'chunked' },
        { key: 'Host', value: 'other.example.com' },
        { key: 'Webhook-Id', value: 'forged' },
        { key: 'X-Dograh-Delivery-Id', value: 'forged' },
        { key: 'X-Split', value: 'a\r\nX-Injected: b' },
        { key: 'bad name', value: 'x' },
        'not an object',
      ],
    }),
  ]);
  const { headers } = receiver.requests[0]!;
  expect(headers['x-team']).toBe('sales');
  expect(headers.host).toBe(new URL(receiver.url).host);
  expect(headers['webhook-id']).not.toBe('forged');
  expect(headers['x-dograh-delivery-id']).toBe(headers['webhook-id']);
  for (const name of ['x-api-key', 'x-author', 'transfer-encoding', 'x-split', 'x-injected']) {
    expect(headers).not.toHaveProperty(name);
  }
});

test('each node gets its own delivery, except a disabled one and one without an address', async () => {
  await endCallWith([
    node({ payload_template: { node: 'a' } }, 'a'),
    node({ payload_template: { node: 'b' } }, 'b'),
    node({ enabled: false }, 'off'),
    node({ endpoint_url: '  ' }, 'blank'),
    node({ endpoint_url: 5 }, 'number'),
  ]);
  expect(
    bodies()
      .map((payload) => payload.node)
      .sort(),
  ).toEqual(['a', 'b']);
  const ids = (await listDeliveries(server, account)).map(({ source, source_id: id }) => [source, id]);
  expect(ids).toEqual([
    ['webhook_node', 'b'],
    ['webhook_node', 'a'],
  ]);
});

test.each([
  ['no address', 'call me'],
  ['a NUL and half a surrogate pair', 'http://a/\u0000\ud800'],
])('with an endpoint that is %s the call still ends, and the delivery says why', async (_name, url) => {
  await endCallWith([node({ endpoint_url: url }, 'bad\u0000id'), node({})]);
  expect(receiver.requests).toHaveLength(1);
  const [good, bad] = await listDeliveries(server, account);
  expect([good?.status, bad?.status]).toEqual(['succeeded', 'dead_letter']);
  expect((await readDelivery(server, account, bad!.id)).attempts).toMatchObject([
    { status_code: null, error: expect.stringContaining('The address is not valid') },
  ]);
});

test('a production run uses the nodes of the published definition, a test run those of the draft at its end', async () => {
  const agent = await createAgent(server, account, definitionTelling(node({ payload_template: { v: '1' } })));
  await saveDraft(server, account, agent, {
    workflow_definition: definitionTelling(node({ payload_template: { v: '2' } })),
  });
  await completeCall(server, account, agent);
  await server.request
    .post(`/api/v1/public/agent/test/workflow/${agent.uuid}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: '+14155550100' })
    .expect(200);
  await server.advance(5000);
  await saveDraft(server, account, agent, {
    workflow_definition: definitionTelling(node({ payload_template: { v: '3' } })),
  });
  await deliverDue(server);
  expect(
    bodies()
      .map(({ v }) => v)
      .sort(),
  ).toEqual(['1', '2']);
});

test('a version published during the call does not affect its events', async () => {
  const agent = await createAgent(server, account, definitionTelling(node({ payload_template: { v: '1' } })));
  await startCall(server, account, agent, { phone_number: '+14155550100' });
  await saveDraft(server, account, agent, {
    workflow_definition: definitionTelling(node({ payload_template: { v: '2' } })),
  });
  await publish(server, account, agent);
  await server.advance(5000);
  await deliverDue(server);
  expect(bodies().map(({ v }) => v)).toEqual(['1']);
});

test('they are sent with every extension off, as by plain Dograh', async () => {
  const plain = await startTestServer({ ...receiversAllowed, EXTENSIONS: '' });
  try {
    const definition = definitionTelling(node({ payload_template: { mark: markedTemplate.mark } }));
    const ready = await readyToCall(plain, definition);
    await completeCall(plain, ready.account, ready.agent, { initial_context: { [callMarker]: 'k-1' } });
    await deliverDue(plain);
    // Plain Dograh treats the mark of a client like any other value.
    expect(bodies()).toEqual([{ mark: '[k-1]', call_disposition: 'end_call_tool' }]);
  } finally {
    await plain.close();
  }
});
