import {
  parsePhoneNumber,
  TriggerClient,
  type CallRequest,
  type HttpRequest,
  type JsonObject,
} from '@dograh-trigger/shared';
import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import { rejectionOf } from '../support/caught';
import { replyJson, startLocalServer, type LocalServer } from '../support/local-server';
import { baseUrl, broken, json, scriptedClient, text, type Answer } from '../support/scripted-client';

const call: CallRequest = {
  target: { triggerUuid: 'support' },
  environment: 'production',
  phoneNumber: '+1 (415) 555-0100',
};
const keyed: CallRequest = { ...call, idempotencyKey: 'order-1001' };
const dial = 'POST /public/agent/support';

const placed = json(
  200,
  { status: 'initiated', workflow_run_id: 12, workflow_run_name: 'WR-API-1234' },
  { location: '/api/v1/workflow/7/runs/12' },
);
const replayed = { ...placed, headers: { ...placed.headers, 'idempotency-replayed': 'true' } };
const busy = json(429, { detail: 'Concurrent call limit reached' });
const underWay = json(409, { detail: 'A call with this idempotency key is still being placed' });
const gatewayTimeout = text(504, '<html>Gateway Timeout</html>');
const health = (extensions?: string[]) => json(200, { status: 'ok', version: '1.45.0', extensions });
const keepsKeys = health(['idempotency-key']);

