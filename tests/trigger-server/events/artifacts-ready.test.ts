/** `call.artifacts_ready`: sent once to each subscription, when the files of a call are available or were given up. */
import type { CallArtifactsReadyEvent, CallCompletedEvent, CreatedHook } from '@dograh-trigger/shared';
import type { CompiledQuery } from 'kysely';
import { fetchDueRecordings } from '../../support/fetch-recordings';
import { createAgent, createSandbox, type TestAgent } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { plansOf } from '../../support/query-plans';
import { isOnPostgres } from '../../support/test-database';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import {
  completeCall,
  deliverDue,
  listDeliveries,
  readDelivery,
  receiversAllowed,
  redeliver,
  startReceiver,
  type Receiver,
} from '../../support/webhooks';
import {
  deliver,
  publicBaseUrl,
  recordingCallback,
  recordingPath,
  sendWav,
  startRecordingCarrier,
  statusCallback,
  useCarrier,
  type RecordingCarrier,
} from '../artifacts/carrier';
import { agentWith, feedbackOf } from '../artifacts/support';

type Event = CallCompletedEvent | CallArtifactsReadyEvent;

const minute = 60_000;
const both = ['call.completed', 'call.artifacts_ready'];

let carrier: RecordingCarrier;
let receiver: Receiver;
let server: TestServer;
let account: Account;

beforeEach(async () => {
  carrier = await startRecordingCarrier();
  receiver = await startReceiver();
  server = await startTestServer({
    ...receiversAllowed,
    TWILIO_API_BASE_URL: carrier.url,
    PUBLIC_BASE_URL: publicBaseUrl,
    SIGNUP_ENABLED: 'true',
  });
  account = await server.signUp();
});
afterEach(async () => {
  await server.close();
  await receiver.close();
  await carrier.close();
});

async function subscribe(event: string | string[], path = '/'): Promise<CreatedHook> {
  const reply = await server.request
    .post('/api/v1/hooks')
    .set('X-API-Key', account.apiKey)
    .send({ target_url: `${receiver.url}${path}`, event })
    .expect(200);
  return reply.body as CreatedHook;
}

/** An agent of the sandbox, whose calls leave a transcript and no recording: they are ready when they end. */
async function sandboxAgent(): Promise<TestAgent> {
  await createSandbox(server, account);
  return createAgent(server, account);
}

/** A call through the carrier that has just ended, and is recorded. */
async function recordedCall(): Promise<number> {
  await useCarrier(server, account);
  const agent = await agentWith(server, account, { recording_enabled: true });
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
  for (const word of ['in-progress', 'completed'] as const) {
    expect(await deliver(server, statusCallback(carrier.lastDial(), word))).toBe(200);
  }
  return runId;
}

const announce = () =>
  deliver(server, recordingCallback(carrier.lastDial(), `https://api.twilio.com${recordingPath}`));
const round = () => fetchDueRecordings(server.services);
const read = (runId: number) => readRun(server, account, runId);
const now = () => server.clock.now().toISOString();

const events = () => receiver.requests.map(({ body }) => JSON.parse(body.toString()) as Event);
const types = () => events().map(({ type }) => type);

test('a recording that arrives ten minutes after the end sends the event then, with the run as GET returns it', async () => {
  await subscribe(both);
  const runId = await recordedCall();
  carrier.serve = (_request, response) => {
    response.writeHead(404).end();
  };
  await announce();
  while (server.clock.now() < new Date('2026-11-23T12:06:00Z')) {
    await round();
    await deliverDue(server);
    await server.advance(5000);
  }
  expect(events()).toMatchObject([{ type: 'call.completed', data: { id: runId, artifacts_ready: false } }]);
  carrier.serve = sendWav;
  await server.advance(5 * minute);
  await round();
  const readyAt = now();
  await server.advance(minute);
  await deliverDue(server);
  const [, ready, ...others] = events();
  expect(ready).toEqual({ type: 'call.artifacts_ready', timestamp: readyAt, data: await read(runId) });
  expect(ready?.data).toMatchObject({
    artifacts_ready: true,
    recording_url: `recordings/${String(runId)}.wav`,
  });
  expect(others).toEqual([]);
});

test('a recording that was given up sends the event as well: the run is ready, has no recording, and says why', async () => {
  await subscribe('call.artifacts_ready');
  await recordedCall();
  await server.advance(5 * minute);
  await deliverDue(server);
  expect(events()).toEqual([]);
  await round();
  await deliverDue(server);
  const [event, ...others] = events();
  expect(event).toMatchObject({
    type: 'call.artifacts_ready',
    data: { artifacts_ready: true, recording_url: null, recording_public_url: null },
  });
  expect(feedbackOf(event!.data)).toContainEqual(
    expect.objectContaining({
      type: 'rtf-recording-error',
      payload: { error: 'There is no recording: its carrier did not say where it is.' },
    }),
  );
  expect(others).toEqual([]);
});

test('the event is sent once, whatever is reported or fetched later', async () => {
  await subscribe(both);
  await recordedCall();
  await server.advance(5 * minute);
  await round();
  await announce();
  await round();
  await deliver(server, statusCallback(carrier.lastDial(), 'completed'));
  await round();
  await deliverDue(server);
  await server.advance(60 * minute);
  await deliverDue(server);
  expect(types()).toEqual(both);
});

