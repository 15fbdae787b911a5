/** The app with the real server, run through Zapier's platform: throttling, refusals and callbacks. */
import { verifyWebhook, type Hook } from '@dograh-trigger/shared';
import { startCall, startCallStep } from '../../zapier-app/src/creates/start-call';
import { startCallAndWait, startCallAndWaitResume } from '../../zapier-app/src/creates/start-call-and-wait';
import { endedCallRecord } from '../../zapier-app/src/call/call-record';
import { createClient } from '../../zapier-app/src/platform/client';
import { listEndedCalls } from '../../zapier-app/src/call/recent-calls';
import { findAgentStep } from '../../zapier-app/src/searches/find-agent';
import { findCall, findCallStep } from '../../zapier-app/src/searches/find-call';
import {
  callCompletedStep,
  callCompletedSubscribe,
  callCompletedUnsubscribe,
} from '../../zapier-app/src/triggers/call-completed';
import { recentCallsStep } from '../../zapier-app/src/triggers/call-completed-polling';
import { startLocalServer, type LocalServer, type ReceivedRequest } from '../support/local-server';
import { startDroppingProxy } from '../support/dropping-proxy';
import { appTester, execute, failureOf, readFailure, runStep } from '../support/zapier';
import {
  nextNumber,
  startZapierServer,
  type LiveBundleOptions,
  type ZapierServer,
} from '../support/zapier-server';

let server: ZapierServer;
/** Each test has its own number, so that its calls can be counted. */
let number: string;

async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startZapierServer(environment);
}

async function stop(): Promise<void> {
  expect(await server.stop()).toBe(0);
}

/** Opens a resource that is closed after the test, even if it fails. */
let opened: LocalServer[];

async function open<Opened extends LocalServer>(opening: Promise<Opened>): Promise<Opened> {
  const server = await opening;
  opened.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(opened.map((server) => server.close()));
});

beforeEach(() => {
  opened = [];
  number = nextNumber();
});

function bundleFor(inputData?: object, fields?: LiveBundleOptions) {
  return server.bundleFor(inputData, fields);
}

function callInput(changes: object = {}) {
  return server.callInput(number, changes);
}

function startOne(changes: object = {}, fields?: LiveBundleOptions) {
  return runStep(startCallStep, bundleFor(callInput(changes), fields));
}

/**
 * The call after its end, with its recording stored. It polls the server directly, because the platform ends a
 * process that has run a step some hundred times and has grown.
 */
async function findStored(id: number) {
  for (let tries = 0; tries < 5000; tries += 1) {
    const run = await server.client.getRun(id);
    // Plain Dograh does not report when all files are stored. The recording is stored last.
    if (run.artifacts_ready ?? typeof run.recording_url === 'string') break;
  }
  const [found] = await runStep(findCallStep, bundleFor({ run: id }));
  if (found?.recording_file == null) throw new Error('The call has no recording');
  return found;
}

function dials(): Promise<number> {
  return server.dials(number);
}

/** An HTTP receiver, like Zapier's for subscriptions and waiting steps. */
async function startReceiver() {
  const waiting: ((request: ReceivedRequest) => void)[] = [];
  const posted: ReceivedRequest[] = [];
  const receiver = await startLocalServer((request, response) => {
    response.writeHead(200).end();
    const next = waiting.shift();
    if (next) next(request);
    else posted.push(request);
  });
  return {
    ...receiver,
    /** The next post. */
    next: () =>
      new Promise<ReceivedRequest>((resolve) => {
        const request = posted.shift();
        if (request) resolve(request);
        else waiting.push(resolve);
      }),
  };
}

function runIdOf({ body }: ReceivedRequest): unknown {
  return (JSON.parse(body.toString('utf8')) as { data: { id: unknown } }).data.id;
}

/** A post in the form that Zapier passes to an app. */
function rawRequestOf({ headers, body }: ReceivedRequest) {
  const prefixed = Object.entries(headers).map(([name, value]) => [`Http-${name}`, String(value)]);
  return {
    method: 'POST' as const,
    headers: Object.fromEntries(prefixed) as Record<string, string>,
    content: body.toString('utf8'),
  };
}

/**
 * The differences between a result and its sample: keys at any depth, and types of values. Null and an empty list
 * match every type.
 */
function differences(result: unknown, sample: unknown, path = ''): string[] {
  if (result === null || sample === null) return [];
  if (Array.isArray(result) && Array.isArray(sample)) {
    const [first, second] = [result as unknown[], sample as unknown[]];
    return first.length * second.length === 0 ? [] : differences(first[0], second[0], `${path}[]`);
  }
  if (typeof result !== 'object' || typeof sample !== 'object') {
    return typeof result === typeof sample ? [] : [path];
  }
  const [left, right] = [new Map(Object.entries(result)), new Map(Object.entries(sample))];
  return [...new Set([...left.keys(), ...right.keys()])].flatMap((name) =>
    left.has(name) && right.has(name)
      ? differences(left.get(name), right.get(name), `${path}.${name}`)
      : [`${path}.${name}`],
  );
}