describe('a client', () => {
  test('refuses a base URL that is none', () => {
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

describe('triggerCall', () => {
  test('sends what the call says and nothing more', async () => {
    const { client, requests } = scriptedClient([placed], { userAgent: 'host/1.0', dialTimeoutSeconds: 20 });
    const initialContext: JsonObject = { user: { name: 'Jane {{x}}' }, provider: null };
    await client.triggerCall({
      target: { agentUuid: 'a-1' },
      environment: 'test',
      phoneNumber: '+14155550100',
      initialContext,
      telephonyConfigurationId: 5,
      fromPhoneNumberId: 6,
      idempotencyKey: 'order-1001',
    });
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      url: `${baseUrl}/api/v1/public/agent/test/workflow/a-1`,
      timeoutSeconds: 20,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'idempotency-key': 'order-1001',
        'user-agent': 'host/1.0',
      },
    });
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      phone_number: '+14155550100',
      initial_context: initialContext,
      telephony_configuration_id: 5,
      from_phone_number_id: 6,
    });
  });

  test('leaves out what the call does not say, and sends the number in E.164', async () => {
    const { client, requests } = scriptedClient([placed]);
    await client.triggerCall(call);
    expect(requests[0]?.body).toBe('{"phone_number":"+14155550100"}');
    expect(requests[0]?.headers).not.toHaveProperty('idempotency-key');
  });

  test('returns the run, with its agent where the server names it', async () => {
    const run = { runId: 12, runName: 'WR-API-1234', status: 'initiated' };
    const { client } = scriptedClient([placed, { ...placed, headers: {} }, replayed]);
    expect(await client.triggerCall(call)).toEqual({ ...run, workflowId: 7, replayed: false });
    expect(await client.triggerCall(call)).toEqual({ ...run, workflowId: null, replayed: false });
    expect(await client.triggerCall(keyed)).toEqual({ ...run, workflowId: 7, replayed: true });
  });

  const circular: JsonObject = {};
  circular.self = circular;
  let deep: JsonObject = {};
  for (let level = 0; level < 100_000; level += 1) deep = { deep };

  test.each<[string, Partial<CallRequest>]>([
    ['a number without +', { phoneNumber: '4155550100' }],
    ['an impossible agent', { target: { agentUuid: '../x' } }],
    ['an empty idempotency key', { idempotencyKey: '' }],
    ['a key with a line break', { idempotencyKey: 'a\r\nx-injected: 1' }],
    ['a key of 256 characters', { idempotencyKey: 'k'.repeat(256) }],
    ['NaN as a telephony configuration', { telephonyConfigurationId: NaN }],
    ['a fraction as a caller ID', { fromPhoneNumberId: 1.5 }],
    ['variables that refer to themselves', { initialContext: circular }],
    ['variables that are nested too deeply', { initialContext: deep }],
  ])('refuses %s before anything is sent', async (_, wrong) => {
    const { client, requests } = scriptedClient([]);
    const error = await rejectionOf(client.triggerCall({ ...call, ...wrong }));
    expect(error.code).toBe('invalid_input');
    expect(error.message).not.toContain('4155550100');
    expect(requests).toEqual([]);
  });

  test.each([
    '',
    'x',
    '4155550100',
    '+1',
    '+0123456789',
    'sip:a@b',
    '+14155550100 x1',
    '+44 (0)20',
    '+1234567890.0',
  ])(
    'gives the number check’s own sentence for %j, whole: none of its words is taken for a secret',
    async (phoneNumber) => {
      const { client } = scriptedClient([]);
      const { message } = await rejectionOf(client.triggerCall({ ...call, phoneNumber }));
      expect(parsePhoneNumber(phoneNumber)).toEqual({ ok: false, reason: message });
    },
  );

  describe('never dials twice without a key', () => {
    test.each<[string, Answer, string]>([
      ['a broken connection', broken('ECONNRESET'), 'outcome_unknown'],
      ['a time-out', broken('ETIMEDOUT'), 'outcome_unknown'],
      ['a refused connection', broken('ECONNREFUSED'), 'unreachable'],
      ['500', text(500, 'Internal Server Error'), 'outcome_unknown'],
      [
        '503 with Retry-After',
        json(503, { detail: 'Shutting down' }, { 'retry-after': '1' }),
        'outcome_unknown',
      ],
      ['504', gatewayTimeout, 'outcome_unknown'],
      ['a reply that cannot be read', text(200, '<html>'), 'outcome_unknown'],
      ['400', json(400, { detail: 'Failed to initiate call: busy' }), 'telephony'],
      ['a redirect', text(307, '', { location: '/x' }), 'unexpected_response'],
      ['429 without a wait', busy, 'busy'],
    ])('%s', async (_, answer, code) => {
      const { client, calls, pauses } = scriptedClient([answer]);
      expect((await rejectionOf(client.triggerCall(call))).code).toBe(code);
      expect(calls()).toEqual([dial]);
      expect(pauses).toEqual([]);
    });
  });

  describe('waits out a 429 within busyWaitSeconds', () => {
    test('in the server’s own steps', async () => {
      const step = { ...busy, headers: { 'retry-after': '4' } };
      const { client, pauses, calls } = scriptedClient([step, step, placed]);
      expect((await client.triggerCall({ ...call, busyWaitSeconds: 10 })).runId).toBe(12);
      expect(pauses).toEqual([4, 4]);
      expect(calls()).toEqual([dial, dial, dial]);
    });

    test('in steps of 1, 2, 4, 8 and 10 seconds when the server says nothing, the last one cut to fit', async () => {
      const { client, pauses } = scriptedClient(Array<Answer>(8).fill(busy));
      expect((await rejectionOf(client.triggerCall({ ...call, busyWaitSeconds: 38 }))).code).toBe('busy');
      expect(pauses).toEqual([1, 2, 4, 8, 10, 10, 3]);
    });

    test('with up to half of a step dropped at random', async () => {
      const { client, pauses } = scriptedClient([busy, busy, placed], { random: () => 0 });
      await client.triggerCall({ ...call, busyWaitSeconds: 30 });
      expect(pauses).toEqual([0.5, 1]);
    });

    test('not at all when the server asks for longer than there is', async () => {
      const { client, pauses } = scriptedClient([{ ...busy, headers: { 'retry-after': '60' } }]);
      const error = await rejectionOf(client.triggerCall({ ...call, busyWaitSeconds: 30 }));
      expect(error).toMatchObject({ code: 'busy', status: 429, retryAfterSeconds: 60 });
      expect(pauses).toEqual([]);
    });

    test('a Retry-After of 0 is a second, so that the wait ends', async () => {
      const step = { ...busy, headers: { 'retry-after': '0' } };
      const { client, pauses } = scriptedClient([step, step, step, step]);
      await rejectionOf(client.triggerCall({ ...call, busyWaitSeconds: 3 }));
      expect(pauses).toEqual([1, 1, 1]);
    });

    test('and stops when it is canceled: nothing was dialled', async () => {
      const controller = new AbortController();
      const { client, calls } = scriptedClient([busy], {
        sleep: () => {
          controller.abort();
          return Promise.reject(new Error('sleep was interrupted'));
        },
      });
      const waiting = client.triggerCall({ ...call, busyWaitSeconds: 30, signal: controller.signal });
      expect((await rejectionOf(waiting)).code).toBe('canceled');
      expect(calls()).toEqual([dial]);
    });
  });

  describe('with a key, on a server that keeps keys', () => {
    test.each<[string, Answer]>([
      ['a broken connection', broken('ECONNRESET')],
      ['a refused connection', broken('ECONNREFUSED')],
      ['503', json(503, { detail: 'Shutting down' })],
      ['a gateway’s 504', gatewayTimeout],
      ['a reply that cannot be read', text(200, '<html>')],
    ])('%s is followed by the same request', async (_, answer) => {
      const { client, requests, calls } = scriptedClient([answer, keepsKeys, replayed]);
      expect(await client.triggerCall(keyed)).toMatchObject({ runId: 12, replayed: true });
      expect(calls()).toEqual([dial, 'GET /health', dial]);
      const [first, , second] = requests;
      expect(second).toEqual(first);
    });

    test('twice at most; then the outcome stays unknown', async () => {
      const { client, calls, pauses } = scriptedClient([
        broken('ECONNRESET'),
        keepsKeys,
        broken('ECONNRESET'),
        gatewayTimeout,
      ]);
      expect((await rejectionOf(client.triggerCall(keyed))).code).toBe('outcome_unknown');
      expect(calls()).toEqual([dial, 'GET /health', dial, dial]);
      expect(pauses).toEqual([1, 2]);
    });

    test('Retry-After of a server that drains is kept', async () => {
      const draining = json(503, { detail: 'Shutting down' }, { 'retry-after': '5' });
      const { client, pauses } = scriptedClient([draining, keepsKeys, placed]);
      await client.triggerCall(keyed);
      expect(pauses).toEqual([5]);
    });

    test('a call that is still being placed is asked for again until it is there', async () => {
      const { client, calls, pauses } = scriptedClient([
        broken('ECONNRESET'),
        keepsKeys,
        underWay,
        underWay,
        replayed,
      ]);
      expect((await client.triggerCall(keyed)).runId).toBe(12);
      expect(calls()).toEqual([dial, 'GET /health', dial, dial, dial]);
      expect(pauses).toEqual([1, 1, 2]);
    });

    test('but no longer than one dial may take; then the outcome is unknown', async () => {
      const { client, pauses } = scriptedClient([underWay, underWay, underWay, underWay, underWay], {
        dialTimeoutSeconds: 12,
      });
      expect(await rejectionOf(client.triggerCall(keyed))).toMatchObject({
        code: 'outcome_unknown',
        status: 409,
      });
      expect(pauses).toEqual([1, 2, 4, 5]);
    });

    test('an unknown outcome that names its run is the server’s last word: it is not asked again', async () => {
      const timedOut = json(
        504,
        { detail: 'The carrier did not answer in time; the call may have been placed' },
        { location: '/api/v1/workflow/7/runs/12' },
      );
      const { client, calls } = scriptedClient([timedOut]);
      expect(await rejectionOf(client.triggerCall(keyed))).toMatchObject({
        code: 'outcome_unknown',
        runId: 12,
      });
      expect(calls()).toEqual([dial]);
    });

    test.each<[string, Answer]>([
      ['cannot be reached', broken('ECONNREFUSED')],
      ['refuses the key', json(401, { detail: 'Invalid API key' })],
      ['redirects', text(302, '')],
    ])('a repeat that %s does not hide that the first try may have dialled', async (_, answer) => {
      const { client } = scriptedClient([broken('ECONNRESET'), keepsKeys, answer, answer, answer]);
      expect((await rejectionOf(client.triggerCall(keyed))).code).toBe('outcome_unknown');
    });

    test('nor does a cancel between the tries', async () => {
      const controller = new AbortController();
      const { client } = scriptedClient([broken('ECONNRESET'), keepsKeys], {
        sleep: () => {
          controller.abort();
          return Promise.resolve();
        },
      });
      const error = await rejectionOf(client.triggerCall({ ...keyed, signal: controller.signal }));
      expect(error.code).toBe('outcome_unknown');
    });

    test('a repeat that is answered settles it', async () => {
      const refused = json(400, { detail: 'Failed to initiate call: busy' });
      const { client } = scriptedClient([broken('ECONNRESET'), keepsKeys, refused]);
      expect((await rejectionOf(client.triggerCall(keyed))).code).toBe('telephony');
    });

    test.each([400, 401, 402, 403, 404, 422])('%i is not repeated', async (status) => {
      const { client, calls } = scriptedClient([json(status, { detail: 'x' })]);
      await rejectionOf(client.triggerCall(keyed));
      expect(calls()).toEqual([dial]);
    });
  });

  describe('with a key, on a server that is not known to keep keys, is not repeated', () => {
    test.each<[string, Answer[]]>([
      ['Dograh', [health()]],
      ['a server with other extensions', [health(['hooks'])]],
      ['a health page that is HTML', [text(200, '<html>')]],
      ['a health route that fails', [text(500, 'Internal Server Error')]],
      ['a server that is gone', [broken('ECONNREFUSED'), broken('ECONNREFUSED'), broken('ECONNREFUSED')]],
    ])('%s', async (_, healthAnswers) => {
      const { client, calls } = scriptedClient([gatewayTimeout, ...healthAnswers]);
      expect(await rejectionOf(client.triggerCall(keyed))).toMatchObject({
        code: 'outcome_unknown',
        status: 504,
      });
      expect(calls().filter((sent) => sent === dial)).toHaveLength(1);
    });
  });

  test('a signal that is aborted already keeps the call from being sent', async () => {
    const { client, requests } = scriptedClient([]);
    const error = await rejectionOf(client.triggerCall({ ...call, signal: AbortSignal.abort() }));
    expect(error.code).toBe('canceled');
    expect(requests).toEqual([]);
  });

  test('a call that is canceled on its way may have been placed', async () => {
    const controller = new AbortController();
    const { client, calls } = scriptedClient([
      () => {
        controller.abort();
        throw new Error('aborted');
      },
    ]);
    const error = await rejectionOf(client.triggerCall({ ...keyed, signal: controller.signal }));
    expect(error.code).toBe('outcome_unknown');
    expect(calls()).toEqual([dial]);
  });
});

