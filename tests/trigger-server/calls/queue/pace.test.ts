/** Calls that may wait keep to the pace of their carrier account. */
import { createAgent, type TestAgent } from '../../../support/agents';
import { readRun } from '../../../support/calls';
import { addCarrier, addTwilio } from '../../../support/telephony';
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

/** A call that is due in an hour. */
async function queue(body: object): Promise<number> {
  const reply = await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ not_before: '2026-11-23T13:00:00Z', ...body })
    .expect(202);
  return (reply.body as { workflow_run_id: number }).workflow_run_id;
}

const statusesOf = (ids: readonly number[]) =>
  Promise.all(ids.map(async (id) => (await readRun(server, account, id)).status));

const isQueued = async (ids: readonly number[]) =>
  (await statusesOf(ids)).map((status) => status === 'queued');

test('an account that starts one call a second places due calls one second apart, in order', async () => {
  const ids: number[] = [];
  for (let n = 0; n < 3; n += 1) ids.push(await queue({ phone_number: `+1415555010${String(n)}` }));
  const statuses = () => statusesOf(ids);
  await server.advance(60 * 60_000 + 500);
  expect(await statuses()).toEqual(['initiated', 'queued', 'queued']);
  expect(await readRun(server, account, ids[1]!)).toMatchObject({ waiting_for: 'pace' });
  await server.advance(1000);
  expect(await statuses()).toEqual(['initiated', 'initiated', 'queued']);
  await server.advance(1000);
  expect(await statuses()).toEqual(['initiated', 'initiated', 'initiated']);
});

test('an account with another pace keeps to that one, and its calls do not delay those of another account', async () => {
  const fast = await addCarrier(
    server,
    account,
    { provider: 'sandbox', calls_per_second: 10 } as { provider: string },
    { name: 'Fast' },
  );
  const through = (configuration: object, n: number) =>
    queue({ ...configuration, phone_number: `+1415555012${String(n)}` });
  const slow = [await through({}, 0), await through({}, 1)];
  const quick: number[] = [];
  for (let n = 2; n < 6; n += 1) quick.push(await through({ telephony_configuration_id: fast.id }, n));
  await server.advance(60 * 60_000 + 250);
  expect(await statusesOf(slow)).toEqual(['initiated', 'queued']);
  expect(await isQueued(quick)).toEqual([false, false, false, true]);
  await server.advance(100);
  expect(await isQueued(quick)).toEqual([false, false, false, false]);
});

test('a call that may wait takes the turn of its account, and the next one waits for the next turn', async () => {
  const place = (phone: string) =>
    server.request
      .post(`/api/v1/public/agent/${agent.triggerPath}`)
      .set('X-API-Key', account.apiKey)
      .send({ phone_number: phone, when_busy: 'wait' });
  await place('+14155550100').expect(200);
  const reply = await place('+14155550101').expect(202);
  const waiting = (reply.body as { workflow_run_id: number }).workflow_run_id;
  expect(await readRun(server, account, waiting)).toMatchObject({ status: 'queued', waiting_for: 'pace' });
  await server.advance(900);
  expect(await statusesOf([waiting])).toEqual(['queued']);
  await server.advance(150);
  expect(await statusesOf([waiting])).toEqual(['initiated']);
});

test.each([0, 51, 1.5, '5'])('a pace of %p calls a second is refused at its place', async (pace) => {
  const reply = await server.request
    .post('/api/v1/organizations/telephony-configs')
    .set('X-API-Key', account.apiKey)
    .send({ name: 'Wrong', config: { provider: 'sandbox', calls_per_second: pace } })
    .expect(422);
  const [{ loc }] = (reply.body as { detail: [{ loc: string[] }] }).detail;
  expect(loc.at(-1)).toBe('calls_per_second');
});
