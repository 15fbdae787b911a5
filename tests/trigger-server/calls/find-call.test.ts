/** After a dial without a reply, its call is taken from the carrier's list only if it cannot be another run's call. */
import { ended } from '../../../trigger-server/src/carriers/port/report';
import { createAgent, type TestAgent } from '../../support/agents';
import { askByHand } from '../../support/ask-carriers';
import { readRun, startCall } from '../../support/calls';
import { addTwilio } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { startTwilio } from '../../support/vendors/twilio';
import type { CallEvent, Vendor } from '../../support/vendors/vendor';

const number = '+14155550100';

let vendor: Vendor;
let server: TestServer;
let account: Account;
let agent: TestAgent;
let pass: (seconds: number) => Promise<void>;

beforeEach(async () => {
  vendor = await startTwilio();
  server = await startTestServer({
    TWILIO_API_BASE_URL: vendor.origin,
    PUBLIC_BASE_URL: 'https://calls.example.test',
  });
  account = await server.signUp();
  agent = await createAgent(server, account);
  await addTwilio(server, account, { name: 'Carrier', is_default_outbound: true, number: '+14155550123' });
  pass = await askByHand(server);
});
afterEach(async () => {
  await server.close();
  await vendor.close();
});

/** A dial whose reply is lost. @returns its run. */
async function dialInVain(to = number): Promise<number> {
  vendor.play('reset');
  const reply = await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: to })
    .expect(504);
  return Number(/\/runs\/(\d+)$/.exec(String(reply.headers.location))?.[1]);
}

/** An event at the carrier whose report is lost. */
function happens(index: number, event: CallEvent): void {
  const dial = vendor.dials[index];
  if (dial === undefined) throw new Error('There was no such dial');
  vendor.callback(dial, event);
}

const callIdOf = async (runId: number) =>
  (await readRun(server, account, runId)).gathered_context?.call_id ?? null;

test('a call that belongs to another run is not taken, and the run finds its own call', async () => {
  const placed = await startCall(server, account, agent, { phone_number: number });
  const lost = await dialInVain();
  happens(1, 'answered');
  await pass(120);
  expect(await callIdOf(lost)).toBe('CA00000000000000000000000000000002');
  expect(await callIdOf(placed)).toBe('CA00000000000000000000000000000001');
  expect((await readRun(server, account, lost)).status).toBe('answered');
});

test('a call that a run of another organization has at the same carrier account is left to it', async () => {
  const other = await server.signUp();
  await addTwilio(server, other, { name: 'Shared', is_default_outbound: true, number: '+14155550123' });
  const placed = await startCall(server, other, await createAgent(server, other), { phone_number: number });
  const lost = await dialInVain();
  happens(0, 'answered');
  happens(1, 'answered');
  await pass(120);
  expect(await callIdOf(lost)).toBe('CA00000000000000000000000000000002');
  expect((await readRun(server, other, placed)).gathered_context?.call_id).toBe(
    'CA00000000000000000000000000000001',
  );
});

test('the call of an earlier attempt belongs to its run, which another run does not take', async () => {
  const retry = { max_attempts: 2, on: ['busy'], after: ['PT15M'] };
  const waiting = await startCall(server, account, agent, { phone_number: number, retry });
  happens(0, 'busy');
  const callId = 'CA00000000000000000000000000000001';
  await server.services
    .callReports('twilio')
    .report({ runId: waiting, attempt: 1 }, [{ ...ended('busy'), rawStatus: 'busy', callId }]);
  expect(await readRun(server, account, waiting)).toMatchObject({ status: 'queued', attempt: 2 });
  const lost = await dialInVain();
  await pass(120);
  expect(await callIdOf(lost)).toBeNull();
  expect((await readRun(server, account, lost)).status).toBe('initiated');
});

test('after two dials to one number with one call at the carrier, both outcomes stay unknown', async () => {
  const lost = [await dialInVain(), await dialInVain()];
  happens(1, 'answered');
  await pass(120);
  for (const runId of lost) {
    expect(await callIdOf(runId)).toBeNull();
    expect(await readRun(server, account, runId)).toMatchObject({
      status: 'initiated',
      gathered_context: { dial_outcome: 'unknown' },
    });
  }
});

test('if two calls in the carrier’s list fit, the outcome stays unknown', async () => {
  const refused = await dialInVain();
  const reports = server.services.callReports('twilio');
  // A call of another caller: its run here ended long before.
  await reports.report({ runId: refused, attempt: 1 }, [
    { ...ended('failed'), rawStatus: 'failed', callId: 'CA9' },
  ]);
  const lost = await dialInVain();
  happens(0, 'busy');
  happens(1, 'busy');
  await pass(120);
  expect(await callIdOf(lost)).toBeNull();
});

test('nothing is dialled a second time, and without a call at the carrier none is found', async () => {
  const lost = await dialInVain();
  await pass(120);
  expect(vendor.dials).toHaveLength(1);
  expect(await readRun(server, account, lost)).toMatchObject({ status: 'initiated' });
});
