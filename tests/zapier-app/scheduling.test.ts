/** The fields of when a call is placed: with the real server, and refused on one that would call at once. */
import {
  startCallAndWait,
  startCallAndWaitResume,
  startCallAndWaitStep,
} from '../../zapier-app/src/creates/start-call-and-wait';
import { startCallStep } from '../../zapier-app/src/creates/start-call';
import { cancelCallStep } from '../../zapier-app/src/creates/cancel-call';
import { findCallStep } from '../../zapier-app/src/searches/find-call';
import { recentCallsStep } from '../../zapier-app/src/triggers/call-completed-polling';
import { backdate, backdateStart } from '../support/backdate';
import { replyCalls, standInAgentUuid, startStandIn } from '../support/dograh-stand-in';
import { startLocalServer, type LocalServer } from '../support/local-server';
import { appTester, execute, failureOf, makeBundle, runStep } from '../support/zapier';
import { nextNumber, startZapierServer, type ZapierServer } from '../support/zapier-server';

const second = 1000;
/** A number of the sandbox. */
const alwaysBusy = '+15005550011';
const hour = 3600 * second;
const day = 24 * hour;

function inFuture(milliseconds: number): string {
  return new Date(Date.now() + milliseconds).toISOString();
}

describe('on the bundled server', () => {
  let server: ZapierServer;
  let number: string;
  let receiver: LocalServer;
  let received: Promise<string>;

  beforeAll(async () => {
    server = await startZapierServer();
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    number = nextNumber();
    let take: (body: string) => void;
    received = new Promise((resolve) => (take = resolve));
    receiver = await startLocalServer(({ body }, response) => {
      response.writeHead(200).end();
      take(body.toString('utf8'));
    });
  });
  afterEach(() => receiver.close());

  const input = (changes: object) => server.bundleFor(server.callInput(number, changes));

  /** The waiting step as Zapier runs it. @param meanwhile what happens before the server calls back. */
  async function startAndWait(changes: object, meanwhile: (id: number) => Promise<unknown>) {
    const bundle = input(changes);
    const perform = 'creates.start_call_and_wait.operation.perform';
    const { status, results } = await execute(perform, bundle, receiver.url);
    const outputData = results as { id: number; status: string };
    expect({ status, call: outputData.status }).toEqual({ status: 'CALLBACK', call: 'queued' });
    await meanwhile(outputData.id);
    const content = await received;
    const resumed = { ...bundle, outputData, cleanedRequest: JSON.parse(content) as object };
    return appTester(startCallAndWaitResume, resumed);
  }

  test('a call with Not Before is queued, and Find Call says what it waits for and until when', async () => {
    const notBefore = inFuture(hour);
    const changes = { not_before: notBefore, when_busy: 'wait', reference: 'order-7823' };
    const started = await runStep(startCallStep, input(changes));
    expect(started).toMatchObject({ status: 'queued' });
    const [found] = await runStep(findCallStep, server.bundleFor({ run: started.id }));
    expect(found).toMatchObject({
      status: 'queued',
      is_completed: false,
      waiting_for: 'time',
      due_at: notBefore,
      reference: 'order-7823',
      explanation: null,
    });
  });

  test('Start Call and Wait follows a queued call to its end', async () => {
    const result = await startAndWait({ not_before: inFuture(second) }, () => Promise.resolve());
    expect(result).toMatchObject({ status: 'completed', waiting_for: null, explanation: null });
  });

  test('and a queued call that was canceled, and says so', async () => {
    const changes = { not_before: inFuture(hour) };
    const result = await startAndWait(changes, (id) =>
      runStep(cancelCallStep, server.bundleFor({ run: id })),
    );
    expect(result).toMatchObject({ status: 'canceled', explanation: 'The call was canceled.' });
  });

  test('and one that expires, and says so', async () => {
    const closed = await startZapierServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '1', SANDBOX_STEP_MS: '60000' });
    const bundled = server;
    server = closed;
    try {
      await runStep(startCallStep, input({}));
      number = nextNumber();
      const changes = { when_busy: 'wait', not_after: inFuture(second) };
      expect(await startAndWait(changes, () => Promise.resolve())).toMatchObject({
        status: 'expired',
        reason: 'expired',
        explanation: 'The call was not placed in its time.',
      });
    } finally {
      server = bundled;
      await closed.stop();
    }
  });

  test('Find Call has each attempt of a call that was placed again', async () => {
    const { runId } = await server.client.triggerCall({
      target: { agentUuid: server.agentUuid },
      environment: 'production',
      phoneNumber: alwaysBusy,
      retry: { max_attempts: 2, on: ['busy'], after: ['PT1S'] },
    });
    await server.client.waitForRun(runId, { timeoutSeconds: 20, pollIntervalSeconds: 0.1 });
    const [found] = await runStep(findCallStep, server.bundleFor({ run: runId }));
    const instant = expect.any(String) as string;
    const attempt = { status: 'busy', reason: 'busy', started_at: instant, ended_at: instant };
    expect(found).toMatchObject({
      status: 'busy',
      attempt: 2,
      attempts: [
        { number: 1, ...attempt },
        { number: 2, ...attempt },
      ],
    });
  });

  test('Start Call and Wait refuses a call that would begin after Zapier’s 30 days', async () => {
    const wait = runStep(startCallAndWaitStep, input({ not_before: inFuture(31 * day) }));
    expect(await failureOf(wait)).toMatchObject({
      name: 'HaltedError',
      message: expect.stringContaining('Not Before: Zapier waits 30 days at most') as string,
    });
    expect(await server.dials(number)).toBe(0);
  });

  test.each([
    [{ not_before: 'tomorrow' }, 'Not Before: Use an instant with an offset'],
    [{ when_busy: 'later' }, 'When Busy: choose one from the list'],
    [{ time_zone: 'Vienna' }, 'Time Zone: Name a time zone of the IANA database'],
  ])('%j is refused in words', async (changes, words) => {
    const failure = await failureOf(runStep(startCallStep, input(changes)));
    expect(failure.name).toBe('HaltedError');
    expect(failure.message).toContain(words);
  });

  test('Call Completed (Any Server) has a call that waited for days and has ended now, and none that ended days ago', async () => {
    const daysBack = (count: number) => count * 24 * 60;
    const place = async () => {
      number = nextNumber();
      const { id } = await runStep(startCallStep, input({}));
      await server.client.waitForRun(id, { timeoutSeconds: 20, pollIntervalSeconds: 0.05 });
      return id;
    };
    const poll = async () => {
      const calls = await runStep(recentCallsStep, server.bundleFor());
      return calls.map(({ id }) => Number(id));
    };
    await place();
    backdate(server.databaseFile, daysBack(3));
    const waited = await place();
    backdate(server.databaseFile, 5);
    backdateStart(server.databaseFile, waited, daysBack(20));
    expect(await poll()).toEqual([waited]);
    const recent = await place();
    backdate(server.databaseFile, 5);
    expect(await poll()).toEqual([recent, waited]);
  });
});