describe('reads', () => {
  const agents = json(200, []);

  test.each<[string, Answer]>([
    ['a broken connection', broken('ECONNRESET')],
    ['502', text(502, '<html>')],
    ['503', json(503, { detail: 'x' })],
    ['504', text(504, '')],
  ])('are sent again after %s, twice at most', async (_, answer) => {
    const recovered = scriptedClient([answer, answer, agents]);
    expect(await recovered.client.listAgents()).toEqual([]);
    expect(recovered.pauses).toEqual([1, 2]);

    const lost = scriptedClient([answer, answer, answer]);
    await rejectionOf(lost.client.listAgents());
    expect(lost.requests).toHaveLength(3);
  });

  test.each([400, 401, 403, 404, 422, 429, 500])('are not sent again after %i', async (status) => {
    const { client, requests } = scriptedClient([json(status, { detail: 'x' })]);
    expect((await rejectionOf(client.listAgents())).status).toBe(status);
    expect(requests).toHaveLength(1);
  });

  test('end with canceled when the signal is aborted, also while one is under way', async () => {
    const controller = new AbortController();
    const { client, requests } = scriptedClient([
      () => {
        controller.abort();
        throw new Error('aborted');
      },
    ]);
    const { signal } = controller;
    expect(await rejectionOf(client.getRun(12, { signal }))).toMatchObject({ code: 'canceled', runId: 12 });
    expect(await rejectionOf(client.listAgents({ signal }))).toMatchObject({ code: 'canceled' });
    expect(requests).toHaveLength(1);
  });

  test('carry the time limit and no body', async () => {
    const { client, requests } = scriptedClient([agents], { requestTimeoutSeconds: 9 });
    await client.listAgents();
    expect(requests[0]).toMatchObject({
      method: 'GET',
      timeoutSeconds: 9,
      headers: { accept: 'application/json' },
    });
    expect(requests[0]?.body).toBeUndefined();
  });

  test('an error names the address without its query', async () => {
    const { client } = scriptedClient([text(200, '<html>')]);
    const { message } = await rejectionOf(client.listAgents());
    expect(message).toContain(`GET ${baseUrl}/api/v1/workflow/fetch answered 200`);
  });
});

