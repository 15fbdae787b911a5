/** Cancellations, the watchdog and lost replies, with a carrier whose replies each test scripts. */
import type { ServerResponse } from 'node:http';
import type { Run } from '@dograh-trigger/shared';
import { endOverdueRuns, Postponements } from '../../../trigger-server/src/calls/watchdog';
import { applyReports } from '../../../trigger-server/src/calls/run-course';
import { ended, type Standing } from '../../../trigger-server/src/carriers/port/report';
import { createAgent, publish, saveDraft, type TestAgent } from '../../support/agents';
import { askByHand } from '../../support/ask-carriers';
import { readRun, startCall } from '../../support/calls';
import {
  replyJson,
  startLocalServer,
  type LocalServer,
  type ReceivedRequest,
} from '../../support/local-server';
import { addTwilio, configurationsPath } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { twilioCallback } from '../../support/vendors/twilio';

const publicBaseUrl = 'https://calls.example.test';
const phone_number = '+14155550100';

let carrier: LocalServer;
let configurationId: number;
let server: TestServer;
let account: Account;
let agent: TestAgent;
/** How the carrier answers a dial, and any other request about a call. Tests replace them. */
let onDial: (response: ServerResponse, count: number) => void;
let onCall: (request: ReceivedRequest, response: ServerResponse) => void;
let dials: ReceivedRequest[];

beforeEach(async () => {
  dials = [];
  onDial = (response, count) => {
    replyJson(response, 201, { sid: `CA${String(count)}` });
  };
  onCall = (_request, response) => {
    replyJson(response, 200, { sid: 'CA1' });
  };
  carrier = await startLocalServer((request, response) => {
    if (request.url.endsWith('/Calls.json')) onDial(response, dials.push(request));
    else if (request.url.includes('/Calls/')) onCall(request, response);
    else replyJson(response, 503, {});
  });
  server = await startTestServer({
    PUBLIC_BASE_URL: publicBaseUrl,
    SIGNUP_ENABLED: 'true',
    TWILIO_API_BASE_URL: carrier.url,
  });
  account = await server.signUp();
  agent = await createAgent(server, account);
  configurationId = (await addTwilio(server, account, { name: 'Line', number: '+14155550123' })).id;
});
afterEach(async () => {
  await server.close();
  await carrier.close();
});

const call = () => startCall(server, account, agent, { phone_number });
const run = (runId: number) => readRun(server, account, runId);

function cancel(runId: number) {
  return server.request
    .post(`/api/v1/workflow/0/runs/${String(runId)}/cancel`)
    .set('X-API-Key', account.apiKey);
}

async function answeredCall(): Promise<number> {
  const runId = await call();
  await report(runId, { status: 'answered' });
  return runId;
}

async function report(runId: number, standing: Standing): Promise<void> {
  await server.services.storage.write((session) =>
    applyReports(server.services, session, { runId, attempt: 1 }, [
      { ...standing, rawStatus: standing.status },
    ]),
  );
}

test.each([
  ['is refused', 400, 400],
  ['comes after the end', 404, 409],
])(
  'a cancellation that %s does not become the disposition of the call',
  async (_title, carrierStatus, status) => {
    onCall = (_request, response) => {
      replyJson(response, carrierStatus, { code: 21000, message: 'No' });
    };
    const runId = await answeredCall();
    await cancel(runId).expect(status);
    await report(runId, ended('talk_ended'));
    expect(await run(runId)).toMatchObject({ gathered_context: { call_disposition: 'user_hangup' } });
  },
);

test('the disposition stays canceled if a second cancellation comes too late', async () => {
  const runId = await answeredCall();
  await cancel(runId).expect(202);
  await server.advance(1000);
  onCall = (_request, response) => {
    replyJson(response, 404, {});
  };
  await cancel(runId).expect(409);
  await report(runId, ended('talk_ended'));
  expect(await run(runId)).toMatchObject({ gathered_context: { call_disposition: 'canceled' } });
});

test('a call whose dial got no reply can be cancelled once the carrier has reported its id', async () => {
  onDial = (response) => {
    response.destroy();
  };
  const reply = await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number })
    .expect(504);
  const runId = Number(/\/runs\/(\d+)$/.exec(String(reply.headers.location))?.[1]);
  await cancel(runId).expect(409);
  const form = new URLSearchParams(dials[0]?.body.toString('utf8'));
  const callback = twilioCallback(form.get('StatusCallback') ?? '', {
    CallSid: 'CA77',
    CallStatus: 'initiated',
  });
  await server.request
    .post(callback.url.slice(publicBaseUrl.length))
    .set(callback.headers)
    .send(callback.body ?? '')
    .expect(200);

  const known = await run(runId);
  expect(known).toMatchObject({ status: 'initiated', gathered_context: { call_id: 'CA77' } });
  expect(known.gathered_context).not.toHaveProperty('dial_outcome');
  await cancel(runId).expect(202);
  expect(carrier.requests.at(-1)?.url).toContain('/Calls/CA77.json');
});

