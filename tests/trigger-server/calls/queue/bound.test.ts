/** How many calls of an organization may wait: a counter, changed by every call that begins or ends to wait. */
import { feedCampaigns } from '../../../../trigger-server/src/calls/campaigns/engine/worker';
import { contactNumbers, createCampaign, order } from '../../../support/campaigns';
import { hour, minute, QueuedCalls } from '../../../support/queued-calls';
import { replyJson, startLocalServer } from '../../../support/local-server';
import { addTwilio } from '../../../support/telephony';

let calls: QueuedCalls;
afterEach(() => calls.close());

async function start(environment: Record<string, string> = {}): Promise<void> {
  calls = await QueuedCalls.start({ MAX_QUEUED_CALLS: '3', ...environment });
}

const later = { not_before: '2026-11-23T13:00:00Z' };

/** What the counter says, and how many calls wait, but for those of campaigns. */
async function counted(): Promise<{ counter: number; waiting: number }> {
  const { read } = calls.server.storage;
  const counter = await read.first(
    read.builder
      .selectFrom('organizations')
      .select('queued_run_count as counter')
      .where('id', '=', calls.account.organizationId)
      .compile(),
  );
  const waiting = await read.run(
    read.builder
      .selectFrom('runs')
      .select('id')
      .where('due_at', 'is not', null)
      .where('campaign_id', 'is', null)
      .compile(),
  );
  return { counter: Number(counter?.counter), waiting: waiting.rows.length };
}

test('beyond MAX_QUEUED_CALLS a call that would wait is refused, and nothing is recorded; one that is placed at once is not', async () => {
  await start();
  for (let call = 0; call < 3; call += 1) await calls.queued(later);
  const refused = await calls.trigger(later, 'key-1').expect(429);
  expect(refused.body).toMatchObject({ code: 'queue_full' });
  expect(refused.headers['retry-after']).toBe('60');
  await calls.trigger({}).expect(200);
  const other = await QueuedCalls.on(calls.server);
  await other.queued(later);
  await calls.server.advance(2 * hour);
  // Its key is free: the same request is accepted once there is room.
  await calls.trigger({ not_before: '2026-11-23T15:00:00Z' }, 'key-1').expect(202);
});

test('of many calls that arrive together exactly the limit waits', async () => {
  await start();
  const replies = await Promise.all(Array.from({ length: 8 }, () => calls.trigger(later)));
  const statuses = replies.map(({ status }) => status).sort();
  expect(statuses).toEqual([202, 202, 202, 429, 429, 429, 429, 429]);
});

test('calls of a campaign take no place of the others', async () => {
  await start({ DEFAULT_ORG_CONCURRENCY_LIMIT: '4' });
  const campaign = await createCampaign(calls.server, calls.account, calls.agent, contactNumbers(20));
  await order(calls.server, calls.account, campaign.id, 'start');
  await feedCampaigns(calls.server.services);
  await calls.server.advance(50);
  expect(await counted()).toEqual({ counter: 0, waiting: 0 });
  for (let call = 0; call < 3; call += 1) await calls.queued(later);
  expect(await counted()).toEqual({ counter: 3, waiting: 3 });
});

test('however calls leave the queue and come back, the counter is the number of those that wait', async () => {
  await start({ MAX_QUEUED_CALLS: '100', DEFAULT_ORG_CONCURRENCY_LIMIT: '1' });
  const retry = { max_attempts: 3, on: ['busy'], after: ['PT10M'] };
  // Placed, expired, canceled, and placed three times.
  await calls.queued(later);
  await calls.queued({ ...later, not_after: '2026-11-23T13:00:00.001Z' });
  const canceled = await calls.queued(later);
  await calls.trigger({ phone_number: '+15005550011', retry }).expect(200);
  await calls.queued({ phone_number: '+15005550011', retry, when_busy: 'wait' });
  expect(await counted()).toEqual({ counter: 4, waiting: 4 });
  await calls.server.request
    .post(`/api/v1/workflow/0/runs/${String(canceled)}/cancel`)
    .set('X-API-Key', calls.account.apiKey)
    .expect(202);
  const seen = new Set<number>();
  for (let step = 0; step < 30; step += 1) {
    await calls.server.advance(5 * minute);
    await calls.server.dispatcher.placeDue();
    const { counter, waiting } = await counted();
    expect(counter).toBe(waiting);
    seen.add(counter);
  }
  expect(seen.size).toBeGreaterThan(2);
  expect(await counted()).toEqual({ counter: 0, waiting: 0 });
});

test('a call whose dial called nobody is counted again when it is back in the queue', async () => {
  const carrier = await startLocalServer((_request, response) => {
    replyJson(response, 429, { code: 20429 }, { 'Retry-After': '60' });
  });
  try {
    await start({ TWILIO_API_BASE_URL: carrier.url, PUBLIC_BASE_URL: 'https://calls.example.com' });
    await addTwilio(calls.server, calls.account, {
      name: 'T',
      is_default_outbound: true,
      number: '+14155550123',
    });
    const runId = await calls.queued(later);
    await calls.server.advance(hour + 100);
    expect(await calls.read(runId)).toMatchObject({ status: 'queued', waiting_for: 'carrier' });
    expect(await counted()).toEqual({ counter: 1, waiting: 1 });
  } finally {
    await carrier.close();
  }
});
