/** What is known of an account: ready, not ready, or not checked yet. */
import type { TelephonyConfiguration, TelephonyConfigurationListItem } from '@dograh-trigger/shared';
import { createAgent, definitionWith } from '../../support/agents';
import { addCarrier, addConfiguration, addTwilio, configurationsPath } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import {
  dograhSettings,
  dograhTrigger,
  startDograh,
  type LoopbackDograh,
} from '../../support/vendors/dograh';

let vendor: LoopbackDograh;
let server: TestServer;
let account: Account;
beforeEach(async () => {
  vendor = await startDograh();
  server = await startTestServer({
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
    PUBLIC_BASE_URL: 'https://calls.example.test',
    TWILIO_API_BASE_URL: 'http://127.0.0.1:9',
    SIGNUP_ENABLED: 'true',
  });
  account = await server.signUp();
});
afterEach(async () => {
  await server.close();
  await vendor.close();
});

const addDograh = () =>
  addCarrier(server, account, { provider: 'dograh', ...dograhSettings(vendor) }, { name: 'Dograh' });

async function read({ id }: TelephonyConfiguration) {
  const get = async (path: string): Promise<unknown> =>
    (await server.request.get(path).set('X-API-Key', account.apiKey).expect(200)).body;
  const one = (await get(`${configurationsPath}/${String(id)}`)) as TelephonyConfiguration;
  const all = (await get(configurationsPath)) as { configurations: TelephonyConfigurationListItem[] };
  const listed = all.configurations.find((item) => item.id === id);
  return {
    readiness: [one.readiness, listed?.readiness],
    isReady: [one.setup_checklist?.ready_for_outbound, listed?.is_ready_for_outbound],
    reason: [one.setup_checklist?.outbound_blocked_reason, listed?.outbound_blocked_reason],
  };
}

test('a Dograh is asked when its account is saved: what is missing there is said in its words, until it is verified', async () => {
  vendor.state.accounts = [
    { id: 1, name: 'Main', is_ready_for_outbound: false, outbound_blocked_reason: 'No number to dial from.' },
  ];
  const dograh = await addDograh();
  const words = "'Main': No number to dial from.";
  expect(await read(dograh)).toEqual({
    readiness: ['not_ready', 'not_ready'],
    isReady: [false, false],
    reason: [words, words],
  });
  vendor.state.accounts = [{ id: 1, name: 'Main', is_ready_for_outbound: true }];
  const path = `${configurationsPath}/${String(dograh.id)}/verify`;
  await server.request.post(path).set('X-API-Key', account.apiKey).send({}).expect(200);
  expect(await read(dograh)).toEqual({
    readiness: ['ready', 'ready'],
    isReady: [true, true],
    reason: [null, null],
  });
});

test('a key that is refused later is said when the settings are saved or verified; calls are tried all the same', async () => {
  const dograh = await addDograh();
  vendor.state.agents = [];
  const path = `${configurationsPath}/${String(dograh.id)}`;
  const config = { provider: 'dograh', ...dograhSettings(vendor) };
  await server.request.put(path).set('X-API-Key', account.apiKey).send({ config }).expect(200);
  expect(await read(dograh)).toMatchObject({ readiness: ['not_ready', 'not_ready'] });
  const { triggerPath } = await createAgent(server, account, definitionWith({}), {
    answer: { mode: 'dograh', agent: dograhTrigger },
  });
  await server.request
    .post(`/api/v1/public/agent/${triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: '+14155550100' })
    .expect(200);
  expect(vendor.dials).toHaveLength(1);
});

test('an account whose carrier was not asked yet, or could not be reached, is unchecked', async () => {
  const twilio = await addTwilio(server, account, { name: 'Twilio' });
  await server.request
    .post(`${configurationsPath}/${String(twilio.id)}/phone-numbers`)
    .set('X-API-Key', account.apiKey)
    .send({ address: '+14155550123' })
    .expect(200);
  expect(await read(twilio)).toMatchObject({
    readiness: ['unchecked', 'unchecked'],
    isReady: [true, true],
  });
  await vendor.close();
  const dograh = await addDograh();
  expect(await read(dograh)).toMatchObject({ readiness: ['unchecked', 'unchecked'], isReady: [true, true] });
});

test('the sandbox has nothing to check', async () => {
  expect(await read(await addConfiguration(server, account, { name: 'Sandbox' }))).toMatchObject({
    readiness: ['ready', 'ready'],
  });
});
