/** Before a second try on a server that keeps no keys, the client searches the list of calls. */
import fc from 'fast-check';
import { rejectionOf } from '../../support/caught';
import {
  busy,
  call,
  carrierAway,
  dial,
  draining,
  gatewayTimeout,
  health,
  keepsKeys,
  keyed,
  placed,
  inProgress,
} from '../../support/client-answers';
import {
  failedBefore,
  list,
  searchingClient,
  markedContext,
  none,
  page,
  row,
} from '../../support/searching-client';
import { type Answer, broken, json, scriptedClient, text } from '../../support/scripted-client';

const dograh = health();
const lost = broken('ECONNRESET');

const others = page([
  row(40, { initial_context: markedContext('order-1000') }),
  row(39, { initial_context: null }),
]);

describe('after a reply that was lost', () => {
  test('a listed call of the first try is the answer: nothing is sent again', async () => {
    const { client, calls, pauses } = searchingClient([lost, dograh, page([row(41)])]);
    expect(await client.triggerCall(keyed)).toEqual({
      runId: 41,
      runName: 'WR-API-41',
      status: 'initiated',
      workflowId: 7,
      replayed: true,
      placedBefore: false,
      mode: 'twilio',
      fallbackFrom: null,
    });
    expect(calls()).toEqual([dial, 'GET /health', list]);
    expect(pauses).toEqual([5]);
  });

  test('the second search finds a first request that arrives late', async () => {
    const { client, calls, pauses } = searchingClient([lost, dograh, others, page([row(41)])]);
    expect((await client.triggerCall(keyed)).runId).toBe(41);
    expect(calls()).toEqual([dial, 'GET /health', list, list]);
    expect(pauses).toEqual([5, 5]);
  });

  test('after two searches without a result the same request is sent once more', async () => {
    const { client, calls, requests, pauses } = searchingClient([lost, dograh, none, others, placed]);
    expect(await client.triggerCall(keyed)).toMatchObject({ runId: 12, replayed: false });
    expect(calls()).toEqual([dial, 'GET /health', list, list, dial]);
    expect(pauses).toEqual([5, 5]);
    expect(requests[4]).toEqual(requests[0]);
  });

  test('at most two more requests are sent, with two searches before each', async () => {
    const { client, calls } = searchingClient([lost, dograh, none, none, gatewayTimeout, none, none, lost]);
    expect((await rejectionOf(client.triggerCall(keyed))).code).toBe('outcome_unknown');
    expect(calls()).toEqual([dial, 'GET /health', list, list, dial, list, list, dial]);
  });

  test('a gateway’s Retry-After delays the searches', async () => {
    const away = text(503, '', { 'retry-after': '15' });
    const { client, pauses } = searchingClient([away, dograh, page([row(41)])]);
    await client.triggerCall(keyed);
    expect(pauses).toEqual([10]);
  });

  test('after a second try without a free slot the client searches again before the third', async () => {
    const answers = [lost, dograh, none, none, busy, page([row(41)])];
    const { client, calls } = searchingClient(answers);
    expect((await client.triggerCall({ ...keyed, busyWaitSeconds: 10 })).runId).toBe(41);
    expect(calls()).toEqual([dial, 'GET /health', list, list, dial, list]);
  });

  test('a busy gateway does not hide that the first try may have dialled', async () => {
    const { client } = searchingClient([lost, dograh, none, none, busy]);
    expect((await rejectionOf(client.triggerCall(keyed))).code).toBe('outcome_unknown');
  });

  test.each<[string, Answer[]]>([
    ['a server that has failed', [json(500, { detail: 'boom' })]],
    ['a broken connection', [lost, lost, lost]],
    ['a key that may not read', [json(401, { detail: 'API key has no associated user' })]],
    ['a route that is not there', [json(404, { detail: 'Not Found' })]],
    ['another page', [text(200, '<html>')]],
    ['JSON of another shape', [json(200, { calls: [] })]],
  ])('a list that is %s leaves the outcome unknown: nothing is sent again', async (_, answers) => {
    const { client, calls } = searchingClient([gatewayTimeout, dograh, ...answers]);
    const error = await rejectionOf(client.triggerCall(keyed));
    expect(error).toMatchObject({ code: 'outcome_unknown', status: 504, nothingDialled: false });
    expect(error.message).toMatch(/The call may have been placed.*which would show it, cannot be read: /);
    expect(calls().filter((sent) => sent === dial)).toHaveLength(1);
  });

  test('so does a failed second search', async () => {
    const { client, calls } = searchingClient([lost, dograh, none, text(500, 'Internal Server Error')]);
    expect((await rejectionOf(client.triggerCall(keyed))).code).toBe('outcome_unknown');
    expect(calls()).toEqual([dial, 'GET /health', list, list]);
  });

  test('so does a list that is too long to read', async () => {
    const pages = Array.from({ length: 10 }, () =>
      page([row(40, { initial_context: null })], { total_pages: 11 }),
    );
    const { client, calls } = searchingClient([lost, dograh, ...pages]);
    const error = await rejectionOf(client.triggerCall(keyed));
    expect(error.code).toBe('outcome_unknown');
    expect(error.message).toContain('more than 1000 calls to this number');
    expect(calls().filter((sent) => sent === dial)).toHaveLength(1);
  });

  test.each<[string, Answer[]]>([
    ['a web page', [text(200, '<html>')]],
    ['a failure', [text(500, 'Internal Server Error')]],
    ['a server with other extensions', [health(['hooks'])]],
  ])('with %s instead of a health reply the client searches the list', async (_, answers) => {
    const { client, calls } = searchingClient([lost, ...answers, page([row(41)])]);
    expect((await client.triggerCall(keyed)).runId).toBe(41);
    expect(calls()).toEqual([dial, 'GET /health', list]);
  });

  test.each([[keyed, { repeatsDials: false }] as const, [call, {}] as const])(
    'there is no search without a key, or for a host that replays by itself: the error is returned at once',
    async (request, options) => {
      const { client, calls } = searchingClient([lost], options);
      expect((await rejectionOf(client.triggerCall(request))).code).toBe('outcome_unknown');
      expect(calls()).toEqual([dial]);
    },
  );

  test('canceling during the search ends it, and the outcome stays unknown', async () => {
    const controller = new AbortController();
    const sleep = () => {
      controller.abort();
      return Promise.resolve();
    };
    const { client, calls } = searchingClient([lost, dograh], { sleep });
    const error = await rejectionOf(client.triggerCall({ ...keyed, signal: controller.signal }));
    expect(error.code).toBe('outcome_unknown');
    expect(calls()).toEqual([dial, 'GET /health']);
  });

  test('after a request that was never sent there is no search', async () => {
    const { client, calls } = searchingClient([broken('ECONNREFUSED'), dograh]);
    expect((await rejectionOf(client.triggerCall(keyed))).code).toBe('unreachable');
    expect(calls()).toEqual([dial, 'GET /health']);
  });
});

