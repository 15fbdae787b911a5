/** Saving and using the settings of a real carrier: checked by the schema, the carrier, and the server's abilities. */
import { createAgent } from '../../support/agents';
import { configurationsPath } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { accountSid, authToken, startTwilio } from '../../support/vendors/twilio';
import { foreignNumber } from '../../support/vendors/twiml';
import type { Vendor } from '../../support/vendors/vendor';

const settings = { account_sid: accountSid, auth_token: authToken };

let vendor: Vendor;
let server: TestServer;
let account: Account;

async function start(environment: Record<string, string>): Promise<void> {
  vendor = await startTwilio();
  server = await startTestServer({
    SIGNUP_ENABLED: 'true',
    TWILIO_API_BASE_URL: vendor.origin,
    ...environment,
  });
  account = await server.signUp();
}
afterEach(async () => {
  await server.close();
  await vendor.close();
});

function send(method: 'post' | 'put' | 'get', path: string, body?: object) {
  return server.request[method](path).set('X-API-Key', account.apiKey).send(body);
}

async function add(config: object = settings): Promise<string> {
  const reply = await send('post', configurationsPath, {
    name: 'Carrier',
    config: { provider: 'twilio', ...config },
  }).expect(200);
  return `${configurationsPath}/${String((reply.body as { id: number }).id)}`;
}

test('a secret that comes back as its mask is kept, although a mask alone would not fit the schema', async () => {
  await start({});
  const path = await add();
  const { credentials } = (await send('get', path).expect(200)).body as { credentials: typeof settings };
  expect(credentials.account_sid).toMatch(/^\*+0001$/);
  await send('put', path, {
    config: { provider: 'twilio', ...credentials, amd_enabled: true },
  }).expect(200);
  const changed = (await send('get', path).expect(200)).body as { credentials: object };
  expect(changed.credentials).toEqual({ ...credentials, amd_enabled: true });
});

test('settings that do not fit are a 422 at their place, on adding and on changing', async () => {
  await start({});
  const path = await add();
  const wrong = { config: { provider: 'twilio', ...settings, account_sid: 'nonsense' } };
  const place = { detail: [{ loc: ['body', 'config', 'account_sid'] }] };
  expect((await send('put', path, wrong).expect(422)).body).toMatchObject(place);
  const added = await send('post', configurationsPath, { name: 'Other', ...wrong }).expect(422);
  expect(JSON.stringify(added.body)).toContain('account_sid');
});

test('a phone number that the account does not own is a 400 that says what to check', async () => {
  await start({});
  const path = await add();
  const reply = await send('post', `${path}/phone-numbers`, { address: foreignNumber }).expect(400);
  expect(reply.body).toMatchObject({
    detail:
      'This number does not belong to the Twilio account of this configuration. Check the number, or add it to the configuration of the account that owns it.',
  });
});

test('a number can be saved even if the carrier does not answer', async () => {
  await start({});
  const path = await add();
  await vendor.close();
  await send('post', `${path}/phone-numbers`, { address: '+14155550123' }).expect(200);
});

test('without PUBLIC_BASE_URL the carrier is not ready: a call is a 400 that says what to set, and nothing is dialled', async () => {
  await start({});
  const path = await add();
  await send('post', `${path}/phone-numbers`, { address: '+14155550123' }).expect(200);
  const agent = await createAgent(server, account);
  const reply = await send('post', `/api/v1/public/agent/${agent.triggerPath}`, {
    phone_number: '+14155550100',
  }).expect(400);
  expect(reply.body).toMatchObject({
    detail:
      "'Carrier' is not ready for outbound calls. Twilio must be able to reach this server. Start it with PUBLIC_BASE_URL set to its address on the internet, for example https://calls.example.com.",
  });
  expect(vendor.dials).toHaveLength(0);
  const { setup_checklist: checklist } = (await send('get', path).expect(200)).body as {
    setup_checklist: { steps: { key: string; complete: boolean }[] };
  };
  expect(checklist.steps.map(({ key, complete }) => [key, complete])).toEqual([
    ['phone_number', true],
    ['public_base_url', false],
  ]);
});
