/** Two server processes on one database: a process owns its dials until it is gone. */
import request from 'supertest';
import { createApp } from '../../../trigger-server/src/app';
import { resumeCalls } from '../../../trigger-server/src/calls/resume-calls';
import { providers } from '../../../trigger-server/src/carriers/registry';
import type { DialResult } from '../../../trigger-server/src/carriers/port/call';
import { createServices } from '../../../trigger-server/src/compose';
import type { Services } from '../../../trigger-server/src/services';
import { heartbeat } from '../../../trigger-server/src/workers/processes';
import { readyToCall, type TestAgent } from '../../support/agents';
import { ManualClock } from '../../support/manual-clock';
import { nextServer } from '../../support/next-server';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { listDeliveries } from '../../support/webhooks';

let server: TestServer;
let other: Services;
let account: Account;
let agent: TestAgent;

beforeEach(async () => {
  server = await startTestServer();
  const { config, storage, clock, secrets, log, carrier } = server.services;
  other = createServices(config, { storage, clock, secrets, log, carrier });
  ({ account, agent } = await readyToCall(server));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await server.close();
});

function callThrough(services: Services) {
  return request(createApp(services))
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .set('Idempotency-Key', 'order-4711')
    .send({ phone_number: '+14155550100' });
}

/** Begins a dial through the first server, to which the carrier has not replied yet. */
async function dialUnderWay() {
  let answer: (result: DialResult) => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    jest.spyOn(providers.sandbox, 'placeCall').mockImplementationOnce(
      () =>
        new Promise<DialResult>((answered) => {
          answer = answered;
          resolve();
        }),
    );
  });
  const reply = callThrough(server.services).then((replied) => replied.status);
  await begun;
  return {
    /** Ends the dial. @returns the status of the reply. */
    end(result: DialResult = { outcome: 'placed', callId: 'sandbox-1', callerNumber: null }) {
      answer(result);
      return reply;
    },
  };
}

test('a living process keeps its dial: a repeat at another process is a 409, and the caller gets the call', async () => {
  const heart = await heartbeat(server.services).start();
  const dial = await dialUnderWay();
  await server.advance(60_000);
  await resumeCalls(other);
  expect((await callThrough(other)).status).toBe(409);
  expect(await dial.end()).toBe(200);
  expect((await callThrough(other)).status).toBe(200);
  await heart.stop();
});

test('a process without a heartbeat for more than 30 seconds is gone: the outcome of its dial is unknown', async () => {
  const dial = await dialUnderWay();
  // The process is killed: its own clock no longer moves, so it writes no further heartbeat.
  const lastBeat = await heartbeat({ ...server.services, clock: new ManualClock() }).start();
  await server.advance(30_000);
  await resumeCalls(other);
  expect((await callThrough(other)).status).toBe(409);
  await server.advance(1);
  await resumeCalls(other);
  expect((await callThrough(other)).status).toBe(504);
  // The process was only delayed, and its outcome counts.
  expect(await dial.end()).toBe(200);
  expect((await callThrough(other)).status).toBe(200);
  await lastBeat.stop();
});

test('a call that was not placed, after its caller was told that it may have been, ends as a refused one: its end is told, and its key replays it', async () => {
  const dial = await dialUnderWay();
  await resumeCalls(nextServer(server));
  const repeat = await callThrough(other);
  expect(repeat.status).toBe(504);
  const { services } = server;
  await server.request
    .post('/api/v1/hooks')
    .set('X-API-Key', account.apiKey)
    .send({ target_url: 'https://hooks.example.test/ends', event: 'call.completed' })
    .expect(200);

  await dial.end({
    outcome: 'not_sent',
    detail: 'nobody was called',
    code: 'unavailable',
    retryAfterSeconds: 1,
  });
  const again = await callThrough(services);
  expect(again.body).toMatchObject({
    detail: 'Failed to initiate call: nobody was called',
    code: 'call_refused',
  });
  expect(again.headers).not.toHaveProperty('retry-after');
  expect(again.headers['location']).toBe(repeat.headers['location']);
  expect(await listDeliveries(server, account)).toHaveLength(1);
});

test('a process after an orderly stop is gone at once', async () => {
  const dial = await dialUnderWay();
  const heart = await heartbeat(server.services).start();
  await resumeCalls(other);
  expect((await callThrough(other)).status).toBe(409);
  await heart.stop();
  await resumeCalls(other);
  expect((await callThrough(other)).status).toBe(504);
  await dial.end();
});

test('if one process holds the database alone, every other one is gone at once', async () => {
  const dial = await dialUnderWay();
  const next = nextServer(server);
  await resumeCalls(next);
  expect((await callThrough(next)).status).toBe(504);
  await dial.end();
});
