import { cancelCallStep } from '../../zapier-app/src/creates/cancel-call';
import { startCallStep } from '../../zapier-app/src/creates/start-call';
import { startStandIn } from '../support/dograh-stand-in';
import { replyJson, startLocalServer } from '../support/local-server';
import { failureOf, makeBundle, runStep } from '../support/zapier';
import { nextNumber, startZapierServer, type ZapierServer } from '../support/zapier-server';

describe('on the real server', () => {
  let server: ZapierServer;

  beforeAll(async () => {
    server = await startZapierServer({ SANDBOX_STEP_MS: '60000' });
  });
  afterAll(() => server.stop());

  function cancel(run: unknown) {
    return runStep(cancelCallStep, server.bundleFor({ run }));
  }

  test('a call in progress is ended, and canceling it again is no error', async () => {
    const { id } = await runStep(startCallStep, server.bundleFor(server.callInput(nextNumber())));
    expect(await cancel(id)).toEqual({ id, is_canceled: true });
    await server.client.waitForRun(id, { timeoutSeconds: 20, pollIntervalSeconds: 0.05 });
    expect(await cancel(String(id))).toEqual({ id, is_canceled: false });
  });

  test('an unknown run is an error, and so is an empty ID', async () => {
    expect((await failureOf(cancel(999_999))).name).toBe('AppError');
    expect(await failureOf(cancel(''))).toEqual({
      name: 'HaltedError',
      message: 'Run ID: map the ID of the call',
    });
  });
});

test('on a server that cannot end calls the step is an error, without a request to cancel', async () => {
  const plain = await startStandIn();
  expect(await failureOf(runStep(cancelCallStep, makeBundle(plain.url, { run: 501 })))).toMatchObject({
    name: 'AppError',
    code: 'unsupported',
    message: 'This server cannot end a call (`cancel`). A call goes on until it ends by itself.',
  });
  expect(plain.requests.map(({ url }) => url)).toEqual(['/api/v1/health']);
  await plain.close();
});

test('a call that cannot be ended because its carrier has not identified it yet is an error', async () => {
  const run = {
    id: 501,
    workflow_id: 7,
    name: 'WR-API-501',
    mode: 'twilio',
    created_at: '2026-08-22T03:04:05.123Z',
    call_type: 'outbound',
    is_completed: false,
    status: 'initiated',
  };
  const server = await startLocalServer(({ method, url }, response) => {
    if (method === 'POST')
      replyJson(response, 409, { detail: 'The carrier has not yet said which call it is' });
    else if (url.endsWith('/health'))
      replyJson(response, 200, { status: 'ok', version: '1', extensions: ['cancel'] });
    else replyJson(response, 200, run);
  });
  const { name, message } = await failureOf(runStep(cancelCallStep, makeBundle(server.url, { run: 501 })));
  expect(name).toBe('AppError');
  expect(message).toContain('The carrier has not yet said which call it is');
  await server.close();
});
