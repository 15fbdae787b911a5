import { readRun, startCall } from '../../../support/calls';
import { fetchDueRecordings } from '../../../support/fetch-recordings';
import {
  agentAtDograh,
  endedRun,
  followByHand,
  playedRecording,
  startPlayedDograh,
  type PlayedDograh,
} from '../../../support/followed-calls';
import type { TestAgent } from '../../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

const phoneNumber = '+14155550100';

let dograh: PlayedDograh;
let server: TestServer;
let account: Account;
let agent: TestAgent;
let pass: (seconds: number) => Promise<void>;

beforeEach(async () => {
  dograh = await startPlayedDograh();
  server = await startTestServer({
    ALLOWED_PRIVATE_TARGETS: '127.0.0.1',
    DEFAULT_ORG_CONCURRENCY_LIMIT: '1000',
  });
  account = await server.signUp();
  agent = await agentAtDograh(server, account, dograh);
  pass = followByHand(server);
});
afterEach(async () => {
  await server.close();
  await dograh.close();
});

const start = () => startCall(server, account, agent, { phone_number: phoneNumber });
const read = (runId: number) => readRun(server, account, runId);

function change(id: number, fields: object): void {
  dograh.runs.set(id, { ...dograh.runs.get(id), ...fields, id });
}

function callback(status: string) {
  return { logs: { telephony_status_callbacks: [{ status: 'initiated' }, { status }] } };
}

test('a run rings, is answered and ends as the run at Dograh does', async () => {
  const runId = await start();
  change(501, callback('ringing'));
  await pass(3);
  expect(await read(runId)).toMatchObject({ status: 'ringing', is_completed: false });
  change(501, callback('in-progress'));
  await pass(3);
  expect(await read(runId)).toMatchObject({ status: 'answered', is_completed: false });
  change(501, endedRun);
  await pass(3);
  expect(await read(runId)).toMatchObject({ status: 'completed', is_completed: true, reason: null });
  expect(dograh.dials()).toHaveLength(1);
});

test('an ended run has the disposition, variables, usage and cost of the run at Dograh', async () => {
  const runId = await start();
  change(501, endedRun);
  await pass(3);
  expect(await read(runId)).toMatchObject({
    usage_info: { llm: { 'llm#0|||gpt': { total_tokens: 876 } }, call_duration_seconds: 42 },
    cost_info: { dograh_token_usage: 12.5, call_duration_seconds: 42 },
    gathered_context: {
      provider: 'dograh',
      call_id: '501',
      day: 'Monday',
      extracted_variables: { day: 'Monday' },
      nodes_visited: ['Start', 'End'],
      call_disposition: 'user_hangup',
      call_tags: ['user_hangup', 'user_speech'],
      dograh_run: { id: 501, workflow_id: 12, provider: 'twilio', call_id: 'CA01' },
    },
  });
});

test('the transcript has both speakers, with their times', async () => {
  const runId = await start();
  change(501, endedRun);
  await pass(3);
  const { transcript_public_url: link } = await read(runId);
  const { text } = await server.request.get(new URL(link ?? '', server.baseUrl).pathname).expect(200);
  expect(text.trim().split('\n')).toEqual([
    '[2026-11-23T12:00:05.000+00:00] assistant: Hello Jane, is Monday fine?',
    '[2026-11-23T12:00:08.500+00:00] user: Monday is fine.',
  ]);
});

