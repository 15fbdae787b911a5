/** The app against the real server, as Zapier drives it: replayed, cut off, throttled, refused and called back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TriggerClient, verifyWebhook, type Hook } from '@dograh-trigger/shared';
import { axiosTransport, sleep } from '@dograh-trigger/shared/axios';
import { startCall, startCallStep } from '../../zapier-app/src/creates/start_call';
import { startCallAndWait, startCallAndWaitResume } from '../../zapier-app/src/creates/start_call_and_wait';
import { callRecord, type CallRecord } from '../../zapier-app/src/lib/call-record';
import { createClient } from '../../zapier-app/src/lib/client';
import { listEndedCalls } from '../../zapier-app/src/lib/recent-calls';
import { findAgentStep } from '../../zapier-app/src/searches/find_agent';
import { findCall, findCallStep } from '../../zapier-app/src/searches/find_call';
import {
  callCompletedStep,
  callCompletedSubscribe,
  callCompletedUnsubscribe,
} from '../../zapier-app/src/triggers/call_completed';
import { recentCallsStep } from '../../zapier-app/src/triggers/call_completed_polling';
import { definitionWith } from '../support/agents';
import { startLocalServer, type LocalServer, type ReceivedRequest } from '../support/local-server';
import { startLossyDoor } from '../support/lossy-door';
import { startServerProcess, type ServerProcess } from '../support/server-process';
import { appTester, execute, failureOf, makeBundle, runStep } from '../support/zapier';

const apiKey = `dgr_${'zap-'.repeat(10)}key`;

let folder: string;
let server: ServerProcess;
let client: TriggerClient;
let agent: string;
/** One number for each test, so that its calls can be counted. */
let number: string;
let numbers = 0;

async function start(environment: Record<string, string> = {}): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'zapier-server-'));
  server = await startServerProcess({
    DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
    BOOTSTRAP_API_KEY: apiKey,
    SANDBOX_STEP_MS: '20',
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
    ...environment,
  });
  client = new TriggerClient(axiosTransport({ apiKey }), { baseUrl: server.baseUrl, sleep });
  const { id } = await api<{ id: number }>('POST', '/workflow/create/definition', {
    name: 'Appointment Reminder',
    workflow_definition: definitionWith({ greeting: 'Hello {{first_name | there}}.' }),
  });
  await api('PUT', `/workflow/${id}`, { workflow_configurations: { recording_enabled: true } });
  await api('POST', `/workflow/${id}/publish`, {});
  agent = `workflow/${(await client.getAgent(id)).uuid ?? ''}`;
}

async function stop(): Promise<void> {
  expect(await server.stop()).toBe(0);
  rmSync(folder, { recursive: true });
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
  numbers += 1;
  number = `+1415555${String(2000 + numbers)}`;
});

async function api<Reply>(method: string, path: string, body?: object): Promise<Reply> {
  const reply = await fetch(`${server.baseUrl}/api/v1${path}`, {
    method,
    headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(reply.status).toBe(200);
  return reply.json() as Promise<Reply>;
}

function bundleFor(inputData: object = {}, { zapId = '77', key = apiKey, baseUrl = server.baseUrl } = {}) {
  return {
    ...makeBundle(baseUrl, { ...inputData }, { zapId }),
    authData: { base_url: baseUrl, api_key: key },
  };
}

function callInput(changes: object = {}) {
  return { agent, environment: 'production', phone_number: number, ...changes };
}

function startOne(changes: object = {}, connection?: Parameters<typeof bundleFor>[1]) {
  return runStep(startCallStep, bundleFor(callInput(changes), connection));
}

/**
 * The call once it has ended and its recording, which follows its end, is stored. Waits by asking the server: the
 * platform ends a process that has run a step some hundred times and has grown.
 */
async function findStored(id: number): Promise<CallRecord> {
  for (let tries = 0; tries < 5000; tries += 1) {
    const run = await client.getRun(id);
    if (run.is_completed && run.recording_url != null) break;
  }
  const [found] = await runStep(findCallStep, bundleFor({ run: id }));
  if (found?.recording == null) throw new Error('The call has no recording');
  return found;
}

/** How often the number of this test was dialled, as the server has it. */
async function dials(): Promise<number> {
  return (await client.listCalls({ calledNumber: number })).total_count;
}

/**
 * What Zapier does with a step that fails: an Error is replayed, five times at most; all else is not.
 * @returns the failures, in order.
 */
async function runWithReplays(step: () => Promise<unknown>): Promise<string[]> {
  const failures: string[] = [];
  for (let replay = 0; replay <= 5; replay += 1) {
    const { name } = await failureOf(step().then(() => Promise.reject(new Error('done'))));
    if (name === 'Error') break;
    failures.push(name);
    if (name !== 'AppError') break;
  }
  return failures;
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

/** The keys of a value, down to the last, with the types of what is there. */
function typesOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  if (Array.isArray(value)) return value.map(typesOf);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, typesOf(item)]));
}

