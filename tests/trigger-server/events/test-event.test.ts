/** `POST /hooks/{hook_id}/test`: does this receiver take events? */
import {
  callArtifactsReadyEvent,
  callCompletedEvent,
  verifyWebhook,
  type CallCompletedEvent,
  type CreatedHook,
  type HookTest,
} from '@dograh-trigger/shared';
import { readyToCall, type TestAgent } from '../../support/agents';
import { readRun } from '../../support/calls';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import {
  completeCall,
  deliverDue,
  listDeliveries,
  receiversAllowed,
  startReceiver,
  type Receiver,
} from '../../support/webhooks';

let server: TestServer;
let receiver: Receiver;
let account: Account;
let agent: TestAgent;

beforeAll(async () => {
  server = await startTestServer(receiversAllowed);
});
beforeEach(async () => {
  receiver = await startReceiver();
  ({ account, agent } = await readyToCall(server));
});
afterEach(() => receiver.close());
afterAll(() => server.close());

async function subscribe(event: string | string[] = 'call.completed'): Promise<CreatedHook> {
  const reply = await server.request
    .post('/api/v1/hooks')
    .set('X-API-Key', account.apiKey)
    .send({ target_url: `${receiver.url}/x`, event })
    .expect(200);
  return reply.body as CreatedHook;
}

function post(hookId: number, by = account) {
  return server.request.post(`/api/v1/hooks/${String(hookId)}/test`).set('X-API-Key', by.apiKey);
}

async function tryOut(hookId: number): Promise<HookTest> {
  return (await post(hookId).expect(200)).body as HookTest;
}

const sentEvent = () => JSON.parse(receiver.requests.at(-1)!.body.toString()) as CallCompletedEvent;

test('the receiver gets one signed event, and the reply says what it answered', async () => {
  const { id, secret } = await subscribe();
  const result = await tryOut(id);
  const now = server.clock.now();
  expect(receiver.requests).toHaveLength(1);
  const { method, url, headers, body } = receiver.requests[0]!;
  expect([method, url]).toEqual(['POST', '/x']);
  expect(verifyWebhook(secret, { headers, body, now })).toEqual({ ok: true });
  expect(result).toEqual({
    id: headers['webhook-id'],
    event: 'call.completed',
    started_at: now.toISOString(),
    duration_milliseconds: 0,
    status_code: 200,
    error: null,
    response: 'thank you',
  });
});

test('it is marked as a test, about no run that exists, and names no number of a person', async () => {
  const { id } = await subscribe();
  await tryOut(id);
  const event = sentEvent();
  expect(event).toMatchObject({
    type: 'call.completed',
    test: true,
    data: { id: 0, name: 'Test event: nobody was called', mode: 'sandbox' },
  });
  expect(receiver.requests[0]!.headers['x-dograh-workflow-run-id']).toBe('0');
  const numbers = JSON.stringify(event).match(/\+\d{5,}/g);
  expect(new Set(numbers)).toEqual(new Set(['+14155550100']));
  const runs = await server.request
    .get('/api/v1/organizations/usage/runs')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect(runs.body).toMatchObject({ total_count: 0 });
});

test('a test event has the same fields as a real event', async () => {
  const { id } = await subscribe();
  await tryOut(id);
  const example = sentEvent();
  expect(callCompletedEvent.safeParse(example).success).toBe(true);
  const real = await readRun(server, account, await completeCall(server, account, agent));
  expect(Object.keys(example.data).sort()).toEqual(Object.keys(real).sort());
  expect(Object.keys(example.data.gathered_context ?? {})).toEqual(
    expect.arrayContaining(['call_disposition', 'call_tags', 'provider', 'call_id']),
  );
  expect(Object.keys(example.data.initial_context ?? {})).toEqual(
    expect.arrayContaining(['phone_number', 'called_number', 'direction', 'provider']),
  );
});

test.each([
  [['call.artifacts_ready'], 'call.artifacts_ready'],
  [['call.artifacts_ready', 'call.completed'], 'call.completed'],
])('a subscription to %j is tried with %s', async (asked, type) => {
  const { id } = await subscribe(asked);
  expect((await tryOut(id)).event).toBe(type);
  expect(sentEvent()).toMatchObject({ type, test: true, data: { artifacts_ready: true } });
  const schema = type === 'call.completed' ? callCompletedEvent : callArtifactsReadyEvent;
  expect(schema.safeParse(sentEvent()).success).toBe(true);
});