test.each([
  ['Start Call on plain Dograh', startCallStep, undefined],
  ['Start Call and Wait without scheduling', startCallAndWaitStep, ['callback-url', 'idempotency-key']],
])('%s is refused before anything is sent', async (_name, perform, extensions) => {
  const server = await startStandIn({
    extensions,
    list: (response) => {
      replyCalls(response, []);
    },
  });
  try {
    const input = {
      agent: `workflow/${standInAgentUuid}`,
      environment: 'production',
      phone_number: '+14155550100',
      not_before: inFuture(hour),
      time_zone: 'Europe/Vienna',
    };
    const failure = await failureOf(runStep<unknown>(perform, makeBundle(server.url, input)));
    expect(failure.name).toBe('HaltedError');
    expect(failure.message).toContain(
      'This server does not know Not Before, Time Zone, and would call at once without regard to it, so nothing was sent.',
    );
    expect(server.dials()).toEqual([]);
  } finally {
    await server.close();
  }
});

test('the fields are two groups in the editor', () => {
  const { inputFields = [], inputFieldGroups } = startCallAndWait.operation;
  const groups = (inputFieldGroups ?? []).map(({ key }) => key);
  const grouped = inputFields.flatMap((field) => ('group' in field ? [[field.group, field.key]] : []));
  expect(grouped).toEqual([
    ...['not_before', 'not_after', 'when_busy', 'outside_hours', 'time_zone'].map((key) => ['schedule', key]),
    ...['redial_attempts', 'redial_after', 'redial_pauses'].map((key) => ['redial', key]),
  ]);
  expect(groups).toEqual(['schedule', 'redial']);
});