test('the recording is copied, and neither file is asked for with the API key', async () => {
  const runId = await start();
  change(501, endedRun);
  await pass(3);
  expect(await read(runId)).toMatchObject({ is_completed: true, artifacts_ready: false });
  await fetchDueRecordings(server.services);
  const { artifacts_ready, recording_public_url: link } = await read(runId);
  expect(artifacts_ready).toBe(true);
  const { body } = await server.request.get(new URL(link ?? '', server.baseUrl).pathname).expect(200);
  expect(Buffer.compare(body as Buffer, playedRecording)).toBe(0);
  const downloads = dograh.requests.filter(({ url }) => url.startsWith('/api/v1/public/download/'));
  expect(downloads.map(({ url }) => url.replace(/.*\//, ''))).toEqual(['transcript', 'recording']);
  expect(downloads.every(({ headers }) => headers['x-api-key'] === undefined)).toBe(true);
});

test('an agent that is not recorded has no copy of the recording', async () => {
  const silent = await agentAtDograh(server, await reset(), dograh, { recording_enabled: false });
  const runId = await startCall(server, account, silent, { phone_number: phoneNumber });
  change(501, { ...endedRun, recording_url: null });
  await pass(3);
  expect(await read(runId)).toMatchObject({ is_completed: true, artifacts_ready: true, recording_url: null });
});

async function reset(): Promise<Account> {
  account = await server.signUp();
  return account;
}

test('the end waits for the files, which Dograh stores some seconds later', async () => {
  const runId = await start();
  change(501, { ...endedRun, transcript_url: null, recording_url: null });
  await pass(10);
  expect((await read(runId)).is_completed).toBe(false);
  change(501, endedRun);
  await pass(3);
  expect(await read(runId)).toMatchObject({
    is_completed: true,
    transcript_url: `transcripts/${String(runId)}.txt`,
  });
});

test('while the recording is awaited, the transcript is not downloaded again and again', async () => {
  const runId = await start();
  const downloads = () => dograh.requests.filter(({ url }) => url.endsWith('/transcript'));
  change(501, { ...endedRun, recording_url: null });
  await pass(20);
  expect(dograh.reads().length).toBeGreaterThan(2);
  expect(downloads()).toHaveLength(0);
  change(501, endedRun);
  await pass(10);
  expect(await read(runId)).toMatchObject({ status: 'completed' });
  expect(downloads()).toHaveLength(1);
});

test('after half a minute a call ends without the files that Dograh does not have', async () => {
  const runId = await start();
  change(501, { ...endedRun, transcript_url: null, recording_url: null });
  await pass(35);
  expect(await read(runId)).toMatchObject({ status: 'completed', transcript_url: null, recording_url: null });
});

test('a call that never connected ends at once, in the words of the table', async () => {
  const runId = await start();
  change(501, { is_completed: true, gathered_context: { call_disposition: 'no-answer' } });
  await pass(3);
  expect(await read(runId)).toMatchObject({ status: 'no-answer', reason: 'no_answer', is_completed: true });
});

test('a run that Dograh completes without a disposition has ended, and nothing is guessed of how', async () => {
  const runId = await start();
  change(501, { is_completed: true });
  await pass(25);
  expect((await read(runId)).is_completed).toBe(false);
  await pass(10);
  expect(await read(runId)).toMatchObject({ status: 'completed', reason: 'unknown' });
});

test('among many calls, one that Dograh completes without media has ended two minutes later', async () => {
  const [runId] = await Promise.all(Array.from({ length: 12 }, start));
  for (const id of dograh.runs.keys()) change(id, callback('ringing'));
  const callId = Number((await read(runId!)).gathered_context?.call_id);
  change(callId, { is_completed: true });
  await pass(120);
  expect(await read(runId!)).toMatchObject({ status: 'completed', reason: 'unknown' });
  expect(dograh.reads().length).toBeLessThanOrEqual(120);
});

test('calls whose recordings do not come are read within one request a second, and end', async () => {
  const runIds = await Promise.all(Array.from({ length: 12 }, start));
  for (const id of dograh.runs.keys()) change(id, { ...endedRun, recording_url: null });
  await pass(30);
  expect(dograh.reads().length).toBeLessThanOrEqual(30);
  await pass(10);
  expect((await Promise.all(runIds.map(read))).every(({ is_completed }) => is_completed)).toBe(true);
});

test('one whose recording does not come is read in longer and longer pauses', async () => {
  await start();
  change(501, { ...endedRun, recording_url: null });
  await pass(31);
  expect(dograh.reads().length).toBeLessThanOrEqual(11);
});

test('a word of the organization for how a call ended is its disposition', async () => {
  const runId = await start();
  change(501, {
    ...endedRun,
    gathered_context: { call_disposition: 'meeting booked', mapped_call_disposition: 'XFER' },
  });
  await pass(3);
  expect(await read(runId)).toMatchObject({
    status: 'completed',
    reason: null,
    gathered_context: { call_disposition: 'XFER' },
  });
});

test('a call whose disposition cannot be stored ends with all its other results', async () => {
  const runId = await start();
  const gathered_context = { ...endedRun.gathered_context, call_disposition: 'done \ud83d' };
  change(501, { ...endedRun, gathered_context: { ...gathered_context, mapped_call_disposition: undefined } });
  await pass(3);
  expect(await read(runId)).toMatchObject({
    status: 'completed',
    transcript_url: `transcripts/${String(runId)}.txt`,
    gathered_context: { call_disposition: 'user_hangup', day: 'Monday' },
  });
});

test('a run that was deleted at Dograh ends in error, and says so', async () => {
  const runId = await start();
  change(501, callback('in-progress'));
  await pass(3);
  dograh.runs.delete(501);
  await pass(3);
  expect(await read(runId)).toMatchObject({
    status: 'error',
    reason: 'no_report',
    gathered_context: {
      error: 'Dograh has no run 501 any more. It was deleted there, so how the call ended is not known.',
    },
  });
  expect(dograh.dials()).toHaveLength(1);
});

test.each([
  ['answers 502 while it restarts', { status: 502, body: 'Bad Gateway' }],
  ['is not behind its gateway', { status: 404, body: '404 page not found' }],
  ['refuses a key that was revoked in mid-call', { status: 401, body: { detail: 'Invalid API key' } }],
  ['cuts connections', 'cut' as const],
])('a run stays open while Dograh %s, and ends truly afterwards', async (_, fault) => {
  const runId = await start();
  change(501, callback('in-progress'));
  await pass(3);
  dograh.fault = () => fault;
  change(501, endedRun);
  await pass(90);
  expect(await read(runId)).toMatchObject({ status: 'answered', is_completed: false });
  dograh.fault = null;
  await pass(35);
  expect(await read(runId)).toMatchObject({ status: 'completed', gathered_context: { day: 'Monday' } });
  expect(dograh.dials()).toHaveLength(1);
});

test('while Dograh fails, it is asked in longer and longer pauses', async () => {
  await start();
  dograh.fault = () => ({ status: 500, body: 'Internal Server Error' });
  await pass(120);
  expect(dograh.reads().length).toBeLessThanOrEqual(9);
});

test('500 open calls cost at most one request a second, and each end is noticed', async () => {
  const runIds = await Promise.all(Array.from({ length: 500 }, start));
  const before = dograh.reads().length;
  await pass(60);
  const reads = dograh.reads().length - before;
  expect(reads).toBeGreaterThan(30);
  expect(reads).toBeLessThanOrEqual(60);
  for (const id of dograh.runs.keys()) change(id, endedRun);
  await pass(120);
  const ended = await Promise.all(runIds.map(read));
  expect(ended.filter(({ status }) => status === 'completed')).toHaveLength(500);
  // Beside the pages of the list, one request for each call that has ended.
  const urls = dograh.reads().map(({ url }) => url);
  expect(urls.filter((url) => !url.includes('/usage/'))).toHaveLength(500);
}, 120_000);

test.each([
  ['is broken', { status: 500, body: { detail: 'list is broken' } }],
  ['breaks off', 'cut' as const],
  ['is too long', { status: 200, body: Buffer.alloc(16 * 1024 * 1024 + 1, ' ') }],
])('where the list %s, calls are read one by one', async (_what, fault) => {
  const runIds = await Promise.all(Array.from({ length: 5 }, start));
  dograh.fault = ({ url }) => (url.includes('/usage/runs') ? fault : undefined);
  for (const id of dograh.runs.keys()) change(id, endedRun);
  await pass(30);
  const ended = await Promise.all(runIds.map(read));
  expect(ended.map(({ status }) => status)).toEqual(Array(5).fill('completed'));
});

test('a transcript and variables of any length are copied up to their limits, and the run and the log say so', async () => {
  const runId = await start();
  const long = 'x'.repeat(100_000);
  change(501, { ...endedRun, gathered_context: { ...endedRun.gathered_context, long } });
  dograh.fault = ({ url }) =>
    url.endsWith('/transcript') ? { status: 200, body: Buffer.from('user: a\n'.repeat(450_000)) } : undefined;
  const before = process.cpuUsage();
  await pass(3);
  const { user } = process.cpuUsage(before);
  expect(user).toBeLessThan(1_000_000);
  const { gathered_context, transcript_public_url: link } = await read(runId);
  expect(gathered_context).toMatchObject({
    day: 'Monday',
    omitted_results: ['the transcript after its line 5000', 'gathered_context.long'],
  });
  const { text } = await server.request.get(new URL(link ?? '', server.baseUrl).pathname).expect(200);
  expect(text.trim().split('\n')).toHaveLength(5000);
  const logged = server.logLines.filter((line) => line.includes('too long to be copied'));
  expect(logged).toEqual([expect.stringContaining('"omitted":2')]);
  expect(logged.join('')).not.toContain('gathered_context');
});

test('calls that cannot be read, however many, delay no other one', async () => {
  const runIds = await Promise.all(Array.from({ length: 12 }, start));
  for (const id of dograh.runs.keys()) change(id, endedRun);
  // The first ten, which are also read first.
  dograh.fault = ({ url }) =>
    /\/runs\/5(0\d|10)$/.test(url) ? { status: 200, body: { id: 'no run' } } : undefined;
  await pass(30);
  const ended = (await Promise.all(runIds.map(read))).filter(({ is_completed }) => is_completed);
  expect(ended).toHaveLength(2);
  expect(server.logLines.filter((line) => line.includes('could not be read')).length).toBeLessThanOrEqual(10);
  dograh.fault = null;
  await pass(40);
  expect((await Promise.all(runIds.map(read))).every(({ is_completed }) => is_completed)).toBe(true);
});

test('a word of Dograh’s carrier that nobody knows is kept with the run, once, and the call goes on', async () => {
  const runId = await start();
  change(501, callback('early-media'));
  await pass(10);
  const { logs, is_completed } = await read(runId);
  expect(is_completed).toBe(false);
  const words = (logs as { telephony_status_callbacks: { raw_status: string }[] }).telephony_status_callbacks;
  expect(words.filter(({ raw_status }) => raw_status === 'early-media')).toHaveLength(1);
});
