import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import { transportContract } from '../../contracts/transport';
import { caughtFrom } from '../../support/caught';
import { startLocalServer, type LocalServer } from '../../support/local-server';

transportContract('axios', (apiKey) => axiosTransport({ apiKey }));

test('an invalid key is refused, and the error does not quote it', () => {
  const { code, message } = caughtFrom(() => axiosTransport({ apiKey: 'dgr_abcdefgh–SECRETTAIL' }));
  expect(code).toBe('invalid_key');
  expect(message).not.toContain('SECRETTAIL');
});

describe('axios transport', () => {
  let server: LocalServer;

  afterEach(() => server.close());

  test('a body keeps leading and trailing spaces', async () => {
    server = await startLocalServer((_, response) => response.end('{}'));
    await axiosTransport({ apiKey: 'dgr_x' })({
      method: 'POST',
      url: server.url,
      headers: { 'content-type': 'application/json' },
      body: ' {} \n',
      timeoutSeconds: 30,
    });
    expect(server.requests[0]?.body.toString('utf8')).toBe(' {} \n');
  });

  test('a reply of more than 32 MiB throws instead of filling the memory', async () => {
    const block = Buffer.alloc(1024 * 1024);
    server = await startLocalServer((_, response) => {
      for (let count = 0; count <= 32; count += 1) response.write(block);
      response.end();
    });
    await expect(
      axiosTransport({ apiKey: 'dgr_x' })({
        method: 'GET',
        url: server.url,
        headers: {},
        timeoutSeconds: 30,
      }),
    ).rejects.toThrow('maxContentLength');
  });

  test('an endless slow reply throws at timeoutSeconds', async () => {
    server = await startLocalServer((_, response) => {
      const drip = () => response.write('x', () => setImmediate(drip));
      drip();
    });
    await expect(
      axiosTransport({ apiKey: 'dgr_x' })({
        method: 'GET',
        url: server.url,
        headers: {},
        timeoutSeconds: 0.2,
      }),
    ).rejects.toMatchObject({ code: 'ETIMEDOUT', message: 'no whole answer within 0.2 seconds' });
  });

  test('a connection that breaks before the end of the reply throws', async () => {
    server = await startLocalServer((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"status":');
      response.socket?.end();
    });
    await expect(
      axiosTransport({ apiKey: 'dgr_x' })({
        method: 'GET',
        url: server.url,
        headers: {},
        timeoutSeconds: 30,
      }),
    ).rejects.toThrow();
  });
});

describe('sleep', () => {
  test('ends after the given time', async () => {
    await expect(sleep(1)).resolves.toBeUndefined();
  });

  test('rejects as soon as the signal is aborted, long before its time', async () => {
    const controller = new AbortController();
    const sleeping = sleep(3_600_000, controller.signal);
    controller.abort();
    await expect(sleeping).rejects.toThrow('aborted');
  });
});
