/** The caller's address, depending on TRUST_PROXY. */
import { createServer, request as send, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { readConfig } from '../../../trigger-server/src/config';
import { callerOf, type Caller } from '../../../trigger-server/src/http/limits/caller-address';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** @returns the caller of a request with these headers, sent over a real loopback socket. */
async function caller(trustProxy: string, headers: Record<string, string> = {}): Promise<Caller> {
  const app = express();
  app.set('trust proxy', readConfig({ TRUST_PROXY: trustProxy }).trustProxy);
  app.get('/', (request, response) => {
    response.json(callerOf(request));
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const reply = await new Promise<string>((resolve, reject) => {
    send({ port, host: '127.0.0.1', agent: false, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => {
        resolve(text);
      });
    })
      .on('error', reject)
      .end();
  });
  return JSON.parse(reply) as Caller;
}

const address = async (trustProxy: string, forwardedFor: string) =>
  (await caller(trustProxy, { 'X-Forwarded-For': forwardedFor })).address;

test('without proxies nobody can claim another address', async () => {
  expect(await address('', '203.0.113.7')).toBe('127.0.0.1');
  expect(await address('0', '203.0.113.7')).toBe('127.0.0.1');
});

test('behind one proxy the address is the one that this proxy wrote, whatever stood before it', async () => {
  expect(await address('1', '203.0.113.7')).toBe('203.0.113.7');
  expect(await address('1', '198.51.100.1, 203.0.113.7')).toBe('203.0.113.7');
  expect(await address('2', '198.51.100.1, 203.0.113.7')).toBe('198.51.100.1');
});

test('only the configured proxies are skipped', async () => {
  const chain = '198.51.100.1, 203.0.113.7, 10.1.2.3';
  expect(await address('127.0.0.1, 10.0.0.0/8', chain)).toBe('203.0.113.7');
  expect(await address('127.0.0.1', chain)).toBe('10.1.2.3');
  expect(await address('10.0.0.0/8', chain)).toBe('127.0.0.1');
});

test.each([
  ['203.0.113.7:5678', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['[2001:db8:1:2:3:4:5:6]:443', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff::6', '2001:db8:1:2::/64'],
  ['2001:DB8::1', '2001:db8:0:0::/64'],
  ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
  ['1:2:3:4:5:6:192.0.2.33', '1:2:3:4::/64'],
  ['unknown', '127.0.0.1'],
])('%s is counted as %s', async (given, counted) => {
  expect(await address('1', given)).toBe(counted);
});

test('a caller on this machine is local, except behind a proxy or a tunnel', async () => {
  expect(await caller('')).toEqual({ address: '127.0.0.1', isLocal: true });
  for (const host of ['localhost:8000', '127.0.0.1', '[::1]:8000']) {
    expect(await caller('', { Host: host })).toMatchObject({ isLocal: true });
  }
  for (const host of ['calls.example.com', 'localhost.example.com']) {
    expect(await caller('', { Host: host })).toMatchObject({ isLocal: false });
  }
  for (const header of ['X-Forwarded-For', 'Forwarded', 'Via', 'X-Real-IP', 'CF-Connecting-IP']) {
    expect(await caller('', { [header]: 'x' })).toMatchObject({ isLocal: false });
  }
});

test.each(['true', '100', '10.0.0.0/8 and others', 'proxy.example.com', 'loopback'])(
  'TRUST_PROXY=%s stops the start with what it must be',
  (value) => {
    expect(() => readConfig({ TRUST_PROXY: value })).toThrow('TRUST_PROXY: must be the number of proxies');
  },
);
