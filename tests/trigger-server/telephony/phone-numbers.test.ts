import type { PhoneNumber, TelephonyConfiguration } from '@dograh-trigger/shared';
import { addConfiguration, addPhoneNumber, configurationsPath } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
let configuration: TelephonyConfiguration;
let path: string;

beforeEach(async () => {
  server = await startTestServer();
  account = await server.signUp();
  configuration = await addConfiguration(server, account, { name: 'Main line' });
  path = `${configurationsPath}/${String(configuration.id)}/phone-numbers`;
});

afterEach(() => server.close());

function send(method: 'get' | 'post' | 'put' | 'delete', url: string, body?: object) {
  const request = server.request[method](url).set('X-API-Key', account.apiKey);
  return body === undefined ? request : request.send(body);
}

const one = (id: number) => `${path}/${String(id)}`;

async function list(): Promise<PhoneNumber[]> {
  return ((await send('get', path).expect(200)).body as { phone_numbers: PhoneNumber[] }).phone_numbers;
}

async function defaults(): Promise<string[]> {
  return (await list()).filter((item) => item.is_default_caller_id).map((item) => item.address);
}

describe('200', () => {
  test('a new number is active, and not the default caller ID', async () => {
    const reply = await send('post', path, {
      address: '+1 (415) 555-0100',
      label: 'Support',
      extra_metadata: { team: ['a', { b: 1 }] },
    }).expect(200);
    expect(reply.body).toEqual({
      id: expect.any(Number) as number,
      telephony_configuration_id: configuration.id,
      address: '+1 (415) 555-0100',
      address_normalized: '+14155550100',
      address_type: 'pstn',
      country_code: null,
      label: 'Support',
      inbound_workflow_id: null,
      inbound_workflow_name: null,
      telephony_trunk_id: null,
      is_active: true,
      is_default_caller_id: false,
      extra_metadata: { team: ['a', { b: 1 }] },
      created_at: '2026-11-23T12:00:00.000Z',
      updated_at: '2026-11-23T12:00:00.000Z',
      provider_sync: null,
    });
    expect((await send('get', one((reply.body as PhoneNumber).id)).expect(200)).body).toEqual(reply.body);
  });

  test.each([
    ['+14155550100', null, 'pstn', '+14155550100'],
    ['415-555-0100', 'us', 'pstn', '+14155550100'],
    ['1 415 555 0100', 'US', 'pstn', '+14155550100'],
    ['020 7946 0018', 'GB', 'pstn', '+442079460018'],
    ['442079460018', 'GB', 'pstn', '+442079460018'],
    ['06 698 12345', 'IT', 'pstn', '+390669812345'],
    ['9198765432', 'IN', 'pstn', '+919198765432'],
    [
      'SIP:Alice@PBX.Example.COM:5060;Transport=UDP',
      null,
      'sip_uri',
      'sip:Alice@pbx.example.com;transport=udp',
    ],
    ['sips:alice@pbx.example.com:5061', null, 'sip_uri', 'sips:alice@pbx.example.com'],
    ['sips:alice@pbx.example.com:5060', null, 'sip_uri', 'sips:alice@pbx.example.com:5060'],
    ['sip:[2001:DB8::1]:5080', null, 'sip_uri', 'sip:[2001:db8::1]:5080'],
    ['PJSIP/1001', null, 'sip_extension', 'pjsip/1001'],
    ['1001', null, 'sip_extension', '1001'],
  ])('%s with country %s is %s %s', async (address, country_code, type, normalized) => {
    const reply = await send('post', path, { address, country_code }).expect(200);
    expect(reply.body).toMatchObject({
      address,
      address_type: type,
      address_normalized: normalized,
      country_code: country_code?.toUpperCase() ?? null,
    });
  });

  test('the list is in order of creation and holds inactive numbers', async () => {
    await addPhoneNumber(server, account, configuration.id, { address: '+14155550102', is_active: false });
    await addPhoneNumber(server, account, configuration.id, { address: '+14155550101' });
    expect((await list()).map((item) => [item.address, item.is_active])).toEqual([
      ['+14155550102', false],
      ['+14155550101', true],
    ]);
  });

  test('a new default caller ID replaces the old one, on creation and on set-default-caller', async () => {
    const first = await addPhoneNumber(server, account, configuration.id, {
      address: '+14155550101',
      is_default_caller_id: true,
    });
    await addPhoneNumber(server, account, configuration.id, {
      address: '+14155550102',
      is_default_caller_id: true,
    });
    expect(await defaults()).toEqual(['+14155550102']);
    const reply = await send('post', `${one(first.id)}/set-default-caller`).expect(200);
    expect(reply.body).toMatchObject({ address: '+14155550101', is_default_caller_id: true });
    expect(await defaults()).toEqual(['+14155550101']);
  });

  test('PUT changes what is given and keeps the rest; null empties label and country', async () => {
    const created = await send('post', path, {
      address: '415 555 0100',
      country_code: 'US',
      label: 'Support',
      extra_metadata: { a: 1 },
    });
    const before = created.body as PhoneNumber;
    await server.advance(1000);
    const at = '2026-11-23T12:00:01.000Z';
    const off = await send('put', one(before.id), { is_active: false, address: '+14155550199' }).expect(200);
    expect(off.body).toEqual({ ...before, is_active: false, updated_at: at });
    const emptied = await send('put', one(before.id), {
      label: null,
      country_code: null,
      extra_metadata: { b: 2 },
    });
    expect(emptied.body).toEqual({
      ...before,
      is_active: false,
      label: null,
      country_code: null,
      extra_metadata: { b: 2 },
      updated_at: at,
    });
  });

  test('DELETE removes the number', async () => {
    const { id } = await addPhoneNumber(server, account, configuration.id, { address: '+14155550100' });
    const reply = await send('delete', one(id)).expect(200);
    expect(reply.body).toEqual({ message: 'Phone number deleted', provider_sync: null });
    expect(await list()).toEqual([]);
  });
});

