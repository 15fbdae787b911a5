/** The codes of refusals: programs read the code, not the message. */
import { problemCodes } from '@dograh-trigger/shared';
import { readyToCall } from '../../support/agents';
import { startTestServer, type TestServer } from '../../support/test-server';

let server: TestServer;
afterEach(() => server.close());

const sandboxRefuses = '+15005550001';

/** Every kind of refusal that a single request can cause: its status, its code, and the request. */
const refusals: [number, string, (path: string, key: string) => ReturnType<TestServer['request']['get']>][] =
  [
    [400, 'call_refused', (path, key) => send('post', path, key).send({ phone_number: sandboxRefuses })],
    [
      401,
      'unauthenticated',
      (path) => send('post', path, 'dgr_wrong').send({ phone_number: '+14155550100' }),
    ],
    [404, 'not_found', (_path, key) => send('get', '/api/v1/nowhere', key)],
    [404, 'trigger_not_found', (_path, key) => send('post', '/api/v1/public/agent/nobody', key).send(call)],
    [
      404,
      'agent_not_found',
      (_path, key) => send('post', '/api/v1/public/agent/workflow/nobody', key).send(call),
    ],
    [
      404,
      'telephony_configuration_not_found',
      (path, key) => send('post', path, key).send({ ...call, telephony_configuration_id: 4711 }),
    ],
    [405, 'method_not_allowed', (path, key) => send('get', path, key)],
    [413, 'too_large', (path, key) => send('post', path, key).send({ ...call, initial_context: big })],
    [422, 'invalid_request', (path, key) => send('post', path, key).send({})],
    [
      422,
      'destination_refused',
      (path, key) => send('post', path, key).send({ phone_number: '+881612345678' }),
    ],
  ];
const call = { phone_number: '+14155550100' };
const big = { text: 'x'.repeat(2 ** 20) };

function send(method: 'get' | 'post', path: string, key: string) {
  return server.request[method](path).set('X-API-Key', key);
}

test.each(refusals)('%i has the documented code %s', async (status, code, refuse) => {
  server = await startTestServer();
  const { account, agent } = await readyToCall(server);
  const reply = await refuse(`/api/v1/public/agent/${agent.triggerPath}`, account.apiKey);
  expect([reply.status, (reply.body as { code?: string }).code]).toEqual([status, code]);
  expect(problemCodes).toContain(code);
});

test.each(refusals)('plain Dograh has no codes: %i', async (status, _code, refuse) => {
  server = await startTestServer({ EXTENSIONS: '' });
  const { account, agent } = await readyToCall(server);
  const reply = await refuse(`/api/v1/public/agent/${agent.triggerPath}`, account.apiKey);
  expect(reply.status).toBe(status);
  expect(Object.keys(reply.body as object)).toEqual(['detail']);
});
