/** An address that a tenant supplies never leads into the operator's own network, however it is written. */
import dns from 'node:dns';
import { createAgent, definitionWith, readyToCall, type TestAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import {
  completeCall,
  deliverDue,
  listDeliveries,
  readDelivery,
  startReceiver,
  type Receiver,
} from '../../support/webhooks';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await receiver.close();
});

const refusal =
  'The address leads into a private network, and the operator has not allowed that (ALLOWED_PRIVATE_TARGETS)';

async function errorsOf(server: TestServer, account: Account) {
  const [delivery] = await listDeliveries(server, account);
  return (await readDelivery(server, account, delivery!.id)).attempts.map(({ error }) => error);
}

/** Addresses in the operator's own network, in many spellings. `{port}` is the receiver's. */
const inside: [string, string][] = [
  ['loopback', 'http://127.0.0.1:{port}/'],
  ['loopback in another notation', 'http://2130706433:{port}/'],
  ['loopback in hexadecimal', 'http://0x7f.1:{port}/'],
  ['loopback in octal', 'http://0177.0.0.1:{port}/'],
  ['loopback in full-width digits', 'http://１２７.0.0.1:{port}/'],
  ['loopback with a dot at its end', 'http://127.0.0.1.:{port}/'],
  ['loopback as IPv6', 'http://[::1]:{port}/'],
  ['loopback as IPv4 in IPv6', 'http://[::ffff:127.0.0.1]:{port}/'],
  ['loopback by name', 'http://localhost:{port}/'],
  ['a private network', 'http://10.0.0.1/'],
  ['a private network as IPv6', 'http://[fd00::1]/'],
  ['link-local', 'http://169.254.1.1/'],
  ['a cloud’s metadata', 'http://169.254.169.254/latest/meta-data/'],
  ['the unspecified address', 'http://0.0.0.0:{port}/'],
];

/** From now on the name resolves to this address. */
function resolveTo(name: string, address: string): void {
  const real = dns.lookup;
  const stub = (hostname: string, ...rest: unknown[]) => {
    const callback = rest.at(-1) as (error: null, addresses: dns.LookupAddress[]) => void;
    if (hostname === name) callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
    else Reflect.apply(real, dns, [hostname, ...rest]);
  };
  jest.spyOn(dns, 'lookup').mockImplementation(stub);
}

