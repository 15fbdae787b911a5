import { createAddressGuard } from '../../../trigger-server/src/egress/address-guard';

const guard = createAddressGuard([]);

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '168.63.129.16',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  'fe80::1',
  'fd00::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::7f00:1',
  '::127.0.0.1',
  '::ffff:0:127.0.0.1',
  '2001:0:7f00:1::',
  'fec0::1',
  '192.88.99.1',
  '2002:7f00:1::',
  '3fff::1',
  '5f00::1',
  'not an address',
])('%s is refused', (address) => {
  expect(guard.allows(address)).toBe(false);
});

test.each(['8.8.8.8', '172.32.0.1', '2606:4700::1111', '2001:4860:4860::8888', '::ffff:8.8.8.8'])(
  '%s is allowed',
  (address) => {
    expect(guard.allows(address)).toBe(true);
  },
);

test('the operator can allow addresses and networks', () => {
  const open = createAddressGuard(['127.0.0.1', '10.0.0.0/8', 'fd00::/8']);
  expect(['127.0.0.1', '10.9.9.9', 'fd00::1'].map((address) => open.allows(address))).toEqual([
    true,
    true,
    true,
  ]);
  expect(['127.0.0.2', '192.168.0.1'].map((address) => open.allows(address))).toEqual([false, false]);
});

test.each([
  'pbx.internal',
  '',
  '10.0.0.0/',
  '10.0.0.0/8/9',
  '10.0.0.0/ 8',
  '10.0.0.0/0x8',
  '10.0.0.0/33',
  'fd00::/129',
])('an entry that is neither an address nor a network stops the start: %j', (entry) => {
  expect(() => createAddressGuard([entry])).toThrow(`'${entry}' is neither an IP address nor`);
});

function lookup(host: string, allowed: string[], all: boolean): Promise<unknown> {
  return new Promise((resolve, reject) => {
    createAddressGuard(allowed).lookup(host, { all }, (error, address) => {
      if (error) reject(error);
      else resolve(address);
    });
  });
}

test.each([
  '10.1.2.3',
  '[::1]',
  '[::ffff:10.0.0.1]',
  'localhost',
  'a.b.localhost',
  'localhost.',
  'ip6-loopback',
])('that no connection to %s will be allowed is known before there is one', (hostname) => {
  expect(guard.refuses(hostname)).toBe(true);
});

test.each([
  '8.8.8.8',
  '[2606:4700::1111]',
  'example.com',
  'localhost.example.com',
  'notlocalhost',
  'db.internal',
])('of %s it is not', (hostname) => {
  expect(guard.refuses(hostname)).toBe(false);
});

test('the names of this machine are let through with either of its addresses', () => {
  expect(createAddressGuard(['127.0.0.0/8']).refuses('localhost')).toBe(false);
  expect(createAddressGuard(['::1']).refuses('localhost')).toBe(false);
  expect(createAddressGuard(['10.0.0.0/8']).refuses('localhost')).toBe(true);
});

test('a name that resolves into the private network fails at the look-up', async () => {
  await expect(lookup('localhost', [], false)).rejects.toMatchObject({ code: 'ETARGETREFUSED' });
  await expect(lookup('localhost', [], true)).rejects.toMatchObject({ code: 'ETARGETREFUSED' });
});

test('a name with an allowed address resolves to the allowed ones alone', async () => {
  expect(await lookup('localhost', ['127.0.0.1'], false)).toBe('127.0.0.1');
  expect(await lookup('localhost', ['127.0.0.1'], true)).toEqual([{ address: '127.0.0.1', family: 4 }]);
});
