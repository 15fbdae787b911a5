import { alterConfiguration } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { dograhSettings, startDograh, type LoopbackDograh } from '../../support/vendors/dograh';
import { accountSid, authToken, startTwilio } from '../../support/vendors/twilio';
import { foreignNumber } from '../../support/vendors/twiml';
import type { Vendor } from '../../support/vendors/vendor';
import { testStatuses, type Ask } from './documented';

const root = '/organizations/telephony-configs';
const one = `${root}/{config_id}`;
const numbers = `${one}/phone-numbers`;
const oneNumber = `${numbers}/{phone_number_id}`;

let carrier: Vendor;
let dograh: LoopbackDograh;
let server: TestServer;
let account: Account;
beforeAll(async () => {
  carrier = await startTwilio();
  dograh = await startDograh();
  server = await startTestServer({
    TWILIO_API_BASE_URL: carrier.origin,
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
  });
  account = await server.signUp();
});
afterAll(async () => {
  await server.close();
  await carrier.close();
  await dograh.close();
});

let counter = 0;
const next = () => (counter += 1);
const config = { provider: 'twilio', account_sid: accountSid, auth_token: authToken };
const newConfiguration = () => ({ name: `Line ${next()}`, config });
const newNumber = () => ({ address: `+1415555${2000 + next()}` });

const ask = (path: string, body?: object): Ask => ({
  path: `${root}${path}`,
  apiKey: account.apiKey,
  ...(body === undefined ? {} : { body }),
});

async function add<Added>(path: string, body: object): Promise<Added> {
  const reply = await server.request
    .post(`/api/v1${root}${path}`)
    .set('X-API-Key', account.apiKey)
    .send(body)
    .expect(200);
  return reply.body as Added;
}

const configured = () => add<{ id: number; name: string }>('', newConfiguration());

/** A configuration whose credentials were encrypted with another SECRETS_KEY. */
async function unreadable(): Promise<number> {
  const { id } = await configured();
  await alterConfiguration(server, id, { credentials: 'v1.c2VhbGVkIHVuZGVyIGFub3RoZXIga2V5IQ' });
  return id;
}

async function ofDograh(): Promise<number> {
  const settings = { provider: 'dograh', ...dograhSettings(dograh) };
  return (await add<{ id: number }>('', { name: `Line ${next()}`, config: settings })).id;
}

/** A configuration with the settings of another provider. */
async function unfit(): Promise<number> {
  const { id } = await configured();
  await alterConfiguration(server, id, { provider: 'telnyx' });
  return id;
}

async function ofRemovedProvider(): Promise<number> {
  const { id } = await configured();
  await alterConfiguration(server, id, { provider: 'carrier-pigeon' });
  return id;
}

/** The path of a phone number in a new configuration. */
async function numbered(): Promise<string> {
  const { id } = await configured();
  const number = await add<{ id: number }>(`/${id}/phone-numbers`, newNumber());
  return `/${id}/phone-numbers/${number.id}`;
}

const change = { name: 'New' };

