import { NodeApiError, UserError, type JsonObject } from 'n8n-workflow';
import { n8nTransport } from '../../n8n-node/nodes/Dograh/runtime/transport';
import { transportContract } from '../contracts/transport';
import { startLocalServer } from '../support/local-server';
import { n8nContext, n8nLoadOptionsContext } from '../support/n8n-context';

const baseUrl = 'http://127.0.0.1';

// During an execution n8n uses only the signal of the execution.
transportContract('n8n, in an execution', (apiKey) => (request) => {
  const context = n8nContext({ baseUrl, apiKey, parameters: {}, cancelSignal: request.signal });
  return n8nTransport(context)(request);
});

transportContract('n8n, loading a list', (apiKey) =>
  n8nTransport(n8nLoadOptionsContext({ baseUrl, apiKey })),
);

test('cookies, a list in Node, are joined like every repeated header', async () => {
  const server = await startLocalServer((_, response) => {
    response.setHeader('Set-Cookie', ['a=1', 'b=2']);
    response.end('{}');
  });
  const transport = n8nTransport(n8nLoadOptionsContext({ baseUrl, apiKey: 'dgr_t' }));
  const request = { method: 'GET', url: server.url, headers: {}, timeoutSeconds: 10 } as const;
  const reply = await transport(request).finally(() => server.close());
  expect(reply.headers['set-cookie']).toBe('a=1, b=2');
});

test('with an n8n that drops the cause of errors, as 2.33 does, the error still has the reason', async () => {
  const context = n8nLoadOptionsContext({ baseUrl, apiKey: 'dgr_t' });
  const words = 'connect ECONNREFUSED 127.0.0.1:80';
  const cause = Object.assign(new Error(words), { code: 'ECONNREFUSED' } as JsonObject);
  const wrapped = new NodeApiError(context.getNode(), cause);
  wrapped.cause = undefined;
  context.helpers.httpRequestWithAuthentication = () => Promise.reject(wrapped);
  const request = { method: 'POST', url: baseUrl, headers: {}, timeoutSeconds: 10 } as const;
  await expect(n8nTransport(context)(request)).rejects.toMatchObject({
    code: 'ECONNREFUSED',
    message: words,
  });
});

test.each(['SsrfBlockedIpError', 'SsrfBlockedHostnameError'])(
  'n8n’s own %s proves that nothing was sent, and keeps its message',
  async (name) => {
    const context = n8nLoadOptionsContext({ baseUrl, apiKey: 'dgr_t' });
    const words = { description: 'Ask your n8n administrator to allowlist it.' };
    const blocked = new UserError('The request was blocked', words);
    blocked.name = name;
    // Wrapped as by axios and n8n.
    const cause = new Error('The request was blocked', { cause: blocked });
    context.helpers.httpRequestWithAuthentication = () =>
      Promise.reject(new NodeApiError(context.getNode(), cause as Error & JsonObject));
    const request = { method: 'POST', url: baseUrl, headers: {}, timeoutSeconds: 10 } as const;
    await expect(n8nTransport(context)(request)).rejects.toMatchObject({
      code: 'ERR_BLOCKED_TARGET',
      message: 'The request was blocked. Ask your n8n administrator to allowlist it',
    });
  },
);
