/** The app against the real server, as Zapier drives it: throttled, refused and called back. */
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
import { startLossyDoor } from '../support/lossy-door';
import { appTester, execute, failureOf, readFailure, runStep } from '../support/zapier';
import { nextNumber, startZapierServer, type BundleFacts, type ZapierServer } from '../support/zapier-server';

let server: ZapierServer;
/** One number for each test, so that its calls can be counted. */
let number: string;

async function start(environment: Record<string, string> = {}): Promise<void> {
  server = await startZapierServer(environment);
}

async function stop(): Promise<void> {
  expect(await server.stop()).toBe(0);
}

/** What a test has opened, closed after it whatever comes of it. */
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

function bundleFor(inputData?: object, facts?: BundleFacts) {
  return server.bundleFor(inputData, facts);
}

function callInput(changes: object = {}) {
  return server.callInput(number, changes);
}

function startOne(changes: object = {}, facts?: BundleFacts) {
  return runStep(startCallStep, bundleFor(callInput(changes), facts));
}

/**
 * The call once it has ended and its recording, which follows its end, is stored. Waits by asking the server: the
 * platform ends a process that has run a step some hundred times and has grown.
 */
async function findStored(id: number) {
  for (let tries = 0; tries < 5000; tries += 1) {
    const run = await server.client.getRun(id);
    // Plain Dograh does not say when it is done: there the recording, which comes last, does.
    if (run.artifacts_ready ?? typeof run.recording_url === 'string') break;
  }
  const [found] = await runStep(findCallStep, bundleFor({ run: id }));
  if (found?.recording_file == null) throw new Error('The call has no recording');
  return found;
}

function dials(): Promise<number> {
  return server.dials(number);
}

/** A place that is posted to, as Zapier has one for each subscription and each waiting step. */
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

/** A post as Zapier hands it to an app. */
function rawRequestOf({ headers, body }: ReceivedRequest) {
  const prefixed = Object.entries(headers).map(([name, value]) => [`Http-${name}`, String(value)]);
  return {
    method: 'POST' as const,
    headers: Object.fromEntries(prefixed) as Record<string, string>,
    content: body.toString('utf8'),
  };
}

/**
 * Where a result has other keys than its sample, down to the last, or a value of another type. A server may have
 * nothing to say: null and an empty list are of any type.
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

  test('a dead key pauses the connection, whichever step meets it', async () => {
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

  test('the samples have the keys of real results, down to the last, with values of the same types', async () => {
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
    const facts = {
      agent: server.agent,
      agent_name: 'Appointment Reminder',
      completed_at: isPlain ? null : (expect.any(String) as string),
      caller_number: found.caller_number,
    };
    expect(found).toMatchObject({
      ...facts,
      transcript: expect.stringContaining('assistant: Hello there.') as string,
      utterances: expect.arrayContaining([
        { speaker: 'assistant', started_at: expect.any(String) as string, text: 'Hello there.' },
      ]) as object[],
    });
    expect(polled).toMatchObject({
      ...facts,
      mode: 'sandbox',
      is_sandbox: true,
      direction: found.direction,
      status: found.status,
      disposition: found.disposition,
      is_completed: true,
    });
  });

  test('the greeting of a step is what the call says', async () => {
    const { id } = await startOne({
      greeting: 'Good day {{first_name}}',
      initial_context: { first_name: 'Jane' },
    });
    const run = await server.client.waitForRun(id, { timeoutSeconds: 20, pollIntervalSeconds: 0.05 });
    expect(JSON.stringify(run.logs)).toContain('Good day Jane');
  });

  if (isPlain) {
    test('a step that waits is refused before it dials, and so is an instant trigger', async () => {
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

  test('a Zap that is turned on is told of a call, signed, and no more once it is turned off', async () => {
    const receiver = await open(startReceiver());
    const bundle = { ...bundleFor({ agent: server.agent }), targetUrl: receiver.url };
    const subscription = await appTester(callCompletedSubscribe, bundle);
    const { id } = await startOne();
    // Calls of other tests may end just now.
    let post = await receiver.next();
    while (runIdOf(post) !== id) post = await receiver.next();
    expect(
      verifyWebhook(subscription.secret, { headers: post.headers, body: post.body, now: new Date() }),
    ).toEqual({ ok: true });

    const subscribeData = { ...subscription, id: String(subscription.id) };
    const told = await appTester(callCompletedStep, {
      ...bundleFor({ agent: server.agent }),
      subscribeData,
      rawRequest: rawRequestOf(post),
    });
    const [found] = await runStep(findCallStep, bundleFor({ run: id }));
    // The links of the two have tokens of their own, and what was said is fetched when it is used.
    const fetched = {
      transcript_url: expect.any(String) as string,
      recording_url: expect.any(String) as string,
      transcript: expect.stringContaining('hydrators.transcriptText') as string,
      utterances: expect.stringContaining('hydrators.utterances') as string,
    };
    expect(told).toEqual([{ ...found, ...fetched }]);

    await appTester(callCompletedUnsubscribe, { ...bundleFor(), subscribeData });
    expect(await server.api<Hook[]>('GET', '/hooks')).toEqual([]);
  });

  const perform = 'creates.start_call_and_wait.operation.perform';

  test('a step that waits goes on with the result when the server calls back', async () => {
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

    // Replayed when the call has long ended: nobody is called again.
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
    'of two runs with the same input at the same moment one calls and is told of the end: %s',
    async (choice, failure) => {
      const door = await open(startLossyDoor(server.baseUrl));
      door.dialsAtOnce = 2;
      const bundle = bundleFor(callInput({ if_placed_before: choice }), { baseUrl: door.url });
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
        // What Zapier does after a ThrottledError.
        expect(await execute(perform, bundle)).toMatchObject({
          status: 'SUCCESS',
          results: { id: started.results.id, status: 'completed', already_placed: true },
        });
      }
      expect(await dials()).toBe(1);
    },
  );

  test('a key has the Zap and the kind of step: equal steps of a kind are one call, others are calls of their own', async () => {
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

  test('a step that waits follows its own call when the reply is lost', async () => {
    const receiver = await open(startReceiver());
    const door = await open(startLossyDoor(server.baseUrl));
    door.mishaps = ['reply lost'];
    const bundle = bundleFor(callInput(), { baseUrl: door.url });
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