describe.each([
  ['with our extensions', {}],
  ['as plain Dograh', { EXTENSIONS: '' }],
])('%s', (_, mode: Record<string, string>) => {
  const isPlain = 'EXTENSIONS' in mode;

  beforeAll(() => start(mode));
  afterAll(stop);

  test('a dial whose answer is lost is not dialled again, however the platform replays', async () => {
    const door = await open(startLossyDoor(server.baseUrl));
    door.mishaps = ['reply lost'];
    const failures = await runWithReplays(() => startOne({}, { baseUrl: door.url }));
    expect(failures).toEqual(['HaltedError']);
    expect(await dials()).toBe(1);
    // A person replays the step that was halted.
    expect(await startOne({}, { baseUrl: door.url })).toMatchObject({ replayed: true });
    expect(await dials()).toBe(1);
  });

  test('a dial that is lost before the server has it is dialled once by the replay of a person', async () => {
    const door = await open(startLossyDoor(server.baseUrl));
    door.mishaps = ['request lost'];
    expect((await failureOf(startOne({}, { baseUrl: door.url }))).name).toBe('HaltedError');
    expect(await startOne({}, { baseUrl: door.url })).toMatchObject({ replayed: false });
    expect(await startOne({}, { baseUrl: door.url })).toMatchObject({ replayed: true });
    expect(await dials()).toBe(1);
  });

  test('a server that was away is called once when it is back', async () => {
    const away = await startLocalServer(() => undefined);
    await away.close();
    let tries = 0;
    const failures = await runWithReplays(() => {
      tries += 1;
      return startOne({}, { baseUrl: tries === 1 ? away.url : server.baseUrl });
    });
    expect(failures).toEqual(['AppError']);
    expect(await dials()).toBe(1);
  });

  test('a number that the carrier refuses is tried once', async () => {
    number = '+15005550001';
    expect(await runWithReplays(() => startOne())).toEqual(['HaltedError']);
    expect(await dials()).toBe(1);
  });

  test('a dead key pauses the connection, whichever step meets it', async () => {
    const { id, api_key: key } = await api<{ id: number; api_key: string }>('POST', '/user/api-keys', {
      name: 'dies',
    });
    await api('DELETE', `/user/api-keys/${id}`);
    const bundle = bundleFor({ ...callInput(), run: 1, name: 'x' }, { key });
    for (const step of [startCallStep, findCallStep, findAgentStep, recentCallsStep]) {
      expect((await failureOf(runStep<unknown>(step, bundle))).name).toBe('ExpiredAuthError');
    }
    expect(await dials()).toBe(0);
  });

  test('the samples have the keys of real results, down to the last, with values of the same types', async () => {
    const started = await startOne({ initial_context: { first_name: 'Jane' } });
    const found = await findStored(started.id);
    const [polled] = await appTester(async (z, bundle) => {
      const calls = await listEndedCalls(createClient(z, bundle), { now: new Date(Date.now() + 3_600_000) });
      return calls.filter(({ id }) => id === started.id).map((run) => callRecord(z, run));
    }, bundleFor());
    expect(typesOf(started)).toEqual(typesOf(startCall.operation.sample ?? {}));
    expect(typesOf(found)).toEqual(typesOf(findCall.operation.sample ?? {}));
    expect(Object.keys(polled ?? {})).toEqual(Object.keys(found));
    expect(polled).toMatchObject({
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
    const run = await client.waitForRun(id, { timeoutSeconds: 20, pollIntervalSeconds: 0.05 });
    expect(JSON.stringify(run.logs)).toContain('Good day Jane');
  });

  test('a Start Call that is replayed five times dials once and gives the same call each time', async () => {
    const results = [];
    for (let run = 0; run <= 5; run += 1) results.push(await startOne({ call_reference: 'order-1001' }));
    expect(new Set(results.map(({ id }) => id)).size).toBe(1);
    expect(results.map(({ replayed }) => replayed)).toEqual([false, true, true, true, true, true]);
    expect(await dials()).toBe(1);
  });

  test('another call reference is another call', async () => {
    await startOne({ call_reference: 'order-1001' });
    await startOne({ call_reference: 'order-1002' });
    expect(await dials()).toBe(2);
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
    const bundle = { ...bundleFor({ agent }), targetUrl: receiver.url };
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
      ...bundleFor({ agent }),
      subscribeData,
      rawRequest: rawRequestOf(post),
    });
    const [found] = await runStep(findCallStep, bundleFor({ run: id }));
    // The links of the two have tokens of their own.
    const links = {
      transcript_url: expect.any(String) as string,
      recording_url: expect.any(String) as string,
    };
    expect(told).toEqual([{ ...found, ...links }]);

    await appTester(callCompletedUnsubscribe, { ...bundleFor(), subscribeData });
    expect(await api<Hook[]>('GET', '/hooks')).toEqual([]);
  });

  test('a step that waits goes on with the result when the server calls back', async () => {
    const receiver = await open(startReceiver());
    const bundle = bundleFor(callInput({ initial_context: { first_name: 'Jane' } }));
    const perform = 'creates.start_call_and_wait.operation.perform';
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
    expect(typesOf(result)).toEqual(typesOf(startCallAndWait.operation.sample ?? {}));

    // Replayed when the call has long ended: nobody is called again, and the new wait ends too.
    const later = await open(startReceiver());
    const replay = await execute(perform, bundle, later.url);
    expect(replay.results).toMatchObject({ id: outputData.id, replayed: true });
    expect(runIdOf(await later.next())).toBe(outputData.id);
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