describe('capabilities', () => {
  test('are read once, also when asked for twice at the same time', async () => {
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
  ])('are none for %s, and that is remembered', async (_, answer, version) => {
    const { client, requests } = scriptedClient([answer]);
    expect(await client.capabilities()).toEqual({ version, extensions: new Set() });
    await client.capabilities();
    expect(requests).toHaveLength(1);
  });

  test.each<[string, Answer[]]>([
    ['a broken connection', [broken('ECONNRESET'), broken('ECONNRESET'), broken('ECONNRESET')]],
    ['a 500', [text(500, 'Internal Server Error')]],
  ])('are asked for again after %s', async (_, failures) => {
    const { client } = scriptedClient([...failures, keepsKeys]);
    await rejectionOf(client.capabilities());
    expect((await client.capabilities()).extensions).toEqual(new Set(['idempotency-key']));
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

describe('agents', () => {
  const created_at = '2026-08-22T03:04:05Z';
  const listed = (id: number, name: string, workflow_uuid: string | null) => ({
    id,
    name,
    status: 'active',
    created_at,
    workflow_uuid,
  });

  test('are listed by name; one without a UUID cannot be called and is left out', async () => {
    const { client, calls } = scriptedClient([
      json(200, [
        listed(4, 'élan', 'u4'),
        listed(1, 'zebra', 'u1'),
        listed(3, 'Ant', 'u3'),
        listed(2, 'Ant', 'u2'),
        listed(5, 'x', null),
      ]),
    ]);
    expect(await client.listAgents()).toEqual([
      { id: 2, uuid: 'u2', name: 'Ant' },
      { id: 3, uuid: 'u3', name: 'Ant' },
      { id: 4, uuid: 'u4', name: 'élan' },
      { id: 1, uuid: 'u1', name: 'zebra' },
    ]);
    expect(calls()).toEqual(['GET /workflow/fetch?status=active']);
  });

  const definition = (triggerPath: string | null, prompt: string) => ({
    nodes: [
      { id: '1', type: 'startCall', position: { x: 0, y: 0 }, data: { name: 'Start', prompt } },
      ...(triggerPath === null
        ? []
        : [
            {
              id: '2',
              type: 'trigger',
              position: { x: 0, y: 0 },
              data: { name: 'API', trigger_path: triggerPath },
            },
          ]),
    ],
    edges: [],
  });
  const fetched = (version_status: string | null, workflow_definition: object) =>
    json(200, { ...listed(7, 'Support', 'u7'), workflow_definition, version_status });
  const versions = (...items: [string, object][]) =>
    json(
      200,
      items.map(([status, workflow_json], index) => ({
        id: index,
        version_number: 9 - index,
        status,
        workflow_json,
      })),
    );

  test('with a draft: production is the published version, test the draft, and the variables of both are listed', async () => {
    const { client, calls } = scriptedClient([
      fetched('draft', definition('new-path', '{{name}} {{added | x}}')),
      versions(
        ['draft', definition('new-path', '{{name}} {{added | x}}')],
        ['published', definition('live-path', '{{name}} {{old}}')],
        ['archived', definition('ancient', '{{ancient}}')],
      ),
    ]);
    expect(await client.getAgent(7)).toEqual({
      id: 7,
      uuid: 'u7',
      name: 'Support',
      versionStatus: 'draft',
      productionTriggerUuid: 'live-path',
      testTriggerUuid: 'new-path',
      variables: [
        { name: 'name', fallback: null },
        { name: 'old', fallback: null },
        { name: 'added', fallback: 'x' },
      ],
    });
    expect(calls()).toEqual(['GET /workflow/fetch/7', 'GET /workflow/7/versions?limit=10']);
  });

  test('without a draft: one request tells everything', async () => {
    const { client, calls } = scriptedClient([fetched('published', definition('live-path', '{{name}}'))]);
    expect(await client.getAgent(7)).toMatchObject({
      productionTriggerUuid: 'live-path',
      testTriggerUuid: 'live-path',
      variables: [{ name: 'name', fallback: null }],
    });
    expect(calls()).toEqual(['GET /workflow/fetch/7']);
  });

  test('never published, or without a trigger node: there is no UUID to give', async () => {
    const unpublished = scriptedClient([
      fetched('draft', definition('new-path', '')),
      versions(['draft', definition('new-path', '')]),
    ]);
    expect(await unpublished.client.getAgent(7)).toMatchObject({
      productionTriggerUuid: null,
      testTriggerUuid: 'new-path',
    });
    const withoutTrigger = scriptedClient([fetched('published', definition(null, ''))]);
    expect(await withoutTrigger.client.getAgent(7)).toMatchObject({
      productionTriggerUuid: null,
      testTriggerUuid: null,
    });
  });

  test.each([NaN, -1, 1.5, Infinity])('the id %d is refused before anything is sent', async (id) => {
    const { client, requests } = scriptedClient([]);
    expect((await rejectionOf(client.getAgent(id))).code).toBe('invalid_input');
    expect((await rejectionOf(client.getRun(id))).code).toBe('invalid_input');
    expect((await rejectionOf(client.listPhoneNumbers(id))).code).toBe('invalid_input');
    expect(requests).toEqual([]);
  });
});

describe('telephony', () => {
  const times = { created_at: '2026-08-22T03:04:05Z', updated_at: '2026-08-22T03:04:05Z' };

  test('configurations and their numbers are unwrapped, with the keys of the wire', async () => {
    const configuration = { id: 5, name: 'Main', provider: 'sandbox', is_default_outbound: true, ...times };
    const number = {
      id: 6,
      telephony_configuration_id: 5,
      address: '+14155550100',
      address_normalized: '+14155550100',
      address_type: 'pstn',
      is_active: true,
      is_default_caller_id: false,
      ...times,
    };
    const { client, calls } = scriptedClient([
      json(200, { configurations: [configuration] }),
      json(200, { phone_numbers: [number] }),
    ]);
    expect(await client.listTelephonyConfigurations()).toEqual([configuration]);
    expect(await client.listPhoneNumbers(5)).toEqual([number]);
    expect(calls()).toEqual([
      'GET /organizations/telephony-configs',
      'GET /organizations/telephony-configs/5/phone-numbers',
    ]);
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
      initial_context: { text: '{{x}} é' },
    });
  });

  test('a server that takes the call and never answers leaves the outcome unknown, and is asked once', async () => {
    server = await startLocalServer(() => undefined);
    const error = await rejectionOf(connect(server.url, 0.2).triggerCall(call));
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

  test('a server that is not there proves that nothing was dialled', async () => {
    server = await startLocalServer(() => undefined);
    const gone = await startLocalServer(() => undefined);
    await gone.close();
    expect((await rejectionOf(connect(gone.url).triggerCall(call))).code).toBe('unreachable');
  });

  test('a canceled call is cut at once', async () => {
    const controller = new AbortController();
    server = await startLocalServer(() => {
      controller.abort();
    });
    const error = await rejectionOf(connect(server.url).triggerCall({ ...call, signal: controller.signal }));
    expect(error.code).toBe('outcome_unknown');
  });
});

test('the client sends no key of its own: the transport adds it', async () => {
  const { client, requests } = scriptedClient([placed]);
  await client.triggerCall(call);
  expect(requests.map((request: HttpRequest) => Object.keys(request.headers))).toEqual([
    ['accept', 'content-type'],
  ]);
});
