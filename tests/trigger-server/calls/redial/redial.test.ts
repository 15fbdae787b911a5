/** Calls that reached nobody are placed again, as one run. The sandbox's test numbers are busy, or never answer. */
import type { Retry, Run } from '@dograh-trigger/shared';
import { createAgent, publish, saveDraft, type TestAgent } from '../../../support/agents';
import { readRun } from '../../../support/calls';
import { policyPath } from '../../../support/destination-policy';
import { entryPath } from '../../../support/do-not-call';
import { addConfiguration } from '../../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';
import { deliverDue, listDeliveries, startReceiver } from '../../../support/webhooks';

const busy = '+15005550011';
const answers = '+14155550100';
const minute = 60_000;

let server: TestServer;
let account: Account;
let agent: TestAgent;

beforeEach(async () => {
  server = await startTestServer({
    DEFAULT_ORG_CONCURRENCY_LIMIT: '1',
    SANDBOX_STEP_MS: '1000',
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
  });
  account = await server.signUp();
  agent = await createAgent(server, account);
  await addConfiguration(server, account, { name: 'Sandbox', is_default_outbound: true });
});
afterEach(() => server.close());

const retry: Retry = { max_attempts: 3, on: ['busy'], after: ['PT15M', 'PT2H'] };

function trigger(body: object, key?: string) {
  const request = server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey);
  if (key !== undefined) void request.set('Idempotency-Key', key);
  return request.send({ phone_number: busy, retry, ...body });
}

async function place(body: object = {}, key?: string): Promise<number> {
  const reply = await trigger(body, key).expect(200);
  return (reply.body as { workflow_run_id: number }).workflow_run_id;
}

const read = (runId: number) => readRun(server, account, runId);
const numbersOf = ({ attempts }: Run) => attempts?.map(({ number, status }) => [number, status]);

/** Lets a sandbox call that was just dialled end. */
const letEnd = () => server.advance(3000);

/** Lets a call that waits so long be dialled. */
async function waitFor(milliseconds: number): Promise<void> {
  await server.advance(milliseconds);
  await server.dispatcher.placeDue();
}

test('a busy number is called again after each pause, at most max_attempts times, in one run', async () => {
  const runId = await place();
  await letEnd();
  const waiting = await read(runId);
  expect(waiting).toMatchObject({ status: 'queued', is_completed: false, attempt: 2, waiting_for: 'time' });
  const [first] = waiting.attempts ?? [];
  expect(first).toMatchObject({
    number: 1,
    call_id: `sandbox-${String(runId)}`,
    status: 'busy',
    reason: 'busy',
  });
  expect(Date.parse(waiting.due_at ?? '') - Date.parse(first?.ended_at ?? '')).toBe(15 * minute);
  // Its slot, the only one, is free meanwhile.
  await trigger({ phone_number: answers, retry: null }).expect(200);
  await letEnd();

  await waitFor(15 * minute);
  await letEnd();
  const again = await read(runId);
  expect(again).toMatchObject({ status: 'queued', attempt: 3 });
  const second = again.attempts?.[1];
  expect(second?.call_id).toBe(`sandbox-${String(runId)}.2`);
  expect(Date.parse(again.due_at ?? '') - Date.parse(second?.ended_at ?? '')).toBe(120 * minute);

  await waitFor(120 * minute);
  await letEnd();
  const ended = await read(runId);
  expect(ended).toMatchObject({ status: 'busy', is_completed: true, attempt: 3, due_at: null });
  expect(numbersOf(ended)).toEqual([
    [1, 'busy'],
    [2, 'busy'],
    [3, 'busy'],
  ]);
});

test('one call.completed is sent at the end, and one call.attempt_ended for each attempt', async () => {
  const receiver = await startReceiver();
  try {
    await server.request
      .post('/api/v1/hooks')
      .set('X-API-Key', account.apiKey)
      .send({ target_url: receiver.url, event: ['call.completed', 'call.attempt_ended'] })
      .expect(200);
    const runId = await place({ retry: { ...retry, max_attempts: 2 } });
    await letEnd();
    await deliverDue(server);
    expect(await listDeliveries(server, account)).toMatchObject([{ event: 'call.attempt_ended' }]);
    await waitFor(15 * minute);
    await letEnd();
    await deliverDue(server);
    const events = receiver.requests.map(
      ({ body }) => JSON.parse(body.toString()) as { type: string; data: Run; attempt?: { number: number } },
    );
    expect(events.map(({ type, attempt }) => [type, attempt?.number]).sort()).toEqual([
      ['call.attempt_ended', 1],
      ['call.attempt_ended', 2],
      ['call.completed', undefined],
    ]);
    expect(events.every(({ data }) => data.id === runId)).toBe(true);
  } finally {
    await receiver.close();
  }
});

