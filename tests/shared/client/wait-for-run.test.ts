import type { JsonObject, RunStatus } from '@dograh-trigger/shared';
import { rejectionOf } from '../../support/caught';
import { broken, json, scriptedClient, text, type Answer } from '../../support/scripted-client';

interface RunFields {
  status?: RunStatus;
  is_completed?: boolean;
  gathered_context?: JsonObject | null;
}

/** A run as the API returns it. Dograh itself returns no `status`. */
function run(fields: RunFields = {}) {
  return json(200, {
    id: 12,
    workflow_id: 7,
    name: 'WR-API-1234',
    mode: 'sandbox',
    created_at: '2026-08-22T03:04:05Z',
    call_type: 'outbound',
    is_completed: false,
    ...fields,
  });
}

const going = run();
const completed = run({ is_completed: true, gathered_context: {} });
const disposed = run({ is_completed: true, gathered_context: { call_disposition: 'user_hangup' } });

describe('waitForRun', () => {
  test.each(['completed', 'busy', 'no-answer', 'canceled', 'failed', 'error'] as const)(
    'a run with the status %s has ended',
    async (status) => {
      const { client, calls, pauses } = scriptedClient([
        run({ status: 'initiated' }),
        run({ status: 'ringing' }),
        run({ status: 'answered' }),
        run({ status, is_completed: true }),
      ]);
      expect((await client.waitForRun(12, { timeoutSeconds: 60 })).status).toBe(status);
      expect(calls()).toEqual(Array(4).fill('GET /workflow/0/runs/12'));
      expect(pauses).toEqual([2, 2, 2]);
    },
  );

  test('a reported status takes precedence over the completed flag, which Dograh sets early', async () => {
    const { client } = scriptedClient([
      run({ status: 'answered', is_completed: true, gathered_context: { call_disposition: 'x' } }),
      run({ status: 'completed', is_completed: true }),
    ]);
    expect((await client.waitForRun(12, { timeoutSeconds: 60 })).status).toBe('completed');
  });

  test('on Dograh, a run ends when it is completed and has its disposition', async () => {
    const { client, pauses } = scriptedClient([going, completed, disposed]);
    const ended = await client.waitForRun(12, { timeoutSeconds: 60 });
    expect(ended.gathered_context).toEqual({ call_disposition: 'user_hangup' });
    expect(pauses).toEqual([2, 2]);
  });

  test('on Dograh, a disposition does not end a run that is not completed', async () => {
    const early = run({ gathered_context: { call_disposition: 'user_hangup' } });
    const { client, requests } = scriptedClient([early, disposed]);
    await client.waitForRun(12, { timeoutSeconds: 60 });
    expect(requests).toHaveLength(2);
  });

  test.each<[JsonObject | null]>([[{}], [{ call_disposition: '' }], [{ call_disposition: null }], [null]])(
    'on Dograh, a completed run with %j ends after settleSeconds',
    async (gathered_context) => {
      const undisposed = run({ is_completed: true, gathered_context });
      const { client, pauses } = scriptedClient([going, ...Array<Answer>(4).fill(undisposed)]);
      const ended = await client.waitForRun(12, {
        timeoutSeconds: 300,
        pollIntervalSeconds: 10,
        settleSeconds: 25,
      });
      expect(ended.is_completed).toBe(true);
      expect(pauses).toEqual([10, 10, 10, 10]);
    },
  );

  test('reads every pollIntervalSeconds, with the given agent id', async () => {
    const { client, calls, pauses } = scriptedClient([going, disposed]);
    await client.waitForRun(12, { timeoutSeconds: 60, workflowId: 7, pollIntervalSeconds: 5 });
    expect(calls()).toEqual(['GET /workflow/7/runs/12', 'GET /workflow/7/runs/12']);
    expect(pauses).toEqual([5]);
  });

  test('fails after timeoutSeconds, after a last read at the limit, with the run id', async () => {
    const { client, requests, pauses } = scriptedClient(Array<Answer>(4).fill(going));
    const error = await rejectionOf(client.waitForRun(12, { timeoutSeconds: 5 }));
    expect(error).toMatchObject({ code: 'wait_timeout', runId: 12 });
    expect(error.message).toContain('Run 12 did not end within 5 seconds');
    expect(pauses).toEqual([2, 2, 1]);
    expect(requests).toHaveLength(4);
  });

  test('the duration of reads counts, too', async () => {
    let milliseconds = 0;
    const slow = () => {
      milliseconds += 4000;
      return going;
    };
    const { client, requests } = scriptedClient([slow, slow, slow], { now: () => milliseconds });
    expect((await rejectionOf(client.waitForRun(12, { timeoutSeconds: 10 }))).code).toBe('wait_timeout');
    expect(requests).toHaveLength(2);
  });

  test.each<[string, Answer]>([
    ['a broken connection', broken('ECONNRESET')],
    ['502', text(502, '<html>')],
    ['500', text(500, 'Internal Server Error')],
    ['429', json(429, { detail: 'slow down' })],
    ['a web page', text(200, '<html>')],
  ])('%s four times in a row does not end the wait, five times does', async (_, failure) => {
    const four = Array<Answer>(4).fill(failure);
    const recovered = scriptedClient([...four, going, ...four, disposed]);
    expect((await recovered.client.waitForRun(12, { timeoutSeconds: 60 })).is_completed).toBe(true);

    const lost = scriptedClient([...four, failure]);
    expect((await rejectionOf(lost.client.waitForRun(12, { timeoutSeconds: 60 }))).runId).toBe(12);
    expect(lost.requests).toHaveLength(5);
  });

  test.each<[number, string]>([
    [401, 'invalid_key'],
    [403, 'forbidden'],
    [404, 'not_found'],
  ])('%i ends it at once', async (status, code) => {
    const { client } = scriptedClient([json(status, { detail: 'x' })]);
    expect(await rejectionOf(client.waitForRun(12, { timeoutSeconds: 60 }))).toMatchObject({
      code,
      runId: 12,
    });
  });

  test('canceling during the pause ends it, even if the sleep ignores the signal', async () => {
    for (const sleepEnds of [() => Promise.resolve(), () => Promise.reject(new Error('interrupted'))]) {
      const controller = new AbortController();
      const { client, requests } = scriptedClient([going], {
        sleep: () => {
          controller.abort();
          return sleepEnds();
        },
      });
      const waiting = client.waitForRun(12, { timeoutSeconds: 60, signal: controller.signal });
      expect(await rejectionOf(waiting)).toMatchObject({ code: 'canceled', runId: 12 });
      expect(requests).toHaveLength(1);
    }
  });

  test('canceling during a read ends it', async () => {
    const controller = new AbortController();
    const { client } = scriptedClient([
      () => {
        controller.abort();
        throw new Error('aborted');
      },
    ]);
    const waiting = client.waitForRun(12, { timeoutSeconds: 60, signal: controller.signal });
    expect(await rejectionOf(waiting)).toMatchObject({ code: 'canceled', runId: 12 });
  });

  test.each([
    { timeoutSeconds: NaN },
    { timeoutSeconds: 0 },
    { timeoutSeconds: Infinity },
    { timeoutSeconds: 60, pollIntervalSeconds: 0 },
    { timeoutSeconds: 60, pollIntervalSeconds: -1 },
  ])('%j, which would wait for ever or without a pause, is refused', async (options) => {
    const { client, requests } = scriptedClient([]);
    expect((await rejectionOf(client.waitForRun(12, options))).code).toBe('invalid_input');
    expect(requests).toEqual([]);
  });
});
