/** Subscriptions: every end of a call is sent to every matching subscription. */
import type { AuditPage, CallCompletedEvent, CreatedHook, Hook } from '@dograh-trigger/shared';
import { endAsLost, applyReports } from '../../../trigger-server/src/calls/run-course';
import { ended } from '../../../trigger-server/src/carriers/port/report';
import { findRun } from '../../../trigger-server/src/runs/runs';
import { createAgent, publish, readyToCall, saveDraft, type TestAgent } from '../../support/agents';
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

function post(body: object, by = account) {
  return server.request.post('/api/v1/hooks').set('X-API-Key', by.apiKey).send(body);
}

async function subscribe(path: string, extras: object = {}): Promise<CreatedHook> {
  const body = { target_url: `${receiver.url}${path}`, event: 'call.completed', ...extras };
  return (await post(body).expect(200)).body as CreatedHook;
}

function remove(id: number, by = account) {
  return server.request.delete(`/api/v1/hooks/${String(id)}`).set('X-API-Key', by.apiKey);
}

async function list(by = account): Promise<Hook[]> {
  return (await server.request.get('/api/v1/hooks').set('X-API-Key', by.apiKey).expect(200)).body as Hook[];
}

const paths = () => receiver.requests.map(({ url }) => url).sort();

test('a subscription shows its secret once, and is listed without it', async () => {
  const created = await subscribe('/a');
  expect(created).toEqual({
    id: created.id,
    target_url: `${receiver.url}/a`,
    events: ['call.completed'],
    workflow_uuid: null,
    created_at: server.clock.now().toISOString(),
    secret: created.secret,
  });
  const secret = await server.request
    .get('/api/v1/organizations/webhook-secret')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect(secret.body).toEqual({ secret: created.secret, previous_secret_expires_at: null });
  const { secret: _shownOnce, ...listed } = created;
  expect(await list()).toEqual([listed]);
});

test('the end of a call goes to every subscription of its organization and agent', async () => {
  const other = await createAgent(server, account);
  await subscribe('/all');
  await subscribe('/mine', { workflow_uuid: agent.uuid });
  await subscribe('/other', { workflow_uuid: other.uuid });
  const stranger = await server.signUp();
  await post({ target_url: `${receiver.url}/stranger`, event: 'call.completed' }, stranger).expect(200);
  const runId = await completeCall(server, account, agent);
  await deliverDue(server);
  expect(paths()).toEqual(['/all', '/mine']);
  for (const { body } of receiver.requests) {
    expect((JSON.parse(body.toString()) as CallCompletedEvent).data.id).toBe(runId);
  }
  const ids = receiver.requests.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids).size).toBe(2);
});

test('reports after the end, and the watchdog, send no second event', async () => {
  await subscribe('/all', { event: ['call.completed', 'call.artifacts_ready'] });
  const runId = await completeCall(server, account, agent, { callback_url: `${receiver.url}/callback` });
  const deliveries = await listDeliveries(server, account);
  expect(deliveries).toHaveLength(3);
  await server.services.storage.write(async (session) => {
    for (const standing of [ended('talk_ended'), ended('no_answer'), { status: 'answered' } as const]) {
      await applyReports(server.services, session, { runId, attempt: 1 }, [
        { ...standing, rawStatus: 'late' },
      ]);
    }
    const leaseEnd = (await findRun(session, runId))?.deadline_at ?? '';
    await endAsLost(server.services, session, { runId, leaseEnd, reason: 'No report came.', lostAt: null });
  });
  expect(await listDeliveries(server, account)).toEqual(deliveries);
});

test('an identical subscription returns the existing one, so no event is doubled', async () => {
  const first = await subscribe('/same');
  expect(await subscribe('/same')).toEqual(first);
  expect((await subscribe('/same', { workflow_uuid: agent.uuid })).id).not.toBe(first.id);
  expect(await list()).toHaveLength(2);
});

test('types are one or a list: the order and a repeat in it change nothing, another list is another subscription', async () => {
  const completed = await subscribe('/a', { event: ['call.completed'] });
  expect(await subscribe('/a', { event: 'call.completed' })).toEqual(completed);
  const both = await subscribe('/a', { event: ['call.artifacts_ready', 'call.completed'] });
  expect(both.id).not.toBe(completed.id);
  expect(both.events).toEqual(['call.completed', 'call.artifacts_ready']);
  const again = ['call.completed', 'call.artifacts_ready', 'call.completed'];
  expect(await subscribe('/a', { event: again })).toEqual(both);
  expect((await list()).map(({ events }) => events)).toEqual([completed.events, both.events]);
});

test('after unsubscribing no event is sent, not even a pending one', async () => {
  const { id } = await subscribe('/a');
  await completeCall(server, account, agent);
  expect((await remove(id).expect(200)).body).toEqual({ success: true, message: 'Hook deleted' });
  await completeCall(server, account, agent);
  await deliverDue(server);
  expect(receiver.requests).toHaveLength(0);
  expect(await list()).toEqual([]);
  expect((await listDeliveries(server, account)).map(({ status }) => status)).toEqual(['canceled']);
  expect((await remove(id).expect(404)).body).toMatchObject({ detail: 'Hook not found' });
});