test.each([
  [500, 'The receiver answered 500'],
  [302, 'The receiver answered 302; redirects are not followed'],
  [410, 'The receiver answered 410: it does not want this any more'],
])(
  'a receiver that answers %d is told of in the reply; it is asked once, and stays subscribed',
  async (status, error) => {
    const { id } = await subscribe();
    receiver.status = status;
    expect(await tryOut(id)).toMatchObject({ status_code: status, error, response: 'thank you' });
    await server.advance(24 * 3_600_000);
    await deliverDue(server);
    expect(receiver.requests).toHaveLength(1);
    expect(await listDeliveries(server, account)).toEqual([]);
    receiver.status = 200;
    expect((await tryOut(id)).error).toBeNull();
  },
);

test('the reply says when a receiver is down or never answers', async () => {
  const { id } = await subscribe();
  receiver.status = null;
  const arrived = receiver.next();
  const asked = tryOut(id);
  await arrived;
  await server.stopWaitingForReplies();
  expect(await asked).toMatchObject({
    status_code: null,
    error: 'The receiver did not answer in time, or broke the connection off',
  });
  await receiver.close();
  await server.advance(5000);
  expect(await tryOut(id)).toMatchObject({
    status_code: null,
    error: 'No connection to the receiver could be made (ECONNREFUSED)',
  });
});

test('an organization can send one test in 5 seconds, also with new subscriptions; others are not affected', async () => {
  const first = await subscribe();
  await tryOut(first.id);
  const again = await subscribe('call.artifacts_ready');
  await server.request
    .delete(`/api/v1/hooks/${String(first.id)}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  await server.advance(4999);
  const refused = await post(again.id).expect(429);
  expect(refused.headers['retry-after']).toBe('5');
  expect(refused.body).toMatchObject({ code: 'busy' });
  expect(receiver.requests).toHaveLength(1);
  await server.advance(1);
  await tryOut(again.id);
  expect(receiver.requests).toHaveLength(2);

  ({ account } = await readyToCall(server));
  await tryOut((await subscribe()).id);
  expect(receiver.requests).toHaveLength(3);
});

test('of many tests at once, one is sent', async () => {
  const { id } = await subscribe();
  const replies = await Promise.all(Array.from({ length: 8 }, () => post(id)));
  expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(429)]);
  expect(receiver.requests).toHaveLength(1);
});

test('a subscription of another organization, or none, is not found', async () => {
  const { id } = await subscribe();
  const stranger = await server.signUp();
  for (const missing of [post(id, stranger), post(999_999)]) {
    expect((await missing.expect(404)).body).toMatchObject({ detail: 'Hook not found' });
  }
  expect(receiver.requests).toHaveLength(0);
  // A request answered with 404 does not count as a test.
  await tryOut(id);
});

test('the log of a test holds neither the address nor the secret', async () => {
  const { id, secret } = await subscribe();
  const from = server.logLines.length;
  await tryOut(id);
  const logged = server.logLines.slice(from).join('\n');
  expect(logged).toContain('a test event was sent');
  expect(logged).not.toContain(receiver.url);
  expect(logged).not.toContain(secret);
});

test('a subscription from when its private address was allowed gets no test event', async () => {
  const strict = await startTestServer();
  try {
    const owner = await strict.signUp();
    const { rows } = await strict.services.storage.write((session) =>
      session.run(
        session.builder
          .insertInto('hooks')
          .values({
            organization_id: owner.organizationId,
            events: '["call.completed"]',
            target_url: receiver.url,
            created_at: strict.clock.now().toISOString(),
          })
          .returning('id')
          .compile(),
      ),
    );
    const reply = await strict.request
      .post(`/api/v1/hooks/${String(rows[0]?.id)}/test`)
      .set('X-API-Key', owner.apiKey)
      .expect(200);
    expect(reply.body).toMatchObject({
      status_code: null,
      error:
        'The address leads into a private network, and the operator has not allowed that (ALLOWED_PRIVATE_TARGETS)',
    });
    expect(receiver.requests).toHaveLength(0);
  } finally {
    await strict.close();
  }
});