test('an agent’s settings apply to a call that names none, and a call can turn them off', async () => {
  await saveDraft(server, account, agent, { workflow_configurations: { retry } });
  await publish(server, account, agent);
  const again = await place({ retry: undefined });
  await letEnd();
  expect(await read(again)).toMatchObject({ status: 'queued', attempt: 2 });
  const once = await place({ retry: { ...retry, max_attempts: 1 } });
  await letEnd();
  expect(await read(once)).toMatchObject({ status: 'busy', attempt: 1 });
});

test.each([
  ['that a person answered', answers, retry],
  ['that ended otherwise than the settings say', '+15005550012', retry],
])('a call %s is not placed again', async (_title, phoneNumber, settings) => {
  const runId = await place({ phone_number: phoneNumber, retry: settings });
  await server.advance(5000);
  const run = await read(runId);
  expect(run).toMatchObject({ is_completed: true, attempt: 1 });
  expect(run.attempts).toHaveLength(1);
});

test('a machine that answers is called again, and the durations of all attempts add up', async () => {
  const runId = await place({
    phone_number: '+15005550015',
    retry: { max_attempts: 2, on: ['voicemail'], after: ['PT1M'] },
  });
  await server.advance(5000);
  const waiting = await read(runId);
  expect(waiting.attempts).toMatchObject([{ status: 'completed', reason: 'voicemail' }]);
  await waitFor(minute);
  await server.advance(5000);
  const run = await read(runId);
  expect(run).toMatchObject({ status: 'completed', reason: 'voicemail', attempt: 2 });
  expect(run.attempts).toHaveLength(2);
  expect(run.cost_info?.call_duration_seconds).toBe(2 * (await talkSeconds()));
});

/** How long one call to that machine lasts. */
async function talkSeconds(): Promise<number> {
  const runId = await place({ phone_number: '+15005550015', retry: null });
  await server.advance(5000);
  return (await read(runId)).cost_info?.call_duration_seconds ?? NaN;
}

test('a call that is canceled while it waits for its next attempt ends at once', async () => {
  const runId = await place();
  await letEnd();
  await server.request
    .post(`/api/v1/workflow/${String(agent.id)}/runs/${String(runId)}/cancel`)
    .set('X-API-Key', account.apiKey)
    .expect(202);
  expect(await read(runId)).toMatchObject({ status: 'canceled', reason: 'canceled' });
  await waitFor(300 * minute);
  expect((await read(runId)).attempts).toHaveLength(1);
});

test('a call that is canceled while the phone rings is not placed again', async () => {
  const runId = await place({
    phone_number: '+15005550016',
    retry: { max_attempts: 3, on: ['busy', 'no-answer', 'unreachable'], after: ['PT1S'] },
  });
  await server.advance(1500);
  await server.request
    .post(`/api/v1/workflow/${String(agent.id)}/runs/${String(runId)}/cancel`)
    .set('X-API-Key', account.apiKey)
    .expect(202);
  expect(await read(runId)).toMatchObject({ status: 'canceled', is_completed: true, attempt: 1 });
});

test('there is no attempt at not_after or later: the run ends as its last attempt did', async () => {
  // The clock of the tests begins at 12:00 UTC.
  const runId = await place({ not_after: '2026-11-23T12:15:00Z' });
  await letEnd();
  expect(await read(runId)).toMatchObject({ status: 'busy', is_completed: true, attempt: 1 });
});

test('an attempt whose time lies outside the calling hours waits for them', async () => {
  await server.request
    .put(policyPath)
    .set('Authorization', `Bearer ${account.token}`)
    .send({ calling_hours: { windows: [{ from: '09:00', to: '12:10' }] } })
    .expect(200);
  const runId = await place({ time_zone: 'Europe/London' });
  await letEnd();
  expect(await read(runId)).toMatchObject({ waiting_for: 'hours', due_at: '2026-11-24T09:00:00.000Z' });
});

