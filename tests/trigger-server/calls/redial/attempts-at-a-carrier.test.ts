/** Attempts of one run at a carrier with callbacks: what is reported of one attempt never ends another. */
import type { ServerResponse } from 'node:http';
import { createAgent, type TestAgent } from '../../../support/agents';
import { readRun, startCall } from '../../../support/calls';
import { replyJson, startLocalServer, type LocalServer } from '../../../support/local-server';
import { addPhoneNumber, addTwilio } from '../../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';
import { twilioCallback } from '../../../support/vendors/twilio';

const publicBaseUrl = 'https://calls.example.test';
const minute = 60_000;

let carrier: LocalServer;
let server: TestServer;
let account: Account;
let agent: TestAgent;
let dials: URLSearchParams[];
let onDial: (response: ServerResponse) => void;
let configurationId: number;

beforeEach(async () => {
  dials = [];
  onDial = () => undefined;
  carrier = await startLocalServer((request, response) => {
    if (request.url.endsWith('/Calls.json')) {
      const count = dials.push(new URLSearchParams(request.body.toString()));
      onDial(response);
      if (response.destroyed) return;
      replyJson(response, 201, { sid: `CA${String(count)}` });
    } else replyJson(response, 503, {});
  });
  server = await startTestServer({ PUBLIC_BASE_URL: publicBaseUrl, TWILIO_API_BASE_URL: carrier.url });
  account = await server.signUp();
  agent = await createAgent(server, account);
  configurationId = (await addTwilio(server, account, { name: 'Line', number: '+14155550123' })).id;
});
afterEach(async () => {
  await server.close();
  await carrier.close();
});

function place(retry: object = {}): Promise<number> {
  return startCall(server, account, agent, {
    phone_number: '+14155550100',
    retry: { max_attempts: 3, on: ['busy', 'no-answer'], after: ['PT15M'], ...retry },
  });
}

/** The carrier reports a status of the call of this dial, the first being 1. */
function report(dial: number, status: string, address = dials[dial - 1]?.get('StatusCallback') ?? '') {
  const { url, headers, body } = twilioCallback(address, {
    CallSid: `CA${String(dial)}`,
    CallStatus: status,
  });
  return server.request.post(url.slice(publicBaseUrl.length)).set(headers).send(body);
}

/** Lets a call that waits so long be dialled. */
async function waitFor(milliseconds: number): Promise<void> {
  await server.advance(milliseconds);
  await server.dispatcher.placeDue();
  await server.advance(1000);
}

const read = (runId: number) => readRun(server, account, runId);

test('a late report of the first attempt does not end the second, and is kept in the log', async () => {
  const runId = await place();
  await report(1, 'busy').expect(200);
  expect(await read(runId)).toMatchObject({ status: 'queued', attempt: 2 });
  await report(1, 'no-answer').expect(200);
  expect(await read(runId)).toMatchObject({ status: 'queued', attempt: 2 });
  await waitFor(15 * minute);
  expect(dials).toHaveLength(2);
  await report(2, 'ringing').expect(200);
  await report(1, 'failed').expect(200);
  const ringing = await read(runId);
  expect(ringing).toMatchObject({ status: 'ringing', attempt: 2 });
  expect(ringing.attempts).toMatchObject([
    { number: 1, call_id: 'CA1', status: 'busy' },
    { number: 2, call_id: 'CA2', status: 'ringing', ended_at: null },
  ]);
  const log = ringing.logs?.telephony_status_callbacks as { raw_status: string; attempt?: number }[];
  expect(log.map(({ raw_status: word, attempt = 1 }) => [attempt, word])).toEqual(
    expect.arrayContaining([
      [1, 'busy'],
      [1, 'no-answer'],
      [2, 'ringing'],
      [1, 'failed'],
    ]),
  );
  await report(2, 'busy').expect(200);
  expect(await read(runId)).toMatchObject({ status: 'queued', attempt: 3 });
});