testStatuses(__filename, () => server, {
  [`GET ${root}`]: { 200: () => ask('') },
  [`POST ${root}`]: {
    200: () => ask('', newConfiguration()),
    400: () => ask('', { name: `Line ${next()}`, config: { ...config, auth_token: 'wrong' } }),
    409: async () => ask('', { ...newConfiguration(), name: (await configured()).name }),
  },
  [`GET ${one}`]: {
    200: async () => ask(`/${(await configured()).id}`),
    404: () => ask('/999999'),
    503: async () => ask(`/${await unreadable()}`),
  },
  [`PUT ${one}`]: {
    200: async () => ask(`/${(await configured()).id}`, { name: `Line ${next()}` }),
    400: async () => ask(`/${(await configured()).id}`, { config: { provider: 'sandbox' } }),
    404: () => ask('/999999', change),
    409: async () => ask(`/${(await configured()).id}`, { name: (await configured()).name }),
    503: async () => ask(`/${await unreadable()}`, { config }),
  },
  [`DELETE ${one}`]: {
    200: async () => ask(`/${(await configured()).id}`),
    404: () => ask('/999999'),
  },
  [`POST ${one}/verify`]: {
    200: async () => ask(`/${(await configured()).id}/verify`),
    400: async () => ask(`/${await unfit()}/verify`),
    404: () => ask('/999999/verify'),
    501: async () => ask(`/${await ofRemovedProvider()}/verify`),
    503: async () => ask(`/${await unreadable()}/verify`),
  },
  ...Object.fromEntries(
    ['remote-agents', 'caller-ids'].map((list) => [
      `GET ${one}/${list}`,
      {
        200: async () => ask(`/${await ofDograh()}/${list}`),
        400: async () => ask(`/${await unfit()}/${list}`),
        404: () => ask(`/999999/${list}`),
        501: async () => ask(`/${(await configured()).id}/${list}`),
        503: async () => ask(`/${await unreadable()}/${list}`),
      },
    ]),
  ),
  [`POST ${one}/import-agents`]: {
    200: async () => ask(`/${await ofDograh()}/import-agents`),
    400: async () => ask(`/${await unfit()}/import-agents`),
    404: () => ask('/999999/import-agents'),
    422: async () => ask(`/${await ofDograh()}/import-agents?after=x`),
    501: async () => ask(`/${(await configured()).id}/import-agents`),
    503: async () => ask(`/${await unreadable()}/import-agents`),
  },
  [`POST ${one}/set-default-outbound`]: {
    200: async () => ask(`/${(await configured()).id}/set-default-outbound`),
    404: () => ask('/999999/set-default-outbound'),
    503: async () => ask(`/${await unreadable()}/set-default-outbound`),
  },
  [`POST ${one}/reactivate`]: {
    200: async () => ask(`/${(await configured()).id}/reactivate`),
    404: () => ask('/999999/reactivate'),
    503: async () => ask(`/${await unreadable()}/reactivate`),
  },
  [`GET ${numbers}`]: {
    200: async () => ask(`/${(await configured()).id}/phone-numbers`),
    404: () => ask('/999999/phone-numbers'),
  },
  [`POST ${numbers}`]: {
    200: async () => ask(`/${(await configured()).id}/phone-numbers`, newNumber()),
    400: async () => ask(`/${(await configured()).id}/phone-numbers`, { address: foreignNumber }),
    404: () => ask('/999999/phone-numbers', newNumber()),
    409: async () => {
      const path = `/${(await configured()).id}/phone-numbers`;
      const number = newNumber();
      await add(path, number);
      return ask(path, number);
    },
    503: async () => ask(`/${await unreadable()}/phone-numbers`, newNumber()),
  },
  [`GET ${oneNumber}`]: {
    200: async () => ask(await numbered()),
    404: () => ask('/999999/phone-numbers/1'),
  },
  [`PUT ${oneNumber}`]: {
    200: async () => ask(await numbered(), { label: 'New' }),
    404: () => ask('/999999/phone-numbers/1', { label: 'New' }),
  },
  [`POST ${oneNumber}/set-default-caller`]: {
    200: async () => ask(`${await numbered()}/set-default-caller`),
    404: () => ask('/999999/phone-numbers/1/set-default-caller'),
  },
  [`DELETE ${oneNumber}`]: {
    200: async () => ask(await numbered()),
    404: () => ask('/999999/phone-numbers/1'),
  },
  'GET /organizations/telephony-providers/metadata': {
    200: () => ({ path: '/organizations/telephony-providers/metadata', apiKey: account.apiKey }),
  },
  'GET /organizations/telephony-config-warnings': {
    200: () => ({ path: '/organizations/telephony-config-warnings', apiKey: account.apiKey }),
  },
});