test('each subscription gets the types that it asked for and no others', async () => {
  const agent = await sandboxAgent();
  await subscribe('call.completed', '/end');
  await subscribe('call.artifacts_ready', '/files');
  await completeCall(server, account, agent, { callback_url: `${receiver.url}/callback` });
  await deliverDue(server);
  const received = receiver.requests.map(
    ({ url, body }) => `${url} ${(JSON.parse(body.toString()) as Event).type}`,
  );
  expect(received.sort()).toEqual([
    '/callback call.completed',
    '/end call.completed',
    '/files call.artifacts_ready',
  ]);
});

test('a call without pending files sends the event at once, also one that was refused', async () => {
  const agent = await sandboxAgent();
  await subscribe('call.artifacts_ready');
  const runId = await completeCall(server, account, agent);
  await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: '+15005550001' })
    .expect(400);
  await deliverDue(server);
  const { completed_at: end } = await read(runId);
  expect(events()).toMatchObject([
    { timestamp: end, data: { id: runId, status: 'completed' } },
    { data: { status: 'error', artifacts_ready: true } },
  ]);
});

describe('a subscription to both', () => {
  async function waitingCall(): Promise<void> {
    const agent = await sandboxAgent();
    await completeCall(server, account, agent);
  }

  test('gets call.completed first: while that is retried, the other delivery has no time of its own', async () => {
    await subscribe(both);
    receiver.status = 500;
    await waitingCall();
    await deliverDue(server);
    await server.advance(5000);
    await deliverDue(server);
    expect(types()).toEqual(['call.completed']);
    const [ready] = await listDeliveries(server, account);
    expect(ready).toMatchObject({
      event: 'call.artifacts_ready',
      status: 'pending',
      attempt_count: 0,
      next_attempt_at: null,
    });
    receiver.status = 200;
    await server.advance(minute);
    await deliverDue(server);
    expect(types()).toEqual(['call.completed', ...both]);
  });

  test('gets call.artifacts_ready as well when call.completed was given up', async () => {
    await subscribe(both);
    receiver.status = 500;
    await waitingCall();
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      await deliverDue(server);
      await server.advance(180 * minute);
    }
    expect(new Set(types())).toEqual(new Set(['call.completed']));
    receiver.status = 501;
    await deliverDue(server);
    expect(types().slice(-2)).toEqual(both);
    expect(await listDeliveries(server, account)).toMatchObject([
      { event: 'call.artifacts_ready', status: 'pending', attempt_count: 1 },
      { event: 'call.completed', status: 'dead_letter', attempt_count: 21 },
    ]);
  });

  test('cannot be sent call.artifacts_ready by hand while call.completed is not settled', async () => {
    await subscribe(both);
    receiver.status = 500;
    await waitingCall();
    const [ready] = await listDeliveries(server, account);
    expect(await redeliver(server, account, ready!.id)).toEqual(ready);
    await deliverDue(server);
    expect(types()).toEqual(['call.completed']);
  });

  test('is sent neither after unsubscribing', async () => {
    const { id } = await subscribe(both);
    await waitingCall();
    await server.request
      .delete(`/api/v1/hooks/${String(id)}`)
      .set('X-API-Key', account.apiKey)
      .expect(200);
    await server.advance(minute);
    await deliverDue(server);
    expect(events()).toEqual([]);
    expect((await listDeliveries(server, account)).map(({ status }) => status)).toEqual([
      'canceled',
      'canceled',
    ]);
  });
});

test('the list of deliveries says which event each of them is', async () => {
  const agent = await sandboxAgent();
  await subscribe(both);
  await completeCall(server, account, agent, { callback_url: receiver.url });
  const deliveries = await listDeliveries(server, account);
  expect(deliveries.map(({ source, event }) => [source, event])).toEqual([
    ['hook', 'call.artifacts_ready'],
    ['callback_url', 'call.completed'],
    ['hook', 'call.completed'],
  ]);
  expect(await readDelivery(server, account, deliveries[0]!.id)).toMatchObject({
    event: 'call.artifacts_ready',
  });
});

test('a run becomes ready together with its event: if the event cannot be inserted, both happen later', async () => {
  await subscribe('call.artifacts_ready');
  const runId = await recordedCall();
  await announce();
  server.storage.tap({
    beforeQuery({ sql }) {
      if (sql.startsWith('insert into "webhook_deliveries"')) throw new Error('the disk is full');
    },
  });
  await round();
  expect(await read(runId)).toMatchObject({ artifacts_ready: false, recording_url: null });
  server.storage.untap();
  await server.advance(5000);
  await round();
  await deliverDue(server);
  expect(events()).toMatchObject([
    { type: 'call.artifacts_ready', data: { id: runId, artifacts_ready: true } },
  ]);
});

// The plans are SQLite’s own.
if (!isOnPostgres) {
  test('inserting an event does not scan the other pending events of its subscription', async () => {
    const agent = await sandboxAgent();
    await subscribe(both);
    const looks: CompiledQuery[] = [];
    server.storage.tap({ beforeQuery: (query) => looks.push(query) });
    await completeCall(server, account, agent);
    await deliverDue(server);
    expect(types()).toEqual(both);
    const ofHook = looks.filter(({ sql }) => /\bhook_id\b.*=/.test(sql));
    expect(ofHook.length).toBeGreaterThan(1);
    for (const steps of plansOf(server.databaseFile, ofHook)) {
      expect(steps).toContainEqual({
        table: 'webhook_deliveries',
        index: 'webhook_deliveries_by_run',
        by: ['run_id='],
      });
    }
  });
}
