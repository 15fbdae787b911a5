/** The watchdog and the calls that Dograh holds: only Dograh can end them. */
import { endOverdueRuns } from '../../../../trigger-server/src/calls/watchdog';
import type { TestAgent } from '../../../support/agents';
import { readRun, startCall } from '../../../support/calls';
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

beforeEach(async () => {
  dograh = await startPlayedDograh();
  server = await startTestServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  account = await server.signUp();
  // Neither limit is sent to Dograh, whose agent has its own.
  agent = await agentAtDograh(server, account, dograh, { max_call_duration: 60, ring_timeout_seconds: 10 });
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

const callback = (status: string) => ({ logs: { telephony_status_callbacks: [{ status }] } });

/** Lets so many seconds pass in which only the watchdog works, every 30 seconds. */
async function pass(seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 30) {
    await server.advance(Math.min(left, 30) * 1000);
    await endOverdueRuns(server.services);
  }
}

test('a call that talks for twenty minutes at Dograh is not ended here, whatever limit the agent here has', async () => {
  change(callback('in-progress'));
  await pass(120 + 1200);
  expect(dograh.reads()).toHaveLength(0);
  expect((await run()).is_completed).toBe(false);
  change(endedRun);
  await followByHand(server)(40);
  expect(await run()).toMatchObject({ status: 'completed', reason: null });
});

test.each(['ringing', 'in-progress'])(
  'while Dograh says %s after the longest call, the run stays open, and ends as Dograh says',
  async (word) => {
    change(callback(word));
    await pass(45 * 60);
    expect((await run()).is_completed).toBe(false);
    change({ is_completed: true, gathered_context: { call_disposition: 'no-answer' } });
    await pass(90);
    expect(await run()).toMatchObject({ is_completed: true, gathered_context: { call_id: '501' } });
    expect((await run()).reason).not.toBe('no_report');
  },
);

test('a run that Dograh never ends is ended after an hour, and says what Dograh said last', async () => {
  change(callback('in-progress'));
  await pass(62 * 60);
  expect(await run()).toMatchObject({
    status: 'error',
    reason: 'no_report',
    gathered_context: {
      error: expect.stringContaining("Dograh still says 'answered' an hour after") as unknown,
    },
  });
});

test('a run of which Dograh says nothing is ended after its longest time', async () => {
  await pass(120 + 1200 + 60 + 30);
  expect(await run()).toMatchObject({
    status: 'error',
    reason: 'no_report',
    gathered_context: { error: expect.stringContaining('Dograh did not say') as unknown },
  });
});

test('an end that the watchdog reads has the transcript, the variables and the recording', async () => {
  change(endedRun);
  await pass(120 + 1200 + 60 + 30);
  expect(await run()).toMatchObject({
    status: 'completed',
    transcript_url: `transcripts/${String(runId)}.txt`,
    gathered_context: { day: 'Monday' },
    artifacts_ready: false,
  });
  await fetchDueRecordings(server.services);
  expect(await run()).toMatchObject({ artifacts_ready: true, recording_url: expect.any(String) as unknown });
});
