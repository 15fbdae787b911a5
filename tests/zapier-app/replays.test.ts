/** The real server has one call after any number of replays of a step, and two when two were requested. */
import { startCallStep } from '../../zapier-app/src/creates/start-call';
import { findCallStep } from '../../zapier-app/src/searches/find-call';
import { backdate } from '../support/backdate';
import { startLocalServer, type LocalServer } from '../support/local-server';
import { startDroppingProxy } from '../support/dropping-proxy';
import { failureOf, runStep } from '../support/zapier';
import {
  nextNumber,
  startZapierServer,
  type LiveBundleOptions,
  type ZapierServer,
} from '../support/zapier-server';

let server: ZapierServer;
let number: string;
let opened: LocalServer[];

beforeEach(() => {
  opened = [];
  number = nextNumber();
});

afterEach(async () => {
  await Promise.all(opened.map((local) => local.close()));
});

async function openDroppingProxy() {
  const proxy = await startDroppingProxy(server.baseUrl);
  opened.push(proxy);
  return proxy;
}

function startOne(changes: object = {}, fields?: LiveBundleOptions) {
  return runStep(startCallStep, server.bundleFor(server.callInput(number, changes), fields));
}

function dials(): Promise<number> {
  return server.dials(number);
}

/** Runs a step like Zapier, which replays a failed step at most five times. @returns the failures, in order. */
async function runWithReplays(step: () => Promise<unknown>): Promise<string[]> {
  const failures: string[] = [];
  for (let replay = 0; replay <= 5; replay += 1) {
    const { name } = await failureOf(step().then(() => Promise.reject(new Error('done'))));
    if (name === 'Error') break;
    failures.push(name);
  }
  return failures;
}

/** The number of failures of a step that fails at the first try and in all five replays. */
const haltedSixTimes = Array.from({ length: 6 }, () => 'HaltedError');

describe.each([
  ['with our extensions', {}],
  ['as plain Dograh', { EXTENSIONS: '' }],
])('%s', (_, mode: Record<string, string>) => {
  beforeAll(async () => {
    server = await startZapierServer(mode);
  });
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
  });

  test('a dial whose reply was lost is not repeated by replays', async () => {
    const proxy = await openDroppingProxy();
    proxy.losses = ['reply lost'];
    const failures = await runWithReplays(() => startOne({}, { baseUrl: proxy.url }));
    expect(failures).toEqual(haltedSixTimes);
    expect(await dials()).toBe(1);
    // A person replays the halted step; the error names its call.
    const [call] = await runStep(findCallStep, server.bundleFor({ phone_number: number }));
    const { message } = await failureOf(startOne());
    expect(message).toMatch(
      new RegExp(
        `^The same call was placed before, on [-\\d]+ at [:\\d]+ UTC \\(run ${String(call?.id)}\\), so nothing was dialled`,
      ),
    );
    expect(await dials()).toBe(1);
  });

  test('one call is placed even when every reply is lost', async () => {
    const proxy = await openDroppingProxy();
    proxy.losses = Array.from({ length: 6 }, () => 'reply lost' as const);
    expect(await runWithReplays(() => startOne({}, { baseUrl: proxy.url }))).toEqual(haltedSixTimes);
    expect(await dials()).toBe(1);
  });

  test('a dial that never reached the server is placed once by a manual replay', async () => {
    const proxy = await openDroppingProxy();
    proxy.losses = ['request lost'];
    expect((await failureOf(startOne({}, { baseUrl: proxy.url }))).name).toBe('HaltedError');
    expect(await startOne({}, { baseUrl: proxy.url })).toMatchObject({ status: 'initiated' });
    expect(await runWithReplays(() => startOne({}, { baseUrl: proxy.url }))).toEqual(haltedSixTimes);
    expect(await dials()).toBe(1);
  });

  test('one call is placed when an unreachable server is back', async () => {
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

  test('a number that the carrier refuses is dialled once', async () => {
    number = '+15005550001';
    expect(await runWithReplays(() => startOne())).toEqual(haltedSixTimes);
    expect(await dials()).toBe(1);
  });

  test('a successful step does not call again when Zapier replays the entire run', async () => {
    expect(await startOne()).toMatchObject({ status: 'initiated' });
    expect(await runWithReplays(() => startOne())).toEqual(haltedSixTimes);
    expect(await dials()).toBe(1);
  });

  test('a daily Zap calls every day, even half an hour early; replays within a day call nobody', async () => {
    for (let day = 1; day <= 3; day += 1) {
      expect(await startOne({ initial_context: { name: 'Jane' } })).toMatchObject({ status: 'initiated' });
      expect(await dials()).toBe(day);
      const hours = 60;
      backdate(server.databaseFile, 10 * hours + 35);
      expect((await failureOf(startOne({ initial_context: { name: 'Jane' } }))).name).toBe('HaltedError');
      expect(await dials()).toBe(day);
      backdate(server.databaseFile, 13 * hours - 5);
    }
  });

  test('a Call Reference is called once in 30 days', async () => {
    const days = 24 * 60;
    await startOne({ call_reference: 'order-1001' });
    backdate(server.databaseFile, 30 * days - 5);
    expect((await failureOf(startOne({ call_reference: 'order-1001' }))).name).toBe('HaltedError');
    backdate(server.databaseFile, 10);
    await startOne({ call_reference: 'order-1001' });
    expect(await dials()).toBe(2);
  });

  test('a step set to Call Again calls every time', async () => {
    await startOne({ if_placed_before: 'call_again' });
    await startOne({ if_placed_before: 'call_again' });
    expect(await dials()).toBe(2);
  });

  test('another Call Reference is another call', async () => {
    await startOne({ call_reference: 'order-1001' });
    await startOne({ call_reference: 'order-1002' });
    expect(await dials()).toBe(2);
  });

  test('a Call Reference is called once, even if a variable contains the current time', async () => {
    const { id } = await startOne({ call_reference: 'order-1', initial_context: { now: '07:00:01' } });
    const { message } = await failureOf(
      startOne({ call_reference: 'order-1', initial_context: { now: '07:05:02' } }),
    );
    expect(message).toContain(`(run ${String(id)}), so nothing was dialled now.`);
    expect(await dials()).toBe(1);
  });
});
