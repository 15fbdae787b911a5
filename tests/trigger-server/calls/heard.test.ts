/** What the transcript has of a speech that a carrier began, when the call is over. */
import { speechSeconds } from '../../../trigger-server/src/artifacts/heard';
import { applyReports } from '../../../trigger-server/src/calls/run-course';
import { ended, type ReportDetails, type Standing } from '../../../trigger-server/src/carriers/port/report';
import { readyToCall, type TestAgent } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  // The sandbox is too slow to report anything. The tests report in its place.
  server = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '100', SANDBOX_STEP_MS: '600000' });
  ({ account, agent } = await readyToCall(server));
});
afterAll(() => server.close());

/** Four seconds of speech, by the estimate. */
const greeting = 'One two three four five six seven eight nine ten eleven twelve.';
const message = 'Alpha bravo charlie delta echo foxtrot golf hotel india juliett.';

function newRun(): Promise<number> {
  return startCall(server, account, agent, {
    phone_number: '+14155550100',
    initial_context: { greeting_override: { type: 'text', text: greeting } },
    voicemail: { action: 'leave_message', message },
  });
}

function report(runId: number, standing: Standing, details: Partial<ReportDetails> = {}) {
  const full = { rawStatus: JSON.stringify(details), ...standing, ...details };
  return server.services.storage.write((session) =>
    applyReports(server.services, session, { runId, attempt: 1 }, [full]),
  );
}

const answered = { status: 'answered' } as const;
const machine = { answeredBy: { who: 'machine', raw: 'machine' } } as const;
const hungUp = (durationSeconds: number) => [ended('callee_hung_up'), { durationSeconds }] as const;

async function saidIn(runId: number) {
  const run = await readRun(server, account, runId);
  const events = (run.logs?.realtime_feedback_events ?? []) as { payload: object }[];
  return { said: events.map(({ payload }) => payload), hasTranscript: run.transcript_url !== null };
}

test('a callee who hangs up after two of four seconds has heard half of the greeting, and the log says so', async () => {
  const runId = await newRun();
  await report(runId, answered, { greetingBegun: true });
  await report(runId, ...hungUp(2));
  const half = 'One two three four five six';
  expect(await saidIn(runId)).toEqual({ said: [{ text: half, cut: 'estimated' }], hasTranscript: true });
});

test('a callee who hangs up at once has heard nothing, and there is no transcript', async () => {
  const runId = await newRun();
  await report(runId, answered, { greetingBegun: true });
  await report(runId, ...hungUp(0));
  expect(await saidIn(runId)).toEqual({ said: [], hasTranscript: false });
});

test.each<[string, Standing, ReportDetails | null]>([
  ['the carrier reported its end', ended('callee_hung_up'), { rawStatus: 'end', announcementHeard: true }],
  ['the agent hung up, which it does after its end', ended('agent_hung_up'), null],
])('a greeting is whole, however short the call is, if %s', async (_why, end, heard) => {
  const runId = await newRun();
  await report(runId, answered, { greetingBegun: true });
  if (heard !== null) await report(runId, answered, heard);
  await report(runId, end, { durationSeconds: 1 });
  expect(await saidIn(runId)).toEqual({ said: [{ text: greeting }], hasTranscript: true });
});

test('of a call that lasted longer than its speech, the greeting is whole', async () => {
  const runId = await newRun();
  await report(runId, answered, { greetingBegun: true });
  await report(runId, ...hungUp(5));
  expect(await saidIn(runId)).toEqual({ said: [{ text: greeting }], hasTranscript: true });
});

test('a greeting that is reported after the end is cut as well', async () => {
  const runId = await newRun();
  await report(runId, answered);
  await server.advance(2000);
  await report(runId, ...hungUp(2));
  await server.advance(2000);
  await report(runId, answered, { greetingBegun: true });
  expect((await saidIn(runId)).said).toEqual([{ text: 'One two three four five six', cut: 'estimated' }]);
});

test('a message ends the greeting, and is cut at the end of the call', async () => {
  const runId = await newRun();
  await report(runId, answered, { greetingBegun: true });
  await server.advance(2000);
  await report(runId, answered, { ...machine, messageIsDue: true });
  await report(runId, answered, { messageSpoken: true });
  await report(runId, ...hungUp(4));
  expect((await saidIn(runId)).said).toEqual([
    { text: 'One two three four five six', cut: 'estimated' },
    { text: 'Alpha bravo charlie delta echo', cut: 'estimated' },
  ]);
});

test('a message whose end is reported after the end of the call is whole', async () => {
  const runId = await newRun();
  await report(runId, answered, { ...machine, messageIsDue: true });
  await report(runId, answered, { messageSpoken: true });
  await report(runId, ...hungUp(2));
  await report(runId, answered, { messageHeard: true });
  expect((await saidIn(runId)).said).toEqual([{ text: message }]);
});

test.each([
  ['150 words a minute', 'seven '.repeat(150), 60],
  ['five syllables a second in Japanese', 'あ'.repeat(50), 10],
])('a text takes %s', (_rate, text, seconds) => {
  expect(speechSeconds(text)).toBe(seconds);
});