describe('the search reads', () => {
  test('the newest calls to this number, of the last day', async () => {
    const now = Date.parse('2026-08-22T12:00:00Z');
    const { client, requests } = scriptedClient([lost, dograh, page([row(41)])], { now: () => now });
    await client.triggerCall(keyed);
    expect(Object.fromEntries(new URL(requests[2]?.url ?? '').searchParams)).toEqual({
      page: '1',
      limit: '100',
      start_date: '2026-08-21T12:00:00.000Z',
      filters: JSON.stringify([
        { attribute: 'callChannel', type: 'radio', value: { status: 'telephony' } },
        { attribute: 'calledNumber', type: 'text', value: { value: '+14155550100' } },
      ]),
    });
  });

  test('as far back as the caller says', async () => {
    const now = Date.parse('2026-08-22T12:00:00Z');
    const { client, requests } = scriptedClient([lost, dograh, page([row(41)])], { now: () => now });
    await client.triggerCall({ ...keyed, earlierTrySeconds: 3600 });
    expect(new URL(requests[2]?.url ?? '').searchParams.get('start_date')).toBe('2026-08-22T11:00:00.000Z');
  });

  test('further pages, until the call is found', async () => {
    const first = page([row(99, { initial_context: null })], { total_pages: 3 });
    const second = page([row(41)], { total_pages: 3 });
    const { client, requests } = scriptedClient([lost, dograh, first, second]);
    expect((await client.triggerCall(keyed)).runId).toBe(41);
    expect(requests.slice(2).map(({ url }) => new URL(url).searchParams.get('page'))).toEqual(['1', '2']);
  });

  test('only the fields that it needs: unexpected values in other fields are no error', async () => {
    const odd = { id: 41, workflow_id: 7, name: 'x', created_at: null, call_duration_seconds: 1.5 };
    const reply = json(200, {
      runs: [{ ...odd, initial_context: markedContext('order-1001') }],
      total_pages: 1,
    });
    const { client } = scriptedClient([lost, dograh, reply]);
    expect((await client.triggerCall(keyed)).runId).toBe(41);
  });
});

