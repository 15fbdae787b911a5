/** The search before the first request of this client, when its host may already have sent one. */
import type { CallRequest } from '@dograh-trigger/shared';
import { rejectionOf } from '../../support/caught';
import { call, dial, health, keepsKeys, keyed, placed, replayed } from '../../support/client-answers';
import { failedBefore, list, searchingClient, none, page, row } from '../../support/searching-client';
import { type Answer, broken, json } from '../../support/scripted-client';

const dograh = health();

describe('when a host says that an earlier try', () => {
  const possible: CallRequest = { ...keyed, earlierTry: 'possible' };
  const unknown: CallRequest = { ...keyed, earlierTry: 'unknown' };

  test('is possible, the client searches once before the first request, without a pause', async () => {
    const { client, calls, pauses } = searchingClient([none, placed]);
    expect(await client.triggerCall(possible)).toMatchObject({ runId: 12, replayed: false });
    expect(calls()).toEqual([list, dial]);
    expect(pauses).toEqual([]);
  });

  test('has an unknown outcome, the client searches twice before the first request, after five seconds each', async () => {
    const { client, calls, pauses } = searchingClient([dograh, none, none, placed]);
    expect(await client.triggerCall(unknown)).toMatchObject({ runId: 12, replayed: false });
    expect(calls()).toEqual(['GET /health', list, list, dial]);
    expect(pauses).toEqual([5, 5]);
  });

  test.each([
    ['possible', possible, [], []],
    ['unknown', unknown, [dograh], ['GET /health']],
    ['unknown to a server that keeps keys', unknown, [keepsKeys], ['GET /health']],
  ])(
    'is %s, the found call is the answer, and nothing is dialled',
    async (_name, request, answers, asked) => {
      const { client, calls } = searchingClient([...answers, page([row(41)])]);
      expect(await client.triggerCall(request)).toMatchObject({
        runId: 41,
        replayed: true,
        placedBefore: true,
      });
      expect(calls()).toEqual([...asked, list]);
    },
  );

  const boom = json(500, { detail: 'boom' });
  test.each([
    ['possible', possible, [boom, dograh], [list, 'GET /health']],
    ['unknown', unknown, [dograh, boom], ['GET /health', list]],
  ])(
    'is %s, a list of a server without keys that cannot be read leaves the outcome unknown',
    async (_name, request, answers, asked) => {
      const { client, calls } = searchingClient(answers);
      const error = await rejectionOf(client.triggerCall(request));
      expect(error).toMatchObject({ code: 'outcome_unknown', nothingDialled: false });
      expect(error.message).toMatch(
        /^An earlier try of this call may have been placed, so .*cannot be read: boom/,
      );
      expect(calls()).toEqual(asked);
    },
  );

  test.each<[string, Answer[]]>([
    ['invalid_key', [json(401, { detail: 'Invalid or expired API key' })]],
    ['busy', [json(429, { detail: 'Slow down' })]],
    ['unreachable', Array<Answer>(3).fill(broken('ECONNREFUSED'))],
  ])('is possible, and the list answers with %s, the next try may search again', async (code, answers) => {
    const { client, calls } = searchingClient(answers);
    expect((await rejectionOf(client.triggerCall(possible))).code).toBe(code);
    expect(calls()).not.toContain(dial);
    const again = searchingClient([dograh, ...answers]);
    expect((await rejectionOf(again.client.triggerCall(unknown))).code).toBe('outcome_unknown');
  });

  test.each([possible, unknown])('with an aborted signal nothing is sent', async (request) => {
    const { client, calls } = searchingClient([]);
    const error = await rejectionOf(client.triggerCall({ ...request, signal: AbortSignal.abort() }));
    expect(error.code).toBe('canceled');
    expect(calls()).toEqual([]);
  });

  test('has an unknown outcome, one search is enough on a server that keeps keys: it recognizes a request that is still on its way', async () => {
    const { client, calls, pauses } = searchingClient([keepsKeys, none, replayed]);
    expect(await client.triggerCall(unknown)).toMatchObject({ runId: 12, replayed: true });
    expect(calls()).toEqual(['GET /health', list, dial]);
    expect(pauses).toEqual([]);
  });

  test('is possible, the call of another process is not mistaken for the call of a lost request of this client', async () => {
    const { client, calls } = searchingClient([page([row(41)])]);
    expect(await client.triggerCall(possible)).toMatchObject({ runId: 41, placedBefore: true });
    expect(calls()).not.toContain(dial);
  });

  test('is possible, a run that was not placed does not count: its request may be sent again', async () => {
    const notCalled = row(41, { ...failedBefore('away'), reason: 'not_placed' });
    const { client, calls } = searchingClient([page([notCalled]), placed]);
    expect(await client.triggerCall(possible)).toMatchObject({ runId: 12, placedBefore: false });
    expect(calls()).toEqual([list, dial]);
  });

  const dialling = page([row(41, { gathered_context: { provider: 'twilio', triggered_by: 'api' } })]);

  test('is possible, and its dial is in progress, a server that keeps keys is asked for the outcome', async () => {
    const { client, calls } = searchingClient([dialling, keepsKeys, replayed]);
    expect(await client.triggerCall(possible)).toMatchObject({ runId: 12, replayed: true });
    expect(calls()).toEqual([list, 'GET /health', dial]);
  });

  test('is possible, an unreadable list does not prevent a call on a server that keeps keys', async () => {
    const { client, calls } = searchingClient([json(500, { detail: 'boom' }), keepsKeys, placed]);
    expect(await client.triggerCall(possible)).toMatchObject({ runId: 12 });
    expect(calls()).toEqual([list, 'GET /health', dial]);
  });

  test('without a key there is no search', async () => {
    const { client, calls } = searchingClient([placed]);
    await client.triggerCall({ ...call, earlierTry: 'possible' });
    expect(calls()).toEqual([dial]);
  });
});