test('cancelling a call whose telephony configuration was deleted is a 501, and the call goes on', async () => {
  const runId = await answeredCall();
  await server.request
    .delete(`${configurationsPath}/${String(configurationId)}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect((await cancel(runId).expect(501)).body).toMatchObject({
    detail: "Calls through 'twilio' cannot be cancelled",
  });
  await report(runId, ended('talk_ended'));
  expect(await run(runId)).toMatchObject({ gathered_context: { call_disposition: 'user_hangup' } });
});

test('an agent’s own limits are sent to the carrier, and the watchdog uses them', async () => {
  await saveDraft(server, account, agent, {
    workflow_configurations: { ring_timeout_seconds: 7, max_call_duration: 20 },
  });
  await publish(server, account, agent);
  const runId = await call();
  const form = new URLSearchParams(dials[0]?.body.toString('utf8'));
  expect([form.get('Timeout'), form.get('TimeLimit')]).toEqual(['7', '20']);
  await server.advance((7 + 20 + 60) * 1000);
  await endOverdueRuns(server.services);
  expect((await run(runId)).is_completed).toBe(false);
  await server.advance(1);
  await endOverdueRuns(server.services);
  expect((await run(runId)).is_completed).toBe(true);
});

test('a cancellation counts even if the end is reported before the carrier’s reply to it', async () => {
  const runId = await answeredCall();
  onCall = (_request, response) => {
    void report(runId, ended('talk_ended')).then(() => {
      replyJson(response, 200, { sid: 'CA1' });
    });
  };
  await cancel(runId).expect(202);
  expect(await run(runId)).toMatchObject({
    status: 'completed',
    gathered_context: { call_disposition: 'canceled' },
  });
});

test('a cancellation is a 409 if the call ends before it is recorded, and the carrier gets no request', async () => {
  const runId = await answeredCall();
  server.storage.tap({
    async beforeWrite() {
      server.storage.untap();
      await report(runId, ended('talk_ended'));
    },
  });
  const before = carrier.requests.length;
  expect((await cancel(runId).expect(409)).body).toMatchObject({ detail: 'The call has already ended' });
  expect(carrier.requests).toHaveLength(before);
  expect(await run(runId)).toMatchObject({ gathered_context: { call_disposition: 'user_hangup' } });
});

test('a cancellation without a reply from the carrier is a 504, and the run does not end', async () => {
  const runId = await answeredCall();
  onCall = (_request, response) => {
    response.destroy();
  };
  expect((await cancel(runId).expect(504)).body).toMatchObject({
    detail: 'The carrier did not answer in time; the call may or may not have been cancelled',
  });
  expect(await run(runId)).toMatchObject({ status: 'answered', is_completed: false });
});

/** Breaks off orders, and answers questions about a call with this status; null: breaks them off, too. */
const losingOrders = (status: string | null) => (request: ReceivedRequest, response: ServerResponse) => {
  if (request.method === 'GET' && status !== null) replyJson(response, 200, { sid: 'CA1', status });
  else response.destroy();
};

test.each([
  ['goes on then', 'in-progress', 'user_hangup'],
  ['has ended then', 'completed', 'canceled'],
])(
  'after a cancellation without a reply the carrier is asked: a call that %s ends later as it should',
  async (_what, status, call_disposition) => {
    const runId = await answeredCall();
    onCall = losingOrders(status);
    await cancel(runId).expect(504);
    await report(runId, ended('talk_ended'));
    expect(await run(runId)).toMatchObject({ gathered_context: { call_disposition } });
  },
);

test('if it cannot be asked either, a later question finds out that the call goes on', async () => {
  const pass = await askByHand(server);
  const runId = await answeredCall();
  onCall = losingOrders(null);
  await cancel(runId).expect(504);
  onCall = losingOrders('in-progress');
  await pass(61);
  await report(runId, ended('talk_ended'));
  expect(await run(runId)).toMatchObject({ gathered_context: { call_disposition: 'user_hangup' } });
});

test('the call id from a callback is kept, even if the later reply to the dial has another one', async () => {
  onDial = (response, count) => {
    const form = new URLSearchParams(dials[count - 1]?.body.toString('utf8'));
    const callback = twilioCallback(form.get('StatusCallback') ?? '', {
      CallSid: 'CA77',
      CallStatus: 'initiated',
    });
    void server.request
      .post(callback.url.slice(publicBaseUrl.length))
      .set(callback.headers)
      .send(callback.body ?? '')
      .expect(200)
      .then(() => {
        replyJson(response, 201, { sid: 'CA1' });
      });
  };
  const runId = await call();
  expect(await run(runId)).toMatchObject({ gathered_context: { call_id: 'CA77' } });
});

test('a report after the end does not set the call id', async () => {
  onDial = (response) => {
    replyJson(response, 400, { code: 21211, message: 'No' });
  };
  const reply = await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number })
    .expect(400);
  const runId = Number(/\/runs\/(\d+)$/.exec(String(reply.headers.location))?.[1]);
  await server.services.storage.write((session) =>
    applyReports(server.services, session, { runId, attempt: 1 }, [
      { status: 'ringing', rawStatus: 'ringing', callId: 'CA77' },
    ]),
  );
  expect((await run(runId)).gathered_context).not.toHaveProperty('call_id');
});

/** The errors in the run's log. */
const faultsOf = ({ logs }: Run) =>
  (logs?.realtime_feedback_events as { type: string }[]).filter(({ type }) => type === 'rtf-pipeline-error');

test('the watchdog hangs up an overdue call that goes on at the carrier, and the run says so', async () => {
  const runId = await answeredCall();
  await server.advance((30 + 300 + 61) * 1000);
  onCall = (request, response) => {
    replyJson(response, 200, { sid: 'CA1', ...(request.method === 'GET' ? { status: 'in-progress' } : {}) });
  };
  const before = carrier.requests.length;
  await endOverdueRuns(server.services);
  const asked = carrier.requests.slice(before);
  expect(asked.map(({ method, body }) => [method, body.toString('utf8')])).toEqual([
    ['GET', ''],
    ['POST', 'Status=completed'],
  ]);
  expect(await run(runId)).toMatchObject({
    status: 'error',
    gathered_context: { error: 'The call outlived its maximum duration and was ended at the carrier.' },
  });
});

/** Lets the watchdog run every 15 seconds. */
async function watchFor(seconds: number, postponed: Postponements): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 15) {
    await server.advance(15_000);
    await endOverdueRuns(server.services, postponed);
  }
}

test('an overdue run whose carrier is down stays open for ten minutes, and then ends as an error that says why', async () => {
  const runId = await answeredCall();
  const postponed = new Postponements();
  await server.advance((30 + 300 + 61) * 1000);
  onCall = (_request, response) => {
    response.destroy();
  };
  await endOverdueRuns(server.services, postponed);
  await watchFor(9 * 60, postponed);
  expect((await run(runId)).is_completed).toBe(false);
  await watchFor(2 * 60, postponed);
  const ended = await run(runId);
  expect(ended).toMatchObject({
    status: 'error',
    gathered_context: { error: 'No report came from the carrier within the maximum duration of the call.' },
  });
  expect(ended.gathered_context?.call_tags).not.toContain('not_connected');
});

test.each([
  ['the question about it', 'GET'],
  ['the order to end it', 'POST'],
])(
  'a call whose carrier failed at %s goes on, and ends as the carrier says later',
  async (_what, failing) => {
    const runId = await answeredCall();
    const postponed = new Postponements();
    await server.advance((30 + 300 + 61) * 1000);
    onCall = ({ method }, response) => {
      replyJson(response, method === failing ? 503 : 200, { sid: 'CA1', status: 'in-progress' });
    };
    await endOverdueRuns(server.services, postponed);
    expect((await run(runId)).is_completed).toBe(false);
    onCall = (_request, response) => {
      replyJson(response, 200, { sid: 'CA1', status: 'completed', duration: '41' });
    };
    await watchFor(75, postponed);
    expect(await run(runId)).toMatchObject({
      status: 'completed',
      usage_info: { call_duration_seconds: 41 },
    });
  },
);

test('a call that ends during the watchdog’s request ends as its carrier reported', async () => {
  const runId = await answeredCall();
  await server.advance((30 + 300 + 61) * 1000);
  onCall = (request, response) => {
    const reported = request.method === 'GET' ? report(runId, ended('talk_ended')) : Promise.resolve();
    void reported.then(() => {
      replyJson(response, 404, {});
    });
  };
  await endOverdueRuns(server.services);
  const last = await run(runId);
  expect(last).toMatchObject({
    status: 'completed',
    gathered_context: { call_disposition: 'user_hangup' },
  });
  expect(faultsOf(last)).toEqual([]);
});

test('the watchdog asks about all overdue calls at once, so that none waits for another', async () => {
  const runIds = [await call(), await call(), await call()];
  await server.advance((30 + 300 + 61) * 1000);
  const waiting: ServerResponse[] = [];
  onCall = (_request, response) => {
    waiting.push(response);
    if (waiting.length < runIds.length) return;
    for (const each of waiting) replyJson(each, 200, { status: 'completed', duration: '12' });
  };
  await endOverdueRuns(server.services);
  for (const runId of runIds) expect(await run(runId)).toMatchObject({ status: 'completed' });
});
