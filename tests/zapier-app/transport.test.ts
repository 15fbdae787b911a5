import type { HttpRequest } from '@dograh-trigger/shared';
import { zapierTransport } from '../../zapier-app/src/platform/transport';
import { transportContract } from '../contracts/transport';
import { startLocalServer } from '../support/local-server';
import { appTester } from '../support/zapier';

transportContract('Zapier', (apiKey) => (request) => {
  const authData = { base_url: new URL(request.url).origin, api_key: apiKey };
  return appTester((z) => zapierTransport(z)(request), { authData });
});

test('the timeout covers headers and body together', async () => {
  let sendHeaders = (): unknown => undefined;
  const late = await startLocalServer((_, response) => {
    sendHeaders = () => response.writeHead(200, { 'content-length': '100' }).write('{');
  });
  const silent = await startLocalServer(() => undefined);
  const ended: string[] = [];
  await appTester((z) => {
    const send = (url: string, timeoutSeconds: number): Promise<unknown> =>
      zapierTransport(z)({ method: 'GET', url, headers: {}, timeoutSeconds });
    // The order distinguishes the limits: with separate limits for headers and body the late request would end last.
    return Promise.all([
      send(silent.url, 0.4).catch(() => sendHeaders()),
      send(late.url, 0.8).catch(() => ended.push('late')),
      send(silent.url, 1).catch(() => ended.push('silent')),
    ]);
  });
  await Promise.all([late.close(), silent.close()]);
  expect(ended).toEqual(['late', 'silent']);
});

test('a timeout has a message with the limit, and a code', async () => {
  const server = await startLocalServer(() => undefined);
  const request: HttpRequest = { method: 'GET', url: server.url, headers: {}, timeoutSeconds: 0.1 };
  await expect(appTester((z) => zapierTransport(z)(request))).rejects.toMatchObject({
    code: 'ETIMEDOUT',
    message: expect.stringContaining('no whole answer within 1 s') as string,
  });
  await server.close();
});

test('a broken connection has its code, without the address, whose query may contain a phone number', async () => {
  const server = await startLocalServer((_, response) => {
    response.destroy();
  });
  const url = `${server.url}/calls?filters=${encodeURIComponent('{"value":"+14155550100"}')}`;
  const request: HttpRequest = { method: 'GET', url, headers: {}, timeoutSeconds: 10 };
  const failed = appTester(async (z) => {
    const error: unknown = await zapierTransport(z)(request).catch((thrown: unknown) => thrown);
    return error instanceof Error && 'code' in error ? `${error.message} (${String(error.code)})` : 'no code';
  });
  await expect(failed).resolves.toBe('the connection failed (ECONNRESET)');
  await server.close();
});