test('a receiver that answers 410 is unsubscribed, and what else was owed to it is not sent', async () => {
  const recorded = await createAgent(server, account);
  await saveDraft(server, account, recorded, { workflow_configurations: { recording_enabled: true } });
  await publish(server, account, recorded);
  const { id } = await subscribe('/gone');
  // The event of the recorded call waits for the recording, while the event of the other call is sent.
  await completeCall(server, account, recorded);
  await completeCall(server, account, agent);
  receiver.status = 410;
  await deliverDue(server);
  expect(await list()).toEqual([]);
  await completeCall(server, account, agent);
  await server.advance(24 * 3_600_000);
  await deliverDue(server);
  expect(receiver.requests).toHaveLength(1);
  expect((await listDeliveries(server, account)).map(({ status }) => status)).toEqual([
    'dead_letter',
    'canceled',
  ]);
  const trail = await server.request
    .get('/api/v1/organizations/audit?action=hook.refused')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect((trail.body as AuditPage).entries).toMatchObject([
    { subject_id: String(id), user: null, key: null, command: null },
  ]);
});

test('an attempt under way when its subscription ends stays canceled, whatever its outcome', async () => {
  const { id } = await subscribe('/slow');
  await completeCall(server, account, agent);
  receiver.status = null;
  const begun = receiver.next();
  const delivered = deliverDue(server);
  await begun;
  await remove(id).expect(200);
  await receiver.close();
  await delivered;
  await server.advance(24 * 3_600_000);
  await deliverDue(server);
  expect(
    (await listDeliveries(server, account)).map(({ status, attempt_count: count }) => [status, count]),
  ).toEqual([['canceled', 1]]);
});

test.each([
  ['no address', { event: 'call.completed' }, 'target_url'],
  ['a relative address', { target_url: '/x', event: 'call.completed' }, 'target_url'],
  ['a file', { target_url: 'file:///etc/passwd', event: 'call.completed' }, 'target_url'],
  ['no event', { target_url: 'https://example.com' }, 'event'],
  ['an unknown event', { target_url: 'https://example.com', event: 'call.started' }, 'event'],
  [
    'an unknown event in a list',
    { target_url: 'https://example.com', event: ['call.completed', 'call.started'] },
    'event',
  ],
  ['an empty list of events', { target_url: 'https://example.com', event: [] }, 'event'],
])('%s is refused at its place', async (_name, body, place) => {
  const reply = await post(body).expect(422);
  expect(reply.body).toMatchObject({ detail: [{ loc: ['body', place] }] });
});

test('an agent of another organization is not found', async () => {
  const stranger = await readyToCall(server);
  const body = {
    target_url: receiver.url,
    event: 'call.completed',
    workflow_uuid: stranger.agent.uuid,
  };
  expect((await post(body).expect(404)).body).toMatchObject({ detail: 'Workflow not found' });
});

test('another organization sees no subscription, and cannot end one', async () => {
  const { id } = await subscribe('/a');
  const stranger = await server.signUp();
  expect(await list(stranger)).toEqual([]);
  await remove(id, stranger).expect(404);
  expect(await list()).toHaveLength(1);
});

test('an organization has at most 200 subscriptions', async () => {
  const at = server.clock.now().toISOString();
  await server.services.storage.write(async (session) => {
    for (let index = 0; index < 200; index += 1) {
      await session.run(
        session.builder
          .insertInto('hooks')
          .values({
            organization_id: account.organizationId,
            events: '["call.completed"]',
            target_url: `https://example.com/${String(index)}`,
            created_at: at,
          })
          .compile(),
      );
    }
  });
  const reply = await post({ target_url: receiver.url, event: 'call.completed' }).expect(409);
  expect((reply.body as { detail: string }).detail).toContain('200 subscriptions');
});

test('with the extension off, the routes do not exist, and no event is sent', async () => {
  const plain = await startTestServer({ ...receiversAllowed, EXTENSIONS: '' });
  try {
    const ready = await readyToCall(plain);
    await plain.request
      .post('/api/v1/hooks/1/test')
      .set('X-API-Key', ready.account.apiKey)
      .expect(404, { detail: 'Not Found' });
    for (const path of ['/hooks', '/organizations/webhook-secret', '/webhook-deliveries']) {
      const reply = await plain.request
        .get(`/api/v1${path}`)
        .set('X-API-Key', ready.account.apiKey)
        .expect(404);
      expect(reply.body).toMatchObject({ detail: 'Not Found' });
    }
    await plain.services.storage.write((session) =>
      session.run(
        session.builder
          .insertInto('hooks')
          .values({
            organization_id: ready.account.organizationId,
            events: '["call.completed","call.artifacts_ready"]',
            target_url: receiver.url,
            created_at: plain.clock.now().toISOString(),
          })
          .compile(),
      ),
    );
    await completeCall(plain, ready.account, ready.agent);
    await deliverDue(plain);
    expect(receiver.requests).toHaveLength(0);
  } finally {
    await plain.close();
  }
});