describe('404', () => {
  test.each([
    ['get', ''],
    ['put', ''],
    ['delete', ''],
    ['post', '/set-default-caller'],
  ] as const)('%s %s of a number that does not exist, or cannot', async (method, suffix) => {
    for (const id of ['4711', '99999999999']) {
      const reply = await send(method, `${path}/${id}${suffix}`, method === 'put' ? {} : undefined);
      expect([reply.status, reply.body]).toMatchObject([404, { detail: 'Phone number not found' }]);
    }
  });

  test('a number is not found under another configuration', async () => {
    const { id } = await addPhoneNumber(server, account, configuration.id, { address: '+14155550100' });
    const other = await addConfiguration(server, account, { name: 'Other' });
    const reply = await send(
      'delete',
      `${configurationsPath}/${String(other.id)}/phone-numbers/${String(id)}`,
    );
    expect([reply.status, reply.body]).toMatchObject([404, { detail: 'Phone number not found' }]);
    expect(await list()).toHaveLength(1);
  });

  test('a number for a configuration that does not exist', async () => {
    const reply = await send('post', `${configurationsPath}/4711/phone-numbers`, { address: '+14155550100' });
    expect([reply.status, reply.body]).toMatchObject([404, { detail: 'Telephony configuration not found' }]);
  });
});

describe('409', () => {
  test('an address that the organization has, however it is written, also in another configuration', async () => {
    await addPhoneNumber(server, account, configuration.id, {
      address: '+14155550100',
      is_default_caller_id: true,
    });
    const other = await addConfiguration(server, account, { name: 'Other' });
    for (const id of [configuration.id, other.id]) {
      const reply = await send('post', `${configurationsPath}/${String(id)}/phone-numbers`, {
        address: '+1 415-555-0100',
        is_default_caller_id: true,
      }).expect(409);
      expect(reply.body).toMatchObject({
        detail: 'A phone number with this address already exists in the org.',
      });
    }
    expect(await defaults()).toEqual(['+14155550100']);
  });
});

describe('422', () => {
  test.each([
    ['bare digits without a country', { address: '4155550100' }, 'country_code'],
    ['a country that does not exist', { address: '4155550100', country_code: 'ZZ' }, 'country_code'],
    [
      'such a country beside an international number',
      { address: '+14155550100', country_code: 'ZZ' },
      'country_code',
    ],
    ['a country of three letters', { address: '4155550100', country_code: 'USA' }, 'country_code'],
    ['digits that no number of the country has', { address: '12345678', country_code: 'US' }, 'address'],
    ['a plus with too few digits', { address: '+12' }, 'address'],
    ['a plus with letters', { address: '+1 415 CALL-NOW' }, 'address'],
    ['only spaces', { address: '   ' }, 'address'],
    ['words', { address: 'call me' }, 'address'],
    ['a SIP URI without a host', { address: 'sip:alice@' }, 'address'],
    ['a NUL', { address: 'a\0b' }, 'address'],
    ['half a surrogate pair in the label', { address: '+14155550100', label: '\udc00' }, 'label'],
    ['no address', {}, 'address'],
  ])('%s', async (_, body, field) => {
    const reply = await send('post', path, body).expect(422);
    expect(reply.body).toMatchObject({ detail: [{ loc: ['body', field] }] });
    expect(await list()).toEqual([]);
  });

  test('PUT with a country that does not exist', async () => {
    const { id } = await addPhoneNumber(server, account, configuration.id, { address: '+14155550100' });
    const reply = await send('put', one(id), { country_code: 'ZZ' }).expect(422);
    expect(reply.body).toMatchObject({ detail: [{ loc: ['body', 'country_code'] }] });
  });
});
