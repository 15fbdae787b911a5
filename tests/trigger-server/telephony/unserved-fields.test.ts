/** Fields that Dograh's telephony routes accept and this server does not support: refused, or named as ignored. */
import { addConfiguration, addPhoneNumber, configurationsPath } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
let configurationId: number;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
  configurationId = (await addConfiguration(server, account, { name: 'Sandbox' })).id;
});
afterAll(() => server.close());

function send(method: 'post' | 'put', path: string, body: object) {
  return server.request[method](`${configurationsPath}${path}`).set('X-API-Key', account.apiKey).send(body);
}

async function numberCount(): Promise<number> {
  const list = await server.request
    .get(`${configurationsPath}/${configurationId}/phone-numbers`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  return (list.body as { phone_numbers: unknown[] }).phone_numbers.length;
}

describe('a phone number', () => {
  const numbers = () => `/${configurationId}/phone-numbers`;

  test.each<[object, RegExp]>([
    [{ inbound_workflow_id: 7 }, /takes no inbound calls/],
    [{ inboundWorkflowId: 7 }, /takes no inbound calls/],
    [{ telephony_trunk_id: 3 }, /knows no trunks/],
  ])('is not added with %j', async (body, words) => {
    const before = await numberCount();
    const reply = await send('post', numbers(), { address: '+14155550101', ...body }).expect(422);
    expect(reply.body).toEqual({
      code: 'unknown_field',
      detail: [
        {
          type: 'unknown_field',
          loc: ['body', ...Object.keys(body)],
          msg: expect.stringMatching(words),
          input: null,
        },
      ],
    });
    expect(await numberCount()).toBe(before);
  });

  test.each<[object, RegExp]>([
    [{ inbound_workflow_id: 7 }, /takes no inbound calls/],
    [{ clear_inbound_workflow: true }, /takes no inbound calls/],
    [{ telephony_trunk_id: 3 }, /knows no trunks/],
    [{ clear_trunk: true }, /knows no trunks/],
  ])('is not changed with %j', async (body, words) => {
    const { id } = await addPhoneNumber(server, account, configurationId, { address: nextAddress() });
    const reply = await send('put', `${numbers()}/${id}`, { label: 'New', ...body }).expect(422);
    expect(reply.body).toMatchObject({
      code: 'unknown_field',
      detail: [{ msg: expect.stringMatching(words) }],
    });
    const read = await server.request
      .get(`${configurationsPath}${numbers()}/${id}`)
      .set('X-API-Key', account.apiKey)
      .expect(200);
    expect(read.body).toMatchObject({ label: null });
  });

  test('as Dograh’s own console sends it, with null and false, is added and changed', async () => {
    const added = await send('post', numbers(), {
      address: nextAddress(),
      inbound_workflow_id: null,
      telephony_trunk_id: null,
    }).expect(200);
    expect(added.headers['ignored-fields']).toBe('inbound_workflow_id, telephony_trunk_id');
    const { id } = added.body as { id: number };
    const changed = await send('put', `${numbers()}/${id}`, {
      label: 'New',
      inbound_workflow_id: null,
      clear_inbound_workflow: false,
      clear_trunk: false,
    }).expect(200);
    expect(changed.body).toMatchObject({ label: 'New' });
    await send('put', `${numbers()}/${id}`, { clear_inbound_workflow: false }).expect(200);
  });

  let addresses = 0;
  function nextAddress(): string {
    addresses += 1;
    return `+1415555${String(2000 + addresses)}`;
  }
});

describe('the settings of a configuration', () => {
  const twilio = { provider: 'twilio', account_sid: `AC${'0'.repeat(32)}`, auth_token: 'secret' };

  test('that its provider does not know are named', async () => {
    const added = await send('post', '', {
      name: 'Twilio',
      config: { ...twilio, from_numbers: ['+14155550100'] },
    }).expect(200);
    expect(added.headers['ignored-fields']).toBe('config.from_numbers');
    const { id } = added.body as { id: number };
    const changed = await send('put', `/${id}`, { config: { ...twilio, application_id: 'x' } }).expect(200);
    expect(changed.headers['ignored-fields']).toBe('config.application_id');
  });

  test.each(['amd_enabld', 'amdEnabled'])(
    'misspelt as %s are refused: the default would apply',
    async (name) => {
      const reply = await send('post', '', { name: 'Misspelt', config: { ...twilio, [name]: true } }).expect(
        422,
      );
      expect(reply.body).toMatchObject({
        code: 'unknown_field',
        detail: [
          { loc: ['body', 'config', name], msg: expect.stringContaining('Did you mean amd_enabled?') },
        ],
      });
    },
  );

  test('of a provider that does not exist are refused for the provider', async () => {
    for (const config of [
      { provider: 'nobody', x: 1 },
      { provider: 5 },
      { provider: 'constructor' },
      'x',
      null,
    ]) {
      const reply = await send('post', '', { name: 'None', config }).expect(422);
      expect(JSON.stringify(reply.body)).not.toContain('unknown_field');
    }
  });
});

test('plain Dograh accepts all of it silently', async () => {
  const plain = await startTestServer({ EXTENSIONS: '' });
  try {
    const own = await plain.signUp();
    const { id } = await addConfiguration(plain, own, { name: 'Sandbox' });
    const reply = await plain.request
      .post(`${configurationsPath}/${id}/phone-numbers`)
      .set('X-API-Key', own.apiKey)
      .send({ address: '+14155550101', inbound_workflow_id: 7, telephony_trunk_id: 3, isActive: false })
      .expect(200);
    expect(reply.headers).not.toHaveProperty('ignored-fields');
  } finally {
    await plain.close();
  }
});