describe('a call of the first try that was never placed', () => {
  const refused = row(41, failedBefore('Failed to initiate call: 400: {"code": 21211}'));
  const unpaid = row(41, failedBefore('You have exhausted your Dograh credits.'));

  test('because the carrier refused has the same error as the first try', async () => {
    const { client, calls } = searchingClient([lost, dograh, page([refused])]);
    const error = await rejectionOf(client.triggerCall(keyed));
    expect(error).toMatchObject({
      code: 'telephony',
      runId: 41,
      detail: 'Failed to initiate call: 400: {"code": 21211}',
      nothingDialled: false,
    });
    expect(error.message).toContain('An earlier try of this call had this answer');
    expect(calls()).toEqual([dial, 'GET /health', list]);
  });

  test('because the account had no credits does not prevent a new call: no carrier was asked', async () => {
    const { client } = searchingClient([lost, dograh, page([unpaid]), page([unpaid]), placed]);
    expect(await client.triggerCall(keyed)).toMatchObject({ runId: 12, replayed: false });
  });

  test('does not hide a call that was placed', async () => {
    const answers = page([row(43, failedBefore('Failed to initiate call: x')), unpaid, row(40)]);
    const { client } = searchingClient([lost, dograh, answers]);
    expect((await client.triggerCall(keyed)).runId).toBe(40);
  });

  test('is not a call that a carrier has accepted, however it ended', async () => {
    const gathered = { triggered_by: 'api', call_id: 'CA1', call_disposition: 'error', error: 'media' };
    const { client } = searchingClient([lost, dograh, page([row(41, { gathered_context: gathered })])]);
    expect((await client.triggerCall(keyed)).runId).toBe(41);
  });

  test('on the bundled server without extensions, which records triggered_by, is not placed again', async () => {
    const gathered = {
      error: 'no answer',
      call_disposition: 'error',
      triggered_by: 'api',
      provider: 'twilio',
    };
    const { client, calls } = searchingClient([
      lost,
      dograh,
      page([row(41, { gathered_context: gathered })]),
    ]);
    expect(await rejectionOf(client.triggerCall(keyed))).toMatchObject({ code: 'telephony', runId: 41 });
    expect(calls()).toEqual([dial, 'GET /health', list]);
  });
});

test('on a server that keeps keys the same request is repeated without a search, whatever it answers', async () => {
  const answers = [lost, broken('ECONNREFUSED'), gatewayTimeout, inProgress, busy, carrierAway, draining];
  const refusal = json(400, { detail: 'x', code: 'call_refused' });
  const sequences = fc.array(fc.constantFrom(...answers, refusal, placed), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(sequences, async (sequence) => {
      const dials = [...sequence, refusal];
      const answer: Answer = ({ method }) => {
        const next = method === 'GET' ? keepsKeys : dials.shift();
        if (next instanceof Error || next === undefined) throw next ?? new Error('no answer is left');
        return next;
      };
      const { client, calls, requests } = searchingClient(Array<Answer>(40).fill(answer));
      await client.triggerCall({ ...keyed, busyWaitSeconds: 5 }).catch(() => undefined);
      expect(calls().filter((sent) => sent !== dial).length).toBeLessThanOrEqual(1);
      expect(calls()[0]).toBe(dial);
      expect(calls()).not.toContain(list);
      const sent = requests
        .filter(({ method }) => method === 'POST')
        .map((request) => JSON.stringify(request));
      expect(new Set(sent).size).toBe(1);
    }),
  );
});
