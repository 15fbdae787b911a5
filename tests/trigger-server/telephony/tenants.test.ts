import type { PhoneNumber, TelephonyConfiguration } from '@dograh-trigger/shared';
import { addConfiguration, addPhoneNumber, configurationsPath } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let owner: Account;
let stranger: Account;
let configuration: TelephonyConfiguration;
let number: PhoneNumber;

beforeEach(async () => {
  server = await startTestServer();
  owner = await server.signUp();
  stranger = await server.signUp();
  configuration = await addConfiguration(server, owner, { name: 'Main line', is_default_outbound: true });
  number = await addPhoneNumber(server, owner, configuration.id, {
    address: '+14155550100',
    is_default_caller_id: true,
  });
});

afterEach(() => server.close());

async function seenByOwner() {
  const path = `${configurationsPath}/${String(configuration.id)}`;
  const read = (url: string) => server.request.get(url).set('X-API-Key', owner.apiKey).expect(200);
  return [(await read(path)).body, (await read(`${path}/phone-numbers`)).body] as unknown[];
}

test.each([
  ['get', '', undefined],
  ['put', '', { name: 'Stolen' }],
  ['delete', '', undefined],
  ['post', '/set-default-outbound', undefined],
  ['post', '/reactivate', undefined],
  ['get', '/phone-numbers', undefined],
  ['post', '/phone-numbers', { address: '+14155550177', is_default_caller_id: true }],
  ['get', '/phone-numbers/{id}', undefined],
  ['put', '/phone-numbers/{id}', { label: 'Stolen' }],
  ['delete', '/phone-numbers/{id}', undefined],
  ['post', '/phone-numbers/{id}/set-default-caller', undefined],
] as const)(
  'another organization’s key gets 404 from %s %s and changes nothing',
  async (method, suffix, body) => {
    const before = await seenByOwner();
    const url = `${configurationsPath}/${String(configuration.id)}${suffix.replace('{id}', String(number.id))}`;
    const reply = await server.request[method](url).set('X-API-Key', stranger.apiKey).send(body);
    expect([reply.status, reply.body]).toMatchObject([404, { detail: 'Telephony configuration not found' }]);
    expect(await seenByOwner()).toEqual(before);
  },
);

test('another organization’s number is not found under one’s own configuration', async () => {
  const own = await addConfiguration(server, stranger, { name: 'Main line' });
  const url = `${configurationsPath}/${String(own.id)}/phone-numbers/${String(number.id)}`;
  const reply = await server.request.delete(url).set('X-API-Key', stranger.apiKey);
  expect([reply.status, reply.body]).toMatchObject([404, { detail: 'Phone number not found' }]);
});

test('names, addresses and defaults of one organization are free in another, and its list shows its own only', async () => {
  const before = await seenByOwner();
  const own = await addConfiguration(server, stranger, { name: 'Main line', is_default_outbound: true });
  await addPhoneNumber(server, stranger, own.id, { address: '+14155550100', is_default_caller_id: true });
  const reply = await server.request.get(configurationsPath).set('X-API-Key', stranger.apiKey).expect(200);
  expect(reply.body).toMatchObject({ configurations: [{ id: own.id, phone_number_count: 1 }] });
  expect((reply.body as { configurations: unknown[] }).configurations).toHaveLength(1);
  expect(await seenByOwner()).toEqual(before);
});
