/** An address that a tenant names never leads into the operator's own network, whatever it is called. */
import dns from 'node:dns';
import { readyToCall, type TestAgent } from '../../support/agents';
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

/** From now on this name has this address. */
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

  test.each([
    ['loopback', 'http://127.0.0.1:{port}/'],
    ['loopback in another notation', 'http://2130706433:{port}/'],
    ['loopback in hexadecimal', 'http://0x7f.1:{port}/'],
    ['loopback as IPv6', 'http://[::1]:{port}/'],
    ['loopback as IPv4 in IPv6', 'http://[::ffff:127.0.0.1]:{port}/'],
    ['loopback by name', 'http://localhost:{port}/'],
    ['a private network', 'http://10.0.0.1/'],
    ['link-local', 'http://169.254.1.1/'],
    ['a cloud’s metadata', 'http://169.254.169.254/latest/meta-data/'],
    ['the unspecified address', 'http://0.0.0.0:{port}/'],
  ])('%s gets no request, and the attempt says why', async (_name, url) => {
    const target = url.replace('{port}', new URL(receiver.url).port);
    await completeCall(server, account, agent, { callback_url: target });
    await deliverDue(server);
    expect(await errorsOf(server, account)).toEqual([refusal]);
    expect(receiver.requests).toHaveLength(0);
  });

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
    const inside = await startReceiver({ host: '127.0.0.2', port: Number(port) });
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
      expect(inside.requests).toHaveLength(0);
    } finally {
      await inside.close();
    }
  });

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