describe.each([
  ['with our extensions', {}],
  ['as plain Dograh', { EXTENSIONS: '' }],
])('%s', (_, mode: Record<string, string>) => {
  const isPlain = 'EXTENSIONS' in mode;

  beforeAll(() => start(mode));
  afterAll(stop);

  test('an invalid key pauses the connection, in every step', async () => {
    const { id, api_key: key } = await server.api<{ id: number; api_key: string }>('POST', '/user/api-keys', {
      name: 'dies',
    });
    await server.api('DELETE', `/user/api-keys/${id}`);
    const bundle = bundleFor({ ...callInput(), run: 1, name: 'x' }, { key });
    for (const step of [startCallStep, findCallStep, findAgentStep, recentCallsStep]) {
      expect((await failureOf(runStep<unknown>(step, bundle))).name).toBe('ExpiredAuthError');
    }
    expect(await dials()).toBe(0);
  });

  test('the samples have the same keys as real results, at any depth, with values of the same types', async () => {
    const started = await startOne();
    const found = await findStored(started.id);
    const [polled] = await appTester(async (z, bundle) => {
      const calls = await listEndedCalls(createClient(z, bundle), { now: new Date(Date.now() + 3_600_000) });
      return calls.filter(({ id }) => id === started.id).map((row) => endedCallRecord(z, row));
    }, bundleFor());
    expect(differences(started, startCall.operation.sample ?? {})).toEqual([]);
    expect(differences(found, findCall.operation.sample ?? {})).toEqual([]);
    expect(Object.keys(polled ?? {})).toEqual(Object.keys(found));
    const byReply = isPlain ? { mode: null, is_sandbox: null } : { mode: 'sandbox', is_sandbox: true };
    expect(started).toMatchObject(byReply);
    expect(found).toMatchObject({ mode: 'sandbox', is_sandbox: true });
    const fields = {
      agent: server.agent,
      agent_name: 'Appointment Reminder',
      completed_at: isPlain ? null : (expect.any(String) as string),
      caller_number: found.caller_number,
    };
    expect(found).toMatchObject({
      ...fields,
      transcript: expect.stringContaining('assistant: Hello there.') as string,
      utterances: expect.arrayContaining([
        { speaker: 'assistant', started_at: expect.any(String) as string, text: 'Hello there.' },
      ]) as object[],
    });
    expect(polled).toMatchObject({
      ...fields,
      mode: 'sandbox',
      is_sandbox: true,
      direction: found.direction,
      status: found.status,
      disposition: found.disposition,
      is_completed: true,
    });
  });

  test('the call speaks the greeting of the step', async () => {
    const { id } = await startOne({
      greeting: 'Good day {{first_name}}',
      initial_context: { first_name: 'Jane' },
    });
    const run = await server.client.waitForRun(id, { timeoutSeconds: 20, pollIntervalSeconds: 0.05 });
    expect(JSON.stringify(run.logs)).toContain('Good day Jane');
  });

  if (isPlain) {
    test('Start Call and Wait is refused before it dials, and the instant trigger is refused, too', async () => {
      const waits = execute('creates.start_call_and_wait.operation.perform', bundleFor(callInput()));
      expect(await failureOf(waits)).toMatchObject({ name: 'AppError', code: 'unsupported' });
      const subscribes = appTester(callCompletedSubscribe, {
        ...bundleFor(),
        targetUrl: 'https://example.com',
      });
      expect(await failureOf(subscribes)).toMatchObject({ name: 'AppError', code: 'unsupported' });
      expect(await dials()).toBe(0);
    });
    return;
  }

  test('a Zap receives signed events while it is turned on, and none after it is turned off', async () => {
    const receiver = await open(startReceiver());
    const bundle = { ...bundleFor({ agent: server.agent }), targetUrl: receiver.url };
    const subscription = await appTester(callCompletedSubscribe, bundle);
    const { id } = await startOne();
    // Calls of other tests may end at the same time.
    let post = await receiver.next();
    while (runIdOf(post) !== id) post = await receiver.next();
    expect(
      verifyWebhook(subscription.secret, { headers: post.headers, body: post.body, now: new Date() }),
    ).toEqual({ ok: true });

    const subscribeData = { ...subscription, id: String(subscription.id) };
    const received = await appTester(callCompletedStep, {
      ...bundleFor({ agent: server.agent }),
      subscribeData,
      rawRequest: rawRequestOf(post),
    });
    const [found] = await runStep(findCallStep, bundleFor({ run: id }));
    // Their links have different tokens, and the transcript is deferred.
    const fetched = {
      transcript_url: expect.any(String) as string,
      recording_url: expect.any(String) as string,
      transcript: expect.stringContaining('hydrators.transcriptText') as string,
      utterances: expect.stringContaining('hydrators.utterances') as string,
    };
    const ofEvent = {
      event: 'call.completed',
      attempt_number: null,
      attempt_status: null,
      attempt_reason: null,
    };
    expect(received).toEqual([{ ...found, ...fetched, ...ofEvent }]);

    await appTester(callCompletedUnsubscribe, { ...bundleFor(), subscribeData });
    expect(await server.api<Hook[]>('GET', '/hooks')).toEqual([]);
  });

  const perform = 'creates.start_call_and_wait.operation.perform';

  test('a waiting step continues with the result when the server calls back', async () => {
    const receiver = await open(startReceiver());
    const bundle = bundleFor(callInput());
    const { status, results: started } = await execute(perform, bundle, receiver.url);
    expect(status).toBe('CALLBACK');

    const post = await receiver.next();
    const outputData = started as { id: number };
    const result = await appTester(startCallAndWaitResume, {
      ...bundle,
      outputData,
      rawRequest: rawRequestOf(post),
      cleanedRequest: JSON.parse(post.body.toString('utf8')) as object,
    });
    expect(result).toMatchObject({ id: outputData.id, status: 'completed', disposition: 'end_call_tool' });
    expect(differences(result, startCallAndWait.operation.sample ?? {})).toEqual([]);

    // A replay after the end of the call calls nobody again.
    expect((await failureOf(execute(perform, bundle, receiver.url))).name).toBe('HaltedError');
    const following = { ...bundle, inputData: { ...bundle.inputData, if_placed_before: 'follow' } };
    expect(await execute(perform, following, receiver.url)).toMatchObject({
      status: 'SUCCESS',
      results: {
        ...result,
        already_placed: true,
        transcript_url: expect.any(String),
        recording_url: expect.any(String),
      },
    });
    expect(await dials()).toBe(1);
  });

  test.each([
    ['skip', 'HaltedError'],
    ['follow', 'ThrottledError'],
  ])(
    'of two simultaneous runs with the same input one calls and receives the result: %s',
    async (choice, failure) => {
      const proxy = await open(startDroppingProxy(server.baseUrl));
      proxy.dialsAtOnce = 2;
      const bundle = bundleFor(callInput({ if_placed_before: choice }), { baseUrl: proxy.url });
      const runs = await Promise.all(
        [1, 2].map(async () => {
          const receiver = await open(startReceiver());
          const outcome = await execute(perform, bundle, receiver.url).catch((error: unknown) => error);
          return { receiver, outcome };
        }),
      );
      const [waiting, ...others] = runs.filter(({ outcome }) => !(outcome instanceof Error));
      const failed = runs.flatMap(({ outcome }) => (outcome instanceof Error ? [readFailure(outcome)] : []));
      expect(failed.map(({ name }) => name)).toEqual([failure]);
      expect(others).toEqual([]);
      const started = waiting!.outcome as { results: { id: number } };
      expect(started).toMatchObject({
        status: 'CALLBACK',
        results: { status: 'initiated', already_placed: false },
      });
      expect(failed[0]?.message).toContain(`(run ${String(started.results.id)})`);
      expect(runIdOf(await waiting!.receiver.next())).toBe(started.results.id);
      expect(await dials()).toBe(1);
      if (choice === 'follow') {
        // Zapier runs the step again after a ThrottledError.
        expect(await execute(perform, bundle)).toMatchObject({
          status: 'SUCCESS',
          results: { id: started.results.id, status: 'completed', already_placed: true },
        });
      }
      expect(await dials()).toBe(1);
    },
  );

  test('the key contains the Zap and the kind of step: equal steps of one kind share a call, others do not', async () => {
    const referred = { call_reference: 'order-1001' };
    const { id } = await startOne(referred);
    expect((await failureOf(startOne(referred))).message).toContain(`(run ${String(id)})`);
    expect(await dials()).toBe(1);
    await startOne({ call_reference: 'order-1002' });
    expect(await dials()).toBe(2);
    const receiver = await open(startReceiver());
    await execute(perform, bundleFor(callInput(referred)), receiver.url);
    expect(await dials()).toBe(3);
    await startOne(referred, { zapId: '78' });
    expect(await dials()).toBe(4);
  });

  test('a waiting step continues with its own call when the reply was lost', async () => {
    const receiver = await open(startReceiver());
    const proxy = await open(startDroppingProxy(server.baseUrl));
    proxy.losses = ['reply lost'];
    const bundle = bundleFor(callInput(), { baseUrl: proxy.url });
    const { status, results } = await execute(perform, bundle, receiver.url);
    expect(status).toBe('CALLBACK');
    expect(runIdOf(await receiver.next())).toBe((results as { id: number }).id);
    expect(await dials()).toBe(1);
  });
});

describe('a server whose only call slot is taken', () => {
  beforeAll(() => start({ DEFAULT_ORG_CONCURRENCY_LIMIT: '1', SANDBOX_STEP_MS: '60000' }));
  afterAll(stop);

  test('delays the step, and nothing is dialled', async () => {
    await startOne();
    number = '+14155552999';
    const failure = await failureOf(startOne());
    expect(failure.name).toBe('ThrottledError');
    expect(failure.delay).toBeGreaterThanOrEqual(1);
    expect(await dials()).toBe(0);
  });
});
