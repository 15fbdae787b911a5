/** Queued calls keep to the pace of their carrier account, also when two servers share the queue. */
import { createAgent, type TestAgent } from '../../../support/agents';
import { readRun } from '../../../support/calls';
import { addTwilio } from '../../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';
import { startTwilio } from '../../../support/vendors/twilio';
import type { Vendor } from '../../../support/vendors/vendor';

let server: TestServer;
let twilio: Vendor;
let account: Account;
let agent: TestAgent;

beforeEach(async () => {
  twilio = await startTwilio();
  server = await startTestServer({
    TWILIO_API_BASE_URL: twilio.origin,
    PUBLIC_BASE_URL: 'https://calls.example.com',
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
  });
  account = await server.signUp();
  agent = await createAgent(server, account);
  await addTwilio(server, account, { name: 'Twilio', is_default_outbound: true, number: '+14155550199' });
});
afterEach(async () => {
  await server.close();
  await twilio.close();
});

test('an account that starts one call a second places due calls one second apart, in order', async () => {
  const ids: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    const reply = await server.request
      .post(`/api/v1/public/agent/${agent.triggerPath}`)
      .set('X-API-Key', account.apiKey)
      .send({ phone_number: `+1415555010${String(n)}`, not_before: '2026-11-23T13:00:00Z' })
      .expect(202);
    ids.push((reply.body as { workflow_run_id: number }).workflow_run_id);
  }
  const statuses = async () =>
    Promise.all(ids.map(async (id) => (await readRun(server, account, id)).status));
  await server.advance(60 * 60_000 + 500);
  expect(await statuses()).toEqual(['initiated', 'queued', 'queued']);
  expect(await readRun(server, account, ids[1]!)).toMatchObject({ waiting_for: 'pace' });
  await server.advance(1000);
  expect(await statuses()).toEqual(['initiated', 'initiated', 'queued']);
  await server.advance(1000);
  expect(await statuses()).toEqual(['initiated', 'initiated', 'initiated']);
});
