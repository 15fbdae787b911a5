import { callMarker, type CallRequest, type JsonObject, parsePhoneNumber } from '@dograh-trigger/shared';
import { rejectionOf } from '../../support/caught';
import {
  busy,
  call,
  dial,
  draining,
  gatewayTimeout,
  keepsKeys,
  keyed,
  placed,
  replayed,
  inProgress,
} from '../../support/client-answers';
import { type Answer, baseUrl, broken, json, scriptedClient, text } from '../../support/scripted-client';

describe('triggerCall', () => {
  test('sends the options of the call and nothing else', async () => {
    const { client, requests } = scriptedClient([placed], { userAgent: 'host/1.0', dialTimeoutSeconds: 20 });
    const initialContext: JsonObject = { user: { name: 'Jane {{x}}' }, day: null };
    await client.triggerCall({
      target: { agentUuid: 'a-1' },
      environment: 'test',
      phoneNumber: '+14155550100',
      initialContext,
      telephonyConfigurationId: 5,
      fromPhoneNumberId: 6,
      strictVariables: true,
      callbackUrl: 'https://example.com/ended',
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
      initial_context: { ...initialContext, [callMarker]: expect.stringMatching(/^[0-9a-f]{32}$/) as string },
      telephony_configuration_id: 5,
      from_phone_number_id: 6,
      strict_variables: true,
      callback_url: 'https://example.com/ended',
    });
  });

  test('sends the lifetime of the key, but only together with a key', async () => {
    const { client, requests } = scriptedClient([placed, placed]);
    await client.triggerCall({ ...call, idempotencyKey: 'lead-7', keyLifetimeSeconds: 2_592_000 });
    await client.triggerCall({ ...call, keyLifetimeSeconds: 2_592_000 });
    expect(requests.map(({ headers }) => headers['idempotency-key-lifetime'])).toEqual([
      '2592000',
      undefined,
    ]);
  });

  test.each([3599, 2_592_001, 7200.5, NaN])(
    'refuses a key lifetime of %s seconds without a request',
    async (seconds) => {
      const { client, requests } = scriptedClient([placed]);
      const expected = { ...call, idempotencyKey: 'lead-7', keyLifetimeSeconds: seconds };
      expect(await rejectionOf(client.triggerCall(expected))).toMatchObject({
        code: 'invalid_input',
        message: 'An idempotency key is kept for a whole number of seconds, from an hour to 30 days.',
      });
      expect(requests).toHaveLength(0);
    },
  );

  test('marks a call that has a key, with one mark per key, and no other call', async () => {
    async function markOf(changes: Partial<CallRequest>): Promise<unknown> {
      const { client, requests } = scriptedClient([placed]);
      await client.triggerCall({ ...call, ...changes });
      const { initial_context: context } = JSON.parse(requests[0]?.body ?? '') as {
        initial_context?: JsonObject;
      };
      return context?.[callMarker];
    }
    const mark = await markOf({ idempotencyKey: 'order-1001' });
    expect(mark).toMatch(/^[0-9a-f]{32}$/);
    expect(await markOf({ idempotencyKey: 'order-1001', initialContext: { day: 'Monday' } })).toBe(mark);
    expect(await markOf({ idempotencyKey: 'order-1002' })).not.toBe(mark);
    expect(await markOf({ initialContext: { day: 'Monday' } })).toBeUndefined();
  });

  test('leaves out missing options, and sends the number in E.164', async () => {
    const { client, requests } = scriptedClient([placed]);
    await client.triggerCall(call);
    expect(requests[0]?.body).toBe('{"phone_number":"+14155550100"}');
    expect(requests[0]?.headers).not.toHaveProperty('idempotency-key');
  });

  test('returns the run, with its agent’s id if the server sends it', async () => {
    const silent = { mode: null, fallbackFrom: null };
    const run = { runId: 12, runName: 'WR-API-1234', status: 'initiated', ...silent };
    const denied = { ...placed, headers: { 'idempotency-replayed': 'false' } };
    const { client } = scriptedClient([placed, denied, replayed]);
    const isNew = { replayed: false, placedBefore: false };
    expect(await client.triggerCall(call)).toEqual({ ...run, workflowId: 7, ...isNew });
    expect(await client.triggerCall(call)).toEqual({ ...run, workflowId: null, ...isNew });
    const isOld = { replayed: true, placedBefore: true };
    expect(await client.triggerCall(keyed)).toEqual({ ...run, workflowId: 7, ...isOld });
  });

  test('a replay after a lost reply counts as placed by this call; a replay after a refused connection does not', async () => {
    const own = scriptedClient([broken('ECONNRESET'), keepsKeys, replayed]);
    expect(await own.client.triggerCall(keyed)).toMatchObject({ replayed: true, placedBefore: false });
    const other = scriptedClient([broken('ECONNREFUSED'), keepsKeys, replayed]);
    expect(await other.client.triggerCall(keyed)).toMatchObject({ replayed: true, placedBefore: true });
    const slower = scriptedClient([inProgress, replayed]);
    expect(await slower.client.triggerCall(keyed)).toMatchObject({ replayed: true, placedBefore: true });
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
  ])('refuses %s without a request', async (_, wrong) => {
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
    'shows the whole reason of the number check for %j: redaction removes nothing from it',
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

  describe('with a key, on a server that keeps keys', () => {
    test.each<[string, Answer]>([
      ['a broken connection', broken('ECONNRESET')],
      ['a refused connection', broken('ECONNREFUSED')],
      ['503', json(503, { detail: 'Shutting down' })],
      ['a gateway’s 504', gatewayTimeout],
      ['a reply that cannot be read', text(200, '<html>')],
    ])('after %s the same request is repeated', async (_, answer) => {
      const { client, requests, calls } = scriptedClient([answer, keepsKeys, replayed]);
      expect(await client.triggerCall(keyed)).toMatchObject({ runId: 12, replayed: true });
      expect(calls()).toEqual([dial, 'GET /health', dial]);
      const [first, , second] = requests;
      expect(second).toEqual(first);
    });

    test('at most twice; then the outcome stays unknown', async () => {
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

    test('a gateway’s Retry-After is respected', async () => {
      const away = json(503, { detail: 'Shutting down' }, { 'retry-after': '5' });
      const { client, pauses } = scriptedClient([away, keepsKeys, placed]);
      await client.triggerCall(keyed);
      expect(pauses).toEqual([5]);
    });

    test('a draining server does not hide that the first try may have dialled', async () => {
      const { client } = scriptedClient([broken('ECONNRESET'), keepsKeys, draining, draining]);
      expect((await rejectionOf(client.triggerCall(keyed))).code).toBe('outcome_unknown');
    });

    test.each<[string, Answer]>([
      ['a broken connection', broken('ECONNRESET')],
      ['a call that is still being placed', inProgress],
    ])('after %s a client that repeats no dials sends nothing more', async (_, answer) => {
      const { client, calls } = scriptedClient([answer], { repeatsDials: false });
      expect((await rejectionOf(client.triggerCall(keyed))).code).toBe('outcome_unknown');
      expect(calls()).toEqual([dial]);
    });

    test('while the first request is still in progress the client repeats it until the call is placed', async () => {
      const { client, calls, pauses } = scriptedClient([
        broken('ECONNRESET'),
        keepsKeys,
        inProgress,
        inProgress,
        replayed,
      ]);
      expect((await client.triggerCall(keyed)).runId).toBe(12);
      expect(calls()).toEqual([dial, 'GET /health', dial, dial, dial]);
      expect(pauses).toEqual([1, 1, 2]);
    });

    test('but no longer than the dial timeout; then the outcome is unknown', async () => {
      const { client, pauses } = scriptedClient(
        [inProgress, inProgress, inProgress, inProgress, inProgress],
        {
          dialTimeoutSeconds: 12,
        },
      );
      expect(await rejectionOf(client.triggerCall(keyed))).toMatchObject({
        code: 'outcome_unknown',
        status: 409,
      });
      expect(pauses).toEqual([1, 2, 4, 5]);
    });

    test('an unknown outcome with a run id is final: the request is not repeated', async () => {
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

    test('nor does canceling between the tries', async () => {
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

    test('the answer to a repeat settles the outcome', async () => {
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

  test('with an aborted signal the call is not sent', async () => {
    const { client, requests } = scriptedClient([]);
    const error = await rejectionOf(client.triggerCall({ ...call, signal: AbortSignal.abort() }));
    expect(error.code).toBe('canceled');
    expect(requests).toEqual([]);
  });

  test('a call that is canceled during its request may have been placed', async () => {
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
