/** The contract of every Transport. Called once per implementation. */
import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import type { HttpRequest, Transport } from '@dograh-trigger/shared';
import { startLocalServer, type LocalServer, type ReceivedRequest } from '../support/local-server';

const apiKey = 'dgr_transport-contract';

/** `make` returns a transport that sends this API key. */
export function transportContract(name: string, make: (apiKey: string) => Transport): void {
  describe(`transport contract: ${name}`, () => {
    let servers: LocalServer[];

    beforeEach(() => {
      servers = [];
    });

    afterEach(async () => {
      await Promise.all(servers.map((server) => server.close()));
    });

    async function listen(answer: (request: ReceivedRequest, response: ServerResponse) => void) {
      const server = await startLocalServer(answer);
      servers.push(server);
      return server;
    }

    function send(url: string, request: Partial<HttpRequest> = {}) {
      return make(apiKey)({ method: 'GET', url, headers: {}, timeoutSeconds: 10, ...request });
    }

    test('a 200 returns the status, the headers in lower case and the exact text of the body', async () => {
      const body = '{ "id": 12345678901234567890,  "ratio": 1.0, "name": "Zoë 😀" }';
      const server = await listen((_, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json', 'X-Answer-Id': 'a1' });
        response.end(body);
      });
      const reply = await send(`${server.url}/api/v1/health`);
      expect(reply.status).toBe(200);
      expect(reply.body).toBe(body);
      expect(reply.headers).toMatchObject({ 'content-type': 'application/json', 'x-answer-id': 'a1' });
    });

    test('a repeated header is joined with a comma and a space', async () => {
      const server = await listen((_, response) => {
        response.writeHead(200, [
          ['x-tag', 'one'],
          ['x-tag', 'two'],
        ]);
        response.end('{}');
      });
      expect((await send(server.url)).headers['x-tag']).toBe('one, two');
    });

    test.each([
      [400, 'application/json', '{"detail":"Telephony provider not configured for this organization"}'],
      [401, 'application/json', '{"detail":"Invalid API key"}'],
      [404, 'application/json', '{"detail":"Agent trigger not found"}'],
      [500, 'text/plain; charset=utf-8', 'Internal Server Error'],
      [502, 'text/html', '<html><body>Bad Gateway</body></html>'],
    ])('a %i is a value with its body, not an exception', async (status, contentType, body) => {
      const server = await listen((_, response) => {
        response.writeHead(status, { 'content-type': contentType });
        response.end(body);
      });
      expect(await send(server.url)).toMatchObject({ status, body });
    });

    test('a 429 is returned at once with its Retry-After, and is not repeated', async () => {
      const server = await listen((_, response) => {
        response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '7' });
        response.end('{"detail":"Concurrent call limit reached"}');
      });
      const reply = await send(server.url, { method: 'POST', body: '{}' });
      expect(reply.status).toBe(429);
      expect(reply.headers['retry-after']).toBe('7');
      expect(server.requests).toHaveLength(1);
    });

    test('a 204 has the empty text as its body', async () => {
      const server = await listen((_, response) => {
        response.writeHead(204);
        response.end();
      });
      expect(await send(server.url)).toMatchObject({ status: 204, body: '' });
    });

    test('a redirect is returned and never followed: its target receives no request', async () => {
      const target = await listen((_, response) => response.end('{}'));
      const server = await listen((_, response) => {
        response.writeHead(302, { location: `${target.url}/elsewhere` });
        response.end();
      });
      expect((await send(server.url)).status).toBe(302);
      expect(target.requests).toEqual([]);
      expect(server.requests).toHaveLength(1);
    });

    test.each(['GET', 'POST', 'PUT', 'DELETE'] as const)(
      '%s arrives with its method, path, query, headers and the API key',
      async (method) => {
        const server = await listen((_, response) => response.end('{}'));
        await send(`${server.url}/api/v1/workflow/fetch?status=active&name=a%2Fb%20c`, {
          method,
          headers: { 'idempotency-key': 'order-1001', accept: 'application/json' },
        });
        expect(server.requests).toMatchObject([
          {
            method,
            url: '/api/v1/workflow/fetch?status=active&name=a%2Fb%20c',
            headers: { 'x-api-key': apiKey, 'idempotency-key': 'order-1001', accept: 'application/json' },
          },
        ]);
      },
    );

    test('a body is sent byte for byte: no template is rendered and no number is reformatted', async () => {
      const server = await listen((_, response) => response.end('{}'));
      const body =
        '{"greeting": "Hi {{x}} {{bundle.inputData.y}} =1+1",  "price": 1.0, "name": "Zoë 😀", "a": [] }';
      await send(server.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      expect(server.requests.map((request) => request.body.toString('utf8'))).toEqual([body]);
      expect(server.requests[0]?.headers['content-type']).toBe('application/json');
    });

    test('no answer within timeoutSeconds throws', async () => {
      const server = await listen(() => undefined);
      await expect(send(server.url, { timeoutSeconds: 1 })).rejects.toThrow();
      expect(server.requests).toHaveLength(1);
    });

    test('a body that stalls after its headers ends within timeoutSeconds', async () => {
      const server = await listen((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        response.write('{');
      });
      await expect(send(server.url, { timeoutSeconds: 0.2 })).rejects.toThrow();
      expect(server.requests).toHaveLength(1);
    });

    test('a refused connection throws an error that keeps the network code', async () => {
      const server = await startLocalServer(() => undefined);
      await server.close();
      await expect(send(server.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    });

    test('its errors do not contain the API key', async () => {
      const server = await startLocalServer(() => undefined);
      await server.close();
      const error: unknown = await send(server.url).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect(inspect(error, { depth: 8, showHidden: true })).not.toContain(apiKey);
    });

    test('aborting the signal ends a request that waits for its answer', async () => {
      const controller = new AbortController();
      const server = await listen(() => {
        controller.abort();
      });
      await expect(send(server.url, { signal: controller.signal })).rejects.toThrow();
      expect(server.requests).toHaveLength(1);
    });

    test('with an aborted signal the request is not sent', async () => {
      const server = await listen((_, response) => response.end('{}'));
      await expect(send(server.url, { signal: AbortSignal.abort() })).rejects.toThrow();
      expect(server.requests).toEqual([]);
    });
  });
}