test('the report URL of one attempt is not accepted for another one', async () => {
  const runId = await place();
  await report(1, 'busy').expect(200);
  await waitFor(15 * minute);
  const second = dials[1]?.get('StatusCallback') ?? '';
  expect(second).toContain(`/${String(runId)}.2/`);
  await report(2, 'busy', second.replace(`${String(runId)}.2`, String(runId))).expect(401);
  await report(2, 'busy', second.replace(`${String(runId)}.2`, `${String(runId)}.3`)).expect(401);
  expect(await read(runId)).toMatchObject({ status: 'initiated', attempt: 2 });
});

test('a call whose end is reported before the reply to its dial waits its pause, and is dialled once more', async () => {
  const reports: PromiseLike<unknown>[] = [];
  onDial = () => {
    if (dials.length === 1) reports.push(report(1, 'busy').expect(200).then());
  };
  const runId = await place();
  await Promise.all(reports);
  await waitFor(minute);
  expect(await read(runId)).toMatchObject({ status: 'queued', attempt: 2, attempts: [{ call_id: 'CA1' }] });
  await waitFor(15 * minute);
  expect(dials).toHaveLength(2);
  expect(await read(runId)).toMatchObject({ status: 'initiated', attempt: 2 });
});

test('an attempt without a known end is not followed by another one', async () => {
  const runId = await place();
  await waitFor(60 * minute);
  expect(dials).toHaveLength(1);
  expect(await read(runId)).toMatchObject({ attempt: 1, attempts: [{ status: 'initiated' }] });
});

test.each([
  ['the same caller ID', false],
  ['another caller ID than the one before', true],
])('all attempts show %s', async (_title, rotates) => {
  for (const last of [4, 5, 6]) {
    await addPhoneNumber(server, account, configurationId, { address: `+1415555012${String(last)}` });
  }
  await place({ rotate_caller_id: rotates });
  await report(1, 'busy').expect(200);
  await waitFor(15 * minute);
  await report(2, 'busy').expect(200);
  await waitFor(15 * minute);
  const shown = dials.map((dial) => dial.get('From'));
  expect(shown).toHaveLength(3);
  expect([shown[0] !== shown[1], shown[1] !== shown[2]]).toEqual([rotates, rotates]);
});

test('erasing a call removes the carrier’s ids of all its attempts', async () => {
  const runId = await place({ max_attempts: 2 });
  await report(1, 'busy').expect(200);
  await waitFor(15 * minute);
  await report(2, 'busy').expect(200);
  await server.request
    .post('/api/v1/organizations/erase')
    .set('Authorization', `Bearer ${account.token}`)
    .send({ phone_number: '+14155550100' });
  const { attempts, erased_at: erasedAt } = await read(runId);
  expect(erasedAt).not.toBeNull();
  expect(attempts?.[0]).toMatchObject({ number: 1, call_id: null, status: 'busy' });
});

test('a call that somebody cancels just after its end, before the carrier reports it, is not placed again', async () => {
  const runId = await place();
  await report(1, 'ringing').expect(200);
  await server.request
    .post(`/api/v1/workflow/${String(agent.id)}/runs/${String(runId)}/cancel`)
    .set('X-API-Key', account.apiKey)
    .expect((reply) => {
      expect(reply.status).toBeGreaterThanOrEqual(400);
    });
  await report(1, 'no-answer').expect(200);
  expect(await read(runId)).toMatchObject({ status: 'no-answer', is_completed: true });
  await waitFor(15 * minute);
  expect(dials).toHaveLength(1);
});

test('a call that cannot be canceled because the carrier has not said which it is, is not placed again', async () => {
  onDial = (response) => {
    response.destroy();
  };
  const reply = await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: '+14155550100', retry: { max_attempts: 3, on: ['no-answer'], after: ['PT15M'] } })
    .expect(504);
  const runId = Number(/\/runs\/(\d+)$/.exec(String(reply.headers.location))?.[1]);
  const refused = await server.request
    .post(`/api/v1/workflow/${String(agent.id)}/runs/${String(runId)}/cancel`)
    .set('X-API-Key', account.apiKey)
    .expect(409);
  expect(refused.body).toMatchObject({
    detail: expect.stringMatching(/It is not placed again\.$/) as string,
  });
  await report(1, 'no-answer').expect(200);
  expect(await read(runId)).toMatchObject({ status: 'no-answer', is_completed: true });
});
