/** Many calls that wait are canceled at once: those of a key, of an agent or of a reference. */
import type { AuditPage } from '@dograh-trigger/shared';
import { feedCampaigns } from '../../../../trigger-server/src/calls/campaigns/engine/worker';
import { createAgent } from '../../../support/agents';
import {
  contactNumbers,
  createCampaign,
  order,
  runsOfCampaign,
  statusesOf,
} from '../../../support/campaigns';
import { keyWithScope } from '../../../support/do-not-call';
import { QueuedCalls } from '../../../support/queued-calls';
import type { Account } from '../../../support/test-server';
import { deliverDue, startReceiver } from '../../../support/webhooks';

let calls: QueuedCalls;
beforeEach(async () => {
  calls = await QueuedCalls.start({
    DEFAULT_ORG_CONCURRENCY_LIMIT: '2',
    KEY_REQUESTS_PER_SECOND: '0',
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
  });
});
afterEach(() => calls.close());

const later = { not_before: '2026-11-23T13:00:00Z' };

function cancel(which: object, by: Account = calls.account) {
  return calls.server.request
    .post('/api/v1/organizations/queue/cancel')
    .set('X-API-Key', by.apiKey)
    .send(which);
}

async function idOf(account: Account): Promise<number> {
  const reply = await calls.server.request
    .get('/api/v1/user/api-keys')
    .set('Authorization', `Bearer ${account.token}`)
    .expect(200);
  const keys = reply.body as { id: number; key_prefix: string }[];
  return keys.find(({ key_prefix: prefix }) => account.apiKey.startsWith(prefix))?.id ?? 0;
}

const statuses = (runIds: number[]) => Promise.all(runIds.map((id) => calls.statusOf(id)));

test('the calls that a key has queued end as canceled, with their events, also once the key is archived; others wait on', async () => {
  const receiver = await startReceiver();
  const leaked = await calls.anotherKey();
  const callback_url = receiver.url;
  const meant = [await calls.queued({ ...later, callback_url }, undefined, leaked)];
  meant.push(await calls.queued({ ...later, callback_url }, undefined, leaked));
  const kept = await calls.queued(later);
  const underWay = (await calls.trigger({}, undefined, leaked).expect(200)).body as {
    workflow_run_id: number;
  };
  const api_key_id = await idOf(leaked);
  await calls.server.request
    .delete(`/api/v1/user/api-keys/${String(api_key_id)}`)
    .set('X-API-Key', calls.account.apiKey)
    .expect(200);
  expect((await cancel({ api_key_id }).expect(200)).body).toEqual({ canceled: 2, has_more: false });
  expect(await statuses([...meant, kept, underWay.workflow_run_id])).toEqual([
    'canceled',
    'canceled',
    'queued',
    'initiated',
  ]);
  await deliverDue(calls.server);
  expect(receiver.requests).toHaveLength(2);
  await receiver.close();
});

test('the calls of an agent, or of a reference, are canceled whoever queued them; all that is named must match', async () => {
  const agent = await createAgent(calls.server, calls.account);
  const ofOther = await calls.server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', (await calls.anotherKey()).apiKey)
    .send({ phone_number: '+14155550100', ...later, reference: 'order 7' })
    .expect(202);
  const other = (ofOther.body as { workflow_run_id: number }).workflow_run_id;
  const seven = await calls.queued({ ...later, reference: 'order 7' });
  const eight = await calls.queued({ ...later, reference: 'order 8' });
  const workflow_id = calls.agent.id;
  await cancel({ workflow_id, reference: 'order 7' }).expect(200, { canceled: 1, has_more: false });
  expect(await statuses([other, seven, eight])).toEqual(['queued', 'canceled', 'queued']);
  await cancel({ workflow_id: agent.id }).expect(200, { canceled: 1, has_more: false });
  await cancel({ reference: 'order 8' }).expect(200, { canceled: 1, has_more: false });
  expect(await statuses([other, seven, eight])).toEqual(['canceled', 'canceled', 'canceled']);
});

test('a request cancels 500 calls, those that are due first, and says that there are more', async () => {
  const late = await calls.queued({ not_before: '2026-11-23T14:00:00Z', reference: 'loop' });
  const replies = await Promise.all(
    Array.from({ length: 500 }, () => calls.trigger({ ...later, reference: 'loop' })),
  );
  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([202]));
  await cancel({ reference: 'loop' }).expect(200, { canceled: 500, has_more: true });
  expect(await calls.statusOf(late)).toBe('queued');
  await cancel({ reference: 'loop' }).expect(200, { canceled: 1, has_more: false });
  const audit = await calls.server.request
    .get('/api/v1/organizations/audit?limit=2')
    .set('X-API-Key', calls.account.apiKey)
    .expect(200);
  expect((audit.body as AuditPage).entries).toMatchObject([
    { action: 'queue.canceled', changed: ['calls: 1'] },
    { action: 'queue.canceled', changed: ['calls: 500'] },
  ]);
});

test('a key with the scope trigger cancels only what it queued, and an organization only its own', async () => {
  const apiKey = await keyWithScope(calls.server, calls.account, 'trigger');
  const limited = { ...calls.account, apiKey };
  const own = await calls.queued({ ...later, reference: 'order 7' }, undefined, limited);
  const kept = await calls.queued({ ...later, reference: 'order 7' });
  const stranger = await QueuedCalls.on(calls.server);
  const mine = await idOf(calls.account);
  await cancel({ api_key_id: mine }, limited).expect(404);
  await cancel({ api_key_id: mine }, stranger.account).expect(404);
  await cancel({ workflow_id: calls.agent.id }, stranger.account).expect(404);
  await cancel({ reference: 'order 7' }, stranger.account).expect(200, { canceled: 0, has_more: false });
  await cancel({ reference: 'order 7' }, limited).expect(200, { canceled: 1, has_more: false });
  expect(await statuses([own, kept])).toEqual(['canceled', 'queued']);
});

test('calls of a campaign wait on: a campaign is paused', async () => {
  const campaign = await createCampaign(calls.server, calls.account, calls.agent, contactNumbers(4));
  await order(calls.server, calls.account, campaign.id, 'start');
  await feedCampaigns(calls.server.services);
  await order(calls.server, calls.account, campaign.id, 'pause');
  await cancel({ workflow_id: calls.agent.id }).expect(200, { canceled: 0, has_more: false });
  expect(statusesOf(await runsOfCampaign(calls.server, calls.account, campaign))).toMatchObject({
    queued: 4,
  });
});

test('a request that names nothing is refused: it would cancel everything', async () => {
  const runId = await calls.queued(later);
  expect((await cancel({}).expect(422)).body).toMatchObject({
    detail: [{ loc: ['body'], msg: expect.stringContaining('api_key_id') as string }],
  });
  await cancel({ reference: null }).expect(422);
  expect(await calls.statusOf(runId)).toBe('queued');
});
