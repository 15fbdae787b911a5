/** Files that Dograh stores minutes after the end of a call. */
import { readLateResults } from '../../../support/late-results';
import type { TestAgent } from '../../../support/agents';
import { readRun, startCall } from '../../../support/calls';
import { byKeyOf, entryPath } from '../../../support/do-not-call';
import { fetchDueRecordings } from '../../../support/fetch-recordings';
import {
  agentAtDograh,
  endedRun,
  followByHand,
  startPlayedDograh,
  type PlayedDograh,
} from '../../../support/followed-calls';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

let dograh: PlayedDograh;
let server: TestServer;
let account: Account;
let agent: TestAgent;
let runId: number;

const withoutFiles = { ...endedRun, transcript_url: null, recording_url: null };

beforeEach(async () => {
  dograh = await startPlayedDograh();
  server = await startTestServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  account = await server.signUp();
  agent = await agentAtDograh(server, account, dograh);
  runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
});
afterEach(async () => {
  await server.close();
  await dograh.close();
});

const run = () => readRun(server, account, runId);

function change(fields: object): void {
  dograh.runs.set(501, { ...dograh.runs.get(501), ...fields, id: 501 });
}

/** Lets so many minutes pass, in which files are looked for every five seconds. */
async function wait(minutes: number): Promise<void> {
  for (let round = 0; round < minutes * 12; round += 1) {
    await server.advance(5000);
    await readLateResults(server.services);
    await fetchDueRecordings(server.services);
  }
}

async function transcript(): Promise<string> {
  const { transcript_public_url: link } = await run();
  return (await server.request.get(new URL(link ?? '', server.baseUrl).pathname).expect(200)).text;
}

async function isListed(): Promise<boolean> {
  const { status } = await server.request.get(entryPath('+14155550100')).set(byKeyOf(account));
  return status === 200;
}

test('a transcript and a recording that come five minutes after the end are copied, and the run says so', async () => {
  change(withoutFiles);
  await followByHand(server)(35);
  await wait(5);
  expect(await run()).toMatchObject({
    status: 'completed',
    transcript_url: null,
    recording_url: null,
    artifacts_ready: false,
  });
  change(endedRun);
  await wait(6);
  expect(await run()).toMatchObject({
    status: 'completed',
    artifacts_ready: true,
    recording_url: expect.any(String) as unknown,
    gathered_context: { day: 'Monday', call_disposition: 'user_hangup' },
  });
  expect(await transcript()).toContain('user: Monday is fine.');
});

test('what came of the conversation is added even if Dograh writes it minutes after it closed the run', async () => {
  change({ is_completed: true });
  await followByHand(server)(35);
  expect(await run()).toMatchObject({ status: 'completed', reason: 'unknown', artifacts_ready: false });
  const mapped_call_disposition = 'meeting booked';
  change({ ...endedRun, gathered_context: { ...endedRun.gathered_context, mapped_call_disposition } });
  await wait(11);
  expect(await run()).toMatchObject({
    artifacts_ready: true,
    status: 'completed',
    reason: null,
    gathered_context: { day: 'Monday', call_disposition: 'meeting booked' },
    cost_info: { dograh_token_usage: 12.5 },
  });
});

test('a late word that contradicts the status of an ended run changes nothing, and the log says so', async () => {
  change({ is_completed: true });
  await followByHand(server)(35);
  change({ gathered_context: { call_disposition: 'busy' } });
  await wait(11);
  expect(await run()).toMatchObject({
    ...{ artifacts_ready: true, status: 'completed', reason: 'unknown' },
    gathered_context: { call_disposition: 'unknown' },
  });
  const fields = `"runId":${String(runId)},"status":"completed","saidLate":"busy"`;
  expect(server.logLines.filter((line) => line.includes(fields))).toHaveLength(1);
});

test.each([
  ['with its end', 'do_not_call', 'do_not_call', 'at once'],
  ['with its end, in words of the organization', 'do_not_call', 'Opt-out', 'at once'],
  ['minutes after the end', 'do_not_call', 'do_not_call', 'late'],
  ['minutes after the end, in words of the organization', 'do_not_call', 'Opt-out', 'late'],
])(
  'a callee who asked Dograh for no more calls is not called again: said %s',
  async (_when, own, mapped, time) => {
    change(time === 'late' ? { is_completed: true } : {});
    await followByHand(server)(35);
    expect(await isListed()).toBe(false);
    const held: string[] = [];
    const { storage } = server;
    storage.tap({
      beforeLock: (name, before) => {
        if (name === 'organization') held.push(...(before.includes(name) ? [] : before));
      },
    });
    const said = { call_disposition: own, mapped_call_disposition: mapped };
    change({ ...endedRun, gathered_context: { ...endedRun.gathered_context, ...said } });
    if (time === 'late') await wait(11);
    else await followByHand(server)(35);
    expect(await run()).toMatchObject({ gathered_context: { call_disposition: mapped } });
    expect(await isListed()).toBe(true);
    // Every write takes this lock before that of a run.
    expect(held).toEqual([]);
  },
);

test('the events of a late result are delivered at once', async () => {
  change({ is_completed: true });
  await followByHand(server)(35);
  change(endedRun);
  let rings = 0;
  const stop = server.services.deliveryAlarm.onRing(() => (rings += 1));
  while (!(await run()).artifacts_ready) {
    expect(rings).toBe(0);
    await wait(1);
  }
  await server.advance(1000);
  stop();
  expect(rings).toBe(1);
});

test('after about ten minutes files that never came are given up, and the wait ends', async () => {
  change(withoutFiles);
  await followByHand(server)(35);
  await wait(8);
  expect((await run()).artifacts_ready).toBe(false);
  await wait(7);
  expect(await run()).toMatchObject({ artifacts_ready: true, transcript_url: null, recording_url: null });
  const before = dograh.reads().length;
  await wait(5);
  expect(dograh.reads()).toHaveLength(before);
});

test('a call in which nobody spoke is not held up for a transcript', async () => {
  const logs = { realtime_feedback_events: [{ type: 'rtf-node-transition', payload: {} }] };
  change({ ...endedRun, transcript_url: null, logs });
  await followByHand(server)(3);
  await fetchDueRecordings(server.services);
  expect(await run()).toMatchObject({ status: 'completed', transcript_url: null, artifacts_ready: true });
});

test('while Dograh fails, late files are looked for again', async () => {
  change(withoutFiles);
  await followByHand(server)(35);
  dograh.fault = () => ({ status: 503, body: 'Service Unavailable' });
  await wait(2);
  dograh.fault = null;
  change(endedRun);
  await wait(4);
  expect(await transcript()).toContain('assistant: Hello Jane');
});
