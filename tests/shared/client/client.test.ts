import { callMarker, TriggerClient } from '@dograh-trigger/shared';
import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import { rejectionOf } from '../../support/caught';
import { call, health, keepsKeys, keyed, placed } from '../../support/client-answers';
import { type LocalServer, replyJson, startLocalServer } from '../../support/local-server';
import { type Answer, broken, json, scriptedClient, text } from '../../support/scripted-client';

describe('a client', () => {
  test('refuses an invalid base URL', () => {
    expect(() => scriptedClient([], { baseUrl: 'api.example.test' })).toThrow('https://');
  });

  test.each(['https://api.example.test', 'https://api.example.test/', 'https://api.example.test/api/v1///'])(
    'sends to /api/v1 of %s',
    async (pasted) => {
      const { client, requests } = scriptedClient([placed], { baseUrl: pasted });
      await client.triggerCall(call);
      expect(client.baseUrl).toBe('https://api.example.test');
      expect(requests[0]?.url).toBe('https://api.example.test/api/v1/public/agent/support');
    },
  );
});

describe('capabilities', () => {
  test('are read once, even for two simultaneous calls', async () => {
    const { client, requests } = scriptedClient([health(['hooks', 'idempotency-key', 'something-new'])]);
    const [first, second] = await Promise.all([client.capabilities(), client.capabilities()]);
    expect(first).toEqual({ version: '1.45.0', extensions: new Set(['idempotency-key', 'hooks']) });
    expect(second).toBe(first);
    expect(await client.capabilities()).toBe(first);
    expect(requests).toHaveLength(1);
  });

  test.each<[string, Answer, string | null]>([
    ['Dograh, which lists none', health(), '1.45.0'],
    ['a web page', text(200, '<html>'), null],
    ['a server without a health route', json(404, { detail: 'Not Found' }), null],
    [
      'extensions of a wrong type',
      json(200, { status: 'ok', version: '1', extensions: 'idempotency-key' }),
      null,
    ],
  ])('are empty after %s, and are not read again', async (_, answer, version) => {
    const { client, requests } = scriptedClient([answer]);
    expect(await client.capabilities()).toEqual({ version, extensions: new Set() });
    await client.capabilities();
    expect(requests).toHaveLength(1);
  });

  test.each<[string, Answer[]]>([
    ['a broken connection', [broken('ECONNRESET'), broken('ECONNRESET'), broken('ECONNRESET')]],
    ['a 500', [text(500, 'Internal Server Error')]],
  ])('are read again after %s', async (_, failures) => {
    const { client } = scriptedClient([...failures, keepsKeys]);
    await rejectionOf(client.capabilities());
    expect((await client.capabilities()).extensions).toEqual(new Set(['idempotency-key']));
  });
});

describe('keepsIdempotencyKeys', () => {
  test.each<[string, Answer, boolean]>([
    ['yes for a server that lists the extension', keepsKeys, true],
    ['no for Dograh, which lists none', health(), false],
    ['no for a server that fails, instead of an error', text(500, 'Internal Server Error'), false],
  ])('is %s', async (_, answer, keeps) => {
    expect(await scriptedClient([answer]).client.keepsIdempotencyKeys()).toBe(keeps);
  });
});

describe('whoAmI', () => {
  test('reads the user, the organization and the host', async () => {
    const { client, calls } = scriptedClient([
      json(200, { id: 3, is_superuser: false }),
      json(200, { id: 3, email: 'jane@example.test', name: null, organization_id: 8, provider_id: null }),
    ]);
    expect(await client.whoAmI()).toEqual({
      userId: 3,
      email: 'jane@example.test',
      organizationId: 8,
      host: 'api.example.test',
    });
    expect(calls()).toEqual(['GET /user/auth/user', 'GET /auth/me']);
  });

  test('reports a refused key', async () => {
    const { client } = scriptedClient([json(401, { detail: 'Invalid or expired API key' })]);
    expect((await rejectionOf(client.whoAmI())).code).toBe('invalid_key');
  });
});

describe('over a real connection, with the axios transport', () => {
  let server: LocalServer;

  afterEach(() => server.close());

  const connect = (url: string, dialTimeoutSeconds = 10) =>
    new TriggerClient(axiosTransport({ apiKey: 'dgr_real' }), { baseUrl: url, sleep, dialTimeoutSeconds });

  test('a call is placed', async () => {
    server = await startLocalServer((_, response) => {
      replyJson(response, 200, JSON.parse(placed.body), placed.headers);
    });
    const result = await connect(server.url).triggerCall({ ...keyed, initialContext: { text: '{{x}} é' } });
    expect(result).toMatchObject({ runId: 12, workflowId: 7, replayed: false });
    expect(server.requests).toMatchObject([
      { method: 'POST', url: '/api/v1/public/agent/support', headers: { 'x-api-key': 'dgr_real' } },
    ]);
    expect(JSON.parse(server.requests[0]?.body.toString('utf8') ?? '')).toEqual({
      phone_number: '+14155550100',
      initial_context: { text: '{{x}} é', [callMarker]: expect.stringMatching(/^[0-9a-f]{32}$/) as string },
    });
  });

  test('a server that never answers leaves the outcome unknown, and receives one request', async () => {
    server = await startLocalServer(() => undefined);
    const error = await rejectionOf(connect(server.url, 2).triggerCall(call));
    expect(error.code).toBe('outcome_unknown');
    expect(server.requests).toHaveLength(1);
  });

  test('a connection that is cut after the request leaves the outcome unknown', async () => {
    server = await startLocalServer((_, response) => {
      response.destroy();
    });
    const error = await rejectionOf(connect(server.url).triggerCall(call));
    expect(error.code).toBe('outcome_unknown');
    expect(server.requests).toHaveLength(1);
  });

  test('a refused connection proves that nothing was dialled', async () => {
    server = await startLocalServer(() => undefined);
    const gone = await startLocalServer(() => undefined);
    await gone.close();
    expect((await rejectionOf(connect(gone.url).triggerCall(call))).code).toBe('unreachable');
  });

  test('canceling a call aborts its request at once', async () => {
    const controller = new AbortController();
    server = await startLocalServer(() => {
      controller.abort();
    });
    const error = await rejectionOf(connect(server.url).triggerCall({ ...call, signal: controller.signal }));
    expect(error.code).toBe('outcome_unknown');
  });
});

test('the client sends no API key itself: the transport adds it', async () => {
  const { client, requests } = scriptedClient([placed]);
  await client.triggerCall(call);
  expect(requests.map((request) => Object.keys(request.headers))).toEqual([['accept', 'content-type']]);
});