test('a number on the do-not-call list is not called again', async () => {
  const runId = await place();
  await server.request.put(entryPath(busy)).set('X-API-Key', account.apiKey).send({}).expect(200);
  await letEnd();
  expect(await read(runId)).toMatchObject({ status: 'busy', is_completed: true, attempt: 1 });
});

test('a repeat of the request gets the first reply while the call waits for its next attempt', async () => {
  const runId = await place({}, 'one');
  await letEnd();
  const repeat = await trigger({}, 'one').expect(200);
  expect(repeat.body).toMatchObject({ status: 'initiated', workflow_run_id: runId });
  expect(repeat.headers['idempotency-replayed']).toBe('true');
});

test('a repeat is never a second call, however long the pauses between attempts are', async () => {
  const pauses: Retry = { max_attempts: 3, on: ['busy'], after: ['P30D'] };
  const runId = await place({ retry: pauses }, 'one');
  await letEnd();
  server.clock.pass(31 * 24 * 60 * minute);
  await waitFor(minute);
  await letEnd();
  expect((await read(runId)).attempt).toBe(3);
  server.clock.pass(29 * 24 * 60 * minute);
  const repeat = await trigger({ retry: pauses }, 'one').expect(200);
  expect(repeat.body).toMatchObject({ workflow_run_id: runId });
});

test('a call that is canceled between its attempts keeps the transcript of what was said in them', async () => {
  const voicemail = { max_attempts: 2, on: ['voicemail'], after: ['PT15M'] };
  const runId = await place({ phone_number: '+15005550015', retry: voicemail });
  await server.advance(10_000);
  expect(await read(runId)).toMatchObject({ status: 'queued', attempt: 2 });
  await server.request
    .post(`/api/v1/workflow/${String(agent.id)}/runs/${String(runId)}/cancel`)
    .set('X-API-Key', account.apiKey)
    .expect(202);
  expect(await read(runId)).toMatchObject({
    status: 'canceled',
    transcript_url: `transcripts/${String(runId)}.txt`,
    logs: { realtime_feedback_events: [{ type: 'rtf-bot-text' }] },
  });
});

test('a change of a call that waits for its next attempt does not shorten the pause', async () => {
  const runId = await place();
  await letEnd();
  const { due_at: dueAt } = await read(runId);
  await server.request
    .patch(`/api/v1/workflow/${String(agent.id)}/runs/${String(runId)}`)
    .set('X-API-Key', account.apiKey)
    .send({ reference: 'order 7' })
    .expect(200);
  expect(await read(runId)).toMatchObject({ status: 'queued', reference: 'order 7', due_at: dueAt });
});

test.each([
  [{ ...retry, after: ['PT0S'] }, ['after', 0]],
  [{ ...retry, after: ['P1Y'] }, ['after', 0]],
  [{ ...retry, after: ['PT15M', 'P31D'] }, ['after', 1]],
  [{ ...retry, after: ['15 minutes'] }, ['after', 0]],
  [{ ...retry, max_attempts: 11 }, ['max_attempts']],
  [{ ...retry, max_attempts: 0 }, ['max_attempts']],
  [{ ...retry, on: ['declined'] }, ['on', 0]],
  [{ ...retry, on: [] }, ['on']],
  [{ on: ['busy'], after: ['PT1M'] }, ['max_attempts']],
  [{ ...retry, pause: 'PT1M' }, []],
])('%j is refused with its place', async (settings, place_) => {
  const reply = await trigger({ retry: settings }).expect(422);
  const [fault] = (reply.body as { detail: { loc: unknown[]; msg: string }[] }).detail;
  expect(fault?.loc.slice(0, 2 + place_.length)).toEqual(['body', 'retry', ...place_]);
});

test('one caller ID for all attempts and another one for each exclude each other', async () => {
  const reply = await trigger({
    from_phone_number_id: 1,
    retry: { ...retry, rotate_caller_id: true },
  }).expect(422);
  expect(reply.body).toMatchObject({ detail: [{ loc: ['body', 'retry', 'rotate_caller_id'] }] });
});

test('while the extension is off, retry is refused', async () => {
  await server.close();
  server = await startTestServer({ EXTENSIONS: 'idempotency-key' });
  account = await server.signUp();
  agent = await createAgent(server, account);
  await addConfiguration(server, account, { name: 'Sandbox', is_default_outbound: true });
  await trigger({}).expect(422);
});
