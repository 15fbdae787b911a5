import type { HttpRequest } from '@dograh-trigger/shared';
import { createClient } from '../../zapier-app/src/platform/client';
import { startDeadline } from '../../zapier-app/src/platform/deadline';
import { replyJson, startLocalServer } from '../support/local-server';
import { appTester, makeBundle } from '../support/zapier';

const request: HttpRequest = { method: 'GET', url: 'https://example.com', headers: {}, timeoutSeconds: 25 };

/** A deadline on a manual clock, and the timeouts of the requests that were sent. */
function setUp() {
  const clock = { milliseconds: 1_000_000 };
  const deadline = startDeadline(() => clock.milliseconds);
  const limits: number[] = [];
  const send = deadline.limit(({ timeoutSeconds }) => {
    limits.push(timeoutSeconds);
    return Promise.resolve({ status: 200, headers: {}, body: '' });
  });
  return { clock, deadline, limits, send };
}

test('a request has the time left of its step’s 25 seconds, but not more than its own timeout', async () => {
  const { clock, limits, send } = setUp();
  await send(request);
  clock.milliseconds += 20_000;
  await send(request);
  await send({ ...request, timeoutSeconds: 2 });
  expect(limits).toEqual([25, 5, 2]);
});

test('after the deadline a request fails without being sent', async () => {
  const { clock, limits, send } = setUp();
  clock.milliseconds += 25_000;
  await expect(send(request)).rejects.toThrow('the 25 seconds of this step are used up');
  expect(limits).toEqual([]);
});

test('a pause ends at the deadline at the latest', async () => {
  const { clock, deadline } = setUp();
  clock.milliseconds += 25_000;
  await expect(deadline.sleep(3_600_000)).resolves.toBeUndefined();
});

test('a pause ends when its signal is aborted', async () => {
  const { deadline } = setUp();
  await expect(deadline.sleep(10_000, AbortSignal.abort())).rejects.toThrow('aborted');
});

test('the signal is aborted at the deadline, and immediately after it', async () => {
  const { clock, deadline } = setUp();
  clock.milliseconds += 24_990;
  const signal = deadline.signal();
  expect(signal.aborted).toBe(false);
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve);
  });
  clock.milliseconds += 10;
  expect(deadline.signal().aborted).toBe(true);
});

test('a body that stalls after its headers ends at the deadline', async () => {
  const server = await startLocalServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{');
  });
  let milliseconds = 0;
  const stalled = appTester((z) => {
    const client = createClient(
      z,
      makeBundle(server.url),
      startDeadline(() => milliseconds),
    );
    milliseconds += 23_000;
    return client.triggerCall({
      target: { agentUuid: 'uuid-7' },
      environment: 'production',
      phoneNumber: '+14155550100',
    });
  });
  // This code belongs to the limit on the whole answer; the platform's own limit on a body has none.
  await expect(stalled).rejects.toMatchObject({ code: 'outcome_unknown', cause: { code: 'ETIMEDOUT' } });
  await server.close();
  expect(server.requests).toHaveLength(1);
});

test('a stalled search for an earlier call ends at the deadline, and nothing is dialled', async () => {
  const server = await startLocalServer((request, response) => {
    if (request.url === '/api/v1/health') replyJson(response, 200, { status: 'ok', version: '1.45.0' });
  });
  let milliseconds = 0;
  const stalled = appTester((z) => {
    const client = createClient(
      z,
      makeBundle(server.url),
      startDeadline(() => milliseconds),
    );
    milliseconds += 23_000;
    return client.triggerCall({
      target: { agentUuid: 'uuid-7' },
      environment: 'production',
      phoneNumber: '+14155550100',
      idempotencyKey: 'k',
      earlierTry: 'possible',
    });
  });
  await expect(stalled).rejects.toMatchObject({ code: 'outcome_unknown' });
  await server.close();
  expect(server.requests.map(({ method }) => method)).not.toContain('POST');
});

test('after the deadline a client sends nothing more, not even a repeat', async () => {
  const server = await startLocalServer((_, response) => {
    response.destroy();
  });
  let milliseconds = 0;
  const late = appTester((z) => {
    const client = createClient(
      z,
      makeBundle(server.url),
      startDeadline(() => milliseconds),
    );
    milliseconds += 25_000;
    return client.whoAmI();
  });
  await expect(late).rejects.toThrow('the 25 seconds of this step are used up');
  await server.close();
  expect(server.requests).toEqual([]);
});