describe('on a server that allows none', () => {
  let server: TestServer;
  let account: Account;
  let agent: TestAgent;
  beforeAll(async () => {
    server = await startTestServer();
  });
  beforeEach(async () => {
    ({ account, agent } = await readyToCall(server));
  });
  afterAll(() => server.close());

  test.each(inside)(
    '%s gets no request where the agent’s own webhook node names it, and the attempt says why',
    async (_name, url) => {
      const definition = definitionWith();
      const endpoint = url.replace('{port}', new URL(receiver.url).port);
      const node = { id: 'hook', type: 'webhook', data: { name: 'Tell', endpoint_url: endpoint } };
      const telling = await createAgent(server, account, {
        ...definition,
        nodes: [...definition.nodes, node],
      });
      await completeCall(server, account, telling);
      await deliverDue(server);
      expect(await errorsOf(server, account)).toEqual([refusal]);
      expect(receiver.requests).toHaveLength(0);
    },
  );

  const subscribe = (url: string) =>
    server.request
      .post('/api/v1/hooks')
      .set('X-API-Key', account.apiKey)
      .send({ target_url: url, event: 'call.completed' });
  const trigger = (url: string) =>
    server.request
      .post(`/api/v1/public/agent/${agent.triggerPath}`)
      .set('X-API-Key', account.apiKey)
      .set('Idempotency-Key', 'k')
      .send({ phone_number: '+14155550100', callback_url: url });

  test.each([
    ...inside,
    ['loopback by a name under localhost', 'http://api.LOCALHOST:{port}/'],
    ['loopback by name, with a dot at its end', 'http://localhost.:{port}/'],
    ['loopback by another name', 'http://ip6-localhost:{port}/'],
  ])(
    '%s is refused with 422 when it is named, and nothing is subscribed, recorded or dialled',
    async (_name, url) => {
      const target = url.replace('{port}', new URL(receiver.url).port);
      for (const [field, request] of [
        ['target_url', subscribe(target)],
        ['callback_url', trigger(target)],
      ] as const) {
        expect((await request.expect(422)).body).toEqual({
          detail: [
            {
              type: 'private_target',
              loc: ['body', field],
              msg: `${refusal}. Use a public address, or ask the operator to allow this one.`,
              input: null,
            },
          ],
          code: 'private_target',
        });
      }
      const hooks = await server.request.get('/api/v1/hooks').set('X-API-Key', account.apiKey).expect(200);
      expect(hooks.body).toEqual([]);
      const runs = await server.request
        .get(`/api/v1/workflow/${String(agent.id)}/runs`)
        .set('X-API-Key', account.apiKey)
        .expect(200);
      expect(runs.body).toMatchObject({ total_count: 0 });
      // The idempotency key is still unused: the same call with a reachable address is not a repeat.
      const reply = await trigger('https://hooks.example.com/').expect(200);
      expect(reply.headers).not.toHaveProperty('idempotency-replayed');
    },
  );

  test.each(['https://hooks.example.com/', 'https://localhost.example.com/', 'https://93.184.215.14/'])(
    '%s is accepted: where it leads is seen when it is connected to',
    async (url) => {
      await subscribe(url).expect(200);
      await trigger(url).expect(200);
    },
  );

  test.each(['127.0.0.1', '192.168.1.1', 'fd00::1', '169.254.169.254'])(
    'a public name that resolves to %s gets no request',
    async (address) => {
      resolveTo('hooks.example.com', address);
      const { port } = new URL(receiver.url);
      await completeCall(server, account, agent, { callback_url: `http://hooks.example.com:${port}/` });
      await deliverDue(server);
      expect(await errorsOf(server, account)).toEqual([refusal]);
      expect(receiver.requests).toHaveLength(0);
    },
  );
});

describe('on a server that allows 127.0.0.1', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  });
  afterAll(() => server.close());

  test('a name that was let through and then leads elsewhere inside gets no more requests', async () => {
    const { account, agent } = await readyToCall(server);
    const { port } = new URL(receiver.url);
    const elsewhere = await startReceiver({ host: '127.0.0.2', port: Number(port) });
    try {
      resolveTo('rebinding.example.com', '127.0.0.1');
      receiver.status = 500;
      receiver.headers = { connection: 'close' };
      await completeCall(server, account, agent, { callback_url: `http://rebinding.example.com:${port}/` });
      await deliverDue(server);
      jest.restoreAllMocks();
      resolveTo('rebinding.example.com', '127.0.0.2');
      await server.advance(60_000);
      await deliverDue(server);
      expect(await errorsOf(server, account)).toEqual(['The receiver answered 500', refusal]);
      expect(elsewhere.requests).toHaveLength(0);
    } finally {
      await elsewhere.close();
    }
  });

  test.each(['127.0.0.1', '0x7f.1', '[::ffff:127.0.0.1]', 'localhost'])(
    '%s is accepted for a hook and for a callback, and gets its events',
    async (host) => {
      const { account, agent } = await readyToCall(server);
      const url = `http://${host}:${new URL(receiver.url).port}/`;
      await server.request
        .post('/api/v1/hooks')
        .set('X-API-Key', account.apiKey)
        .send({ target_url: url, event: 'call.completed' })
        .expect(200);
      await completeCall(server, account, agent, { callback_url: url });
      await deliverDue(server);
      expect(receiver.requests).toHaveLength(2);
    },
  );

  test('a redirect inside is not followed', async () => {
    const { account, agent } = await readyToCall(server);
    receiver.status = 307;
    receiver.headers = { location: 'http://169.254.169.254/latest/meta-data/' };
    await completeCall(server, account, agent, { callback_url: receiver.url });
    await deliverDue(server);
    expect(await errorsOf(server, account)).toEqual([
      'The receiver answered 307; redirects are not followed',
    ]);
  });
});
