/** A carrier without a documented ring timeout: the server itself ends a call that rings too long. */
import { recovery } from '../../../trigger-server/src/calls/resume-calls';
import { providers } from '../../../trigger-server/src/carriers/registry';
import { createAgent, definitionWith, type TestAgent } from '../../support/agents';
import { askByHand } from '../../support/ask-carriers';
import { readRun, startCall } from '../../support/calls';
import type { ReceivedRequest } from '../../support/local-server';
import { addCarrier } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import type { CallEvent } from '../../support/vendors/vendor';
import { startVobiz, vobizCredentials, type Vobiz } from '../../support/vendors/vobiz';

const publicBaseUrl = 'https://calls.example.test';
const ringTimeoutSeconds = 20;
const graceSeconds = 5;

let vendor: Vobiz;
let server: TestServer;
let account: Account;
let agent: TestAgent;
let runId: number;
let pass: Awaited<ReturnType<typeof askByHand>>;

beforeEach(async () => {
  vendor = await startVobiz();
  server = await startTestServer({ PUBLIC_BASE_URL: publicBaseUrl, VOBIZ_API_BASE_URL: vendor.origin });
  pass = await askByHand(server);
  account = await server.signUp();
  agent = await createAgent(server, account, definitionWith(), {
    ring_timeout_seconds: ringTimeoutSeconds,
  });
  const config = { provider: 'vobiz', ...vobizCredentials };
  await addCarrier(server, account, config, { name: 'Carrier', number: '+14155550123' });
  runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
});
afterEach(async () => {
  await server.close();
  await vendor.close();
});

async function report(event: CallEvent): Promise<void> {
  const dial: ReceivedRequest | undefined = vendor.dials[0];
  const callback = dial === undefined ? null : vendor.callback(dial, event);
  if (callback === null) throw new Error('The vendor reports no such event');
  await server.request
    .post(callback.url.slice(publicBaseUrl.length))
    .set(callback.headers)
    .send(callback.body)
    .expect(200);
}

const cancellations = () => vendor.requests.filter(({ method }) => method === 'DELETE').length;
const run = () => readRun(server, account, runId);
const unanswered = { status: 'no-answer', reason: 'no_answer', is_completed: true };

test('a phone that rings for ever is hung up after the ring timeout and a grace, once, and nobody has answered', async () => {
  await pass(10);
  await report('ringing');
  await pass(ringTimeoutSeconds + graceSeconds - 1);
  expect(cancellations()).toBe(0);
  await pass(1);
  expect(cancellations()).toBe(1);
  expect(await run()).toMatchObject({ status: 'ringing', is_completed: false });
  await report('canceled');
  expect(await run()).toMatchObject(unanswered);
  await pass(60);
  expect(cancellations()).toBe(1);
});

test('if the report of the hangup is lost, the record of the call ends the run, as not answered', async () => {
  await report('ringing');
  await pass(ringTimeoutSeconds + graceSeconds);
  expect(cancellations()).toBe(1);
  vendor.callback(vendor.dials[0]!, 'canceled');
  await pass(30);
  expect(await run()).toMatchObject(unanswered);
});

test('a ringing that was never reported counts from the answer to the question about the call', async () => {
  vendor.callback(vendor.dials[0]!, 'ringing');
  await pass(60);
  expect((await run()).status).toBe('ringing');
  await pass(ringTimeoutSeconds + graceSeconds);
  expect(cancellations()).toBeGreaterThan(0);
});

test('a restart neither shortens nor extends the ringing', async () => {
  await report('ringing');
  await pass(10);
  await (await recovery(server.services).start()).stop();
  pass = await askByHand(server);
  await pass(ringTimeoutSeconds + graceSeconds - 11);
  expect(cancellations()).toBe(0);
  await pass(1);
  expect(cancellations()).toBe(1);
});

test('an answered call is not hung up', async () => {
  await report('ringing');
  await pass(ringTimeoutSeconds);
  await report('answered');
  await pass(60);
  expect(cancellations()).toBe(0);
  expect((await run()).status).toBe('answered');
});

test('a call whose answer was not reported is not hung up when it has rung too long by what is known, also after a restart', async () => {
  await report('ringing');
  await pass(10);
  vendor.callback(vendor.dials[0]!, 'answered');
  await server.advance((ringTimeoutSeconds + graceSeconds) * 1000);
  await (await recovery(server.services).start()).stop();
  pass = await askByHand(server);
  await pass(1);
  expect(await run()).toMatchObject({ status: 'answered', is_completed: false });
  expect(cancellations()).toBe(0);
});

test('a call that is answered while the carrier is asked about it is not hung up', async () => {
  await report('ringing');
  await pass(ringTimeoutSeconds + graceSeconds - 1);
  const held = vendor.holdRequest();
  const passed = pass(1);
  const answer = await held;
  await report('answered');
  answer();
  await passed;
  expect(cancellations()).toBe(0);
  await report('completed');
  expect(await run()).toMatchObject({ status: 'completed', is_completed: true });
});

test('a phone is hung up although questions about other calls failed just before', async () => {
  for (let count = 0; count < 2; count += 1) {
    await startCall(server, account, agent, { phone_number: '+14155550100' });
  }
  vendor.isDown = true;
  await pass(61);
  expect(server.logLines.join()).toContain('asked again in longer and longer pauses');
  vendor.isDown = false;
  await report('ringing');
  await pass(ringTimeoutSeconds + graceSeconds + 1);
  expect(cancellations()).toBe(1);
});

test('while the carrier is down, the hangup is tried again every ten seconds', async () => {
  await report('ringing');
  await pass(ringTimeoutSeconds);
  vendor.isDown = true;
  await pass(30);
  vendor.isDown = false;
  await pass(11);
  expect(cancellations()).toBe(1);
});

test('a cancellation by the caller stays one, even if the call has rung too long', async () => {
  await report('ringing');
  await pass(ringTimeoutSeconds + graceSeconds);
  await server.request
    .post(`/api/v1/workflow/0/runs/${String(runId)}/cancel`)
    .set('X-API-Key', account.apiKey)
    .expect(202);
  await report('canceled');
  expect(await run()).toMatchObject({ status: 'canceled', is_completed: true });
});

test('every provider that needs the timer can cancel a call, and is asked about its calls', () => {
  const needing = Object.values(providers).filter(({ needsRingTimer }) => needsRingTimer === true);
  expect(needing.length).toBeGreaterThan(0);
  for (const provider of needing) {
    expect(provider).toEqual(
      expect.objectContaining({
        cancel: expect.any(Function) as unknown,
        questionsPerSecond: expect.any(Number) as unknown,
      }),
    );
  }
});
