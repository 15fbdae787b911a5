/** The state machine: forward only, the first ending stands, and every ending has a disposition. */
import type { Run } from '@dograh-trigger/shared';
import { applyReports } from '../../../trigger-server/src/calls/run-course';
import { outcomes } from '../../../trigger-server/src/carriers/port/outcomes';
import { ended, type ReportDetails, type Standing } from '../../../trigger-server/src/carriers/port/report';
import { readRun, startCall } from '../../support/calls';
import { readyToCall, type TestAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  // The sandbox never moves here: these tests are the carrier.
  server = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '100', SANDBOX_STEP_MS: '600000' });
  ({ account, agent } = await readyToCall(server));
});
afterAll(() => server.close());

const newRun = () => startCall(server, account, agent, { phone_number: '+14155550100' });
const read = (runId: number) => readRun(server, account, runId);
const callbacksOf = (run: Run) => run.logs?.telephony_status_callbacks as unknown[];

const machine = { who: 'machine', raw: 'machine_start' } as const;

function report(runId: number, ...reports: (Standing & Partial<ReportDetails>)[]) {
  const full = reports.map((one) => ({ rawStatus: one.status, ...one }));
  return server.services.storage.write((session) => applyReports(server.services, session, runId, full));
}

test('an answered call that ends is completed, with the seconds from answer to end', async () => {
  const runId = await newRun();
  await report(runId, { status: 'ringing' });
  await report(runId, { status: 'answered' });
  await server.advance(42_000);
  await report(runId, ended('talk_ended'));
  const run = await read(runId);
  expect(run).toMatchObject({
    status: 'completed',
    is_completed: true,
    usage_info: { call_duration_seconds: 42 },
  });
  expect(run.gathered_context).toMatchObject({
    call_disposition: 'user_hangup',
    mapped_call_disposition: 'user_hangup',
  });
  expect(run.completed_at).toBe(server.clock.now().toISOString());
});

test('the carrier’s own duration wins over ours', async () => {
  const runId = await newRun();
  await report(runId, { status: 'answered' }, { ...ended('talk_ended'), durationSeconds: 17.4 });
  expect((await read(runId)).usage_info).toMatchObject({ call_duration_seconds: 17 });
});

const neverConnected = [
  'busy',
  'declined',
  'no_answer',
  'unavailable',
  'invalid_number',
  'canceled',
] as const;
test.each(neverConnected)(
  'a call that ends as %s never connected: its status is its disposition, its duration is 0',
  async (outcome) => {
    const runId = await newRun();
    await report(runId, { status: 'ringing' }, ended(outcome));
    const run = await read(runId);
    const { status, reason } = outcomes[outcome];
    expect(run).toMatchObject({
      status,
      reason,
      is_completed: true,
      usage_info: { call_duration_seconds: 0 },
    });
    expect(run.gathered_context).toMatchObject({
      reason,
      call_disposition: status,
      call_tags: ['not_connected', `telephony_${status}`],
    });
  },
);

test('the carrier’s own reason and the SIP code stand beside ours', async () => {
  const runId = await newRun();
  await report(runId, { ...ended('declined'), carrierReason: 'call_rejected', sipCode: 603 });
  expect((await read(runId)).gathered_context).toMatchObject({
    reason: 'declined',
    carrier_reason: 'call_rejected',
    sip_code: 603,
  });
});

test('an answered call whose carrier calls it failed is completed: it had connected', async () => {
  const runId = await newRun();
  await report(runId, { status: 'answered' }, ended('failed'));
  expect(await read(runId)).toMatchObject({
    status: 'completed',
    reason: 'unknown',
    gathered_context: { call_disposition: 'unknown' },
  });
});

test('a call lasts from answer to end by the carrier’s clock, however late its reports come', async () => {
  const runId = await newRun();
  await report(runId, { status: 'answered', lateSeconds: 1 });
  await server.advance(30_000);
  await report(runId, { ...ended('callee_hung_up'), lateSeconds: 20 });
  expect((await read(runId)).usage_info).toMatchObject({ call_duration_seconds: 11 });
});

test('a late ending changes nothing but the log, and a repeated one not even that', async () => {
  const runId = await newRun();
  await report(runId, { status: 'answered' }, ended('agent_hung_up'));
  const before = await read(runId);
  await server.advance(5000);
  await report(runId, ended('talk_ended'), ended('no_answer'), { status: 'ringing' });
  const after = await read(runId);
  expect({ ...after, logs: null }).toEqual({ ...before, logs: null });
  expect(callbacksOf(after)).toHaveLength(callbacksOf(before).length + 2);
});

/** What is stored of a run's log. */
async function storedEvents(runId: number): Promise<number> {
  const { read: session } = server.services.storage;
  const query = session.builder.selectFrom('run_events').select('id').where('run_id', '=', runId);
  return (await session.run(query.compile())).rows.length;
}

test('a report that comes again and again, at once or one after the other, is kept once and stores nothing more', async () => {
  const runId = await newRun();
  const ringing = { status: 'ringing', callId: 'c-1', answeredBy: { who: 'human', raw: 'human' } } as const;
  await report(runId, ringing, ringing);
  const [before, stored] = [await read(runId), await storedEvents(runId)];
  for (let time = 0; time < 20; time += 1) {
    await server.advance(1000);
    await report(runId, ringing, ringing);
  }
  expect(await read(runId)).toEqual(before);
  expect(callbacksOf(before)).toHaveLength(1);
  expect(await storedEvents(runId)).toBe(stored);
});

test('of reports that are always different 50 are kept, and every one that moves the run', async () => {
  const runId = await newRun();
  for (let word = 0; word < 60; word += 1) {
    await report(runId, { status: 'unknown', rawStatus: `word ${String(word)}` });
  }
  await report(runId, { status: 'answered' }, ended('talk_ended'), ended('busy'));
  const kept = callbacksOf(await read(runId)) as { raw_status: string }[];
  expect(kept.map((entry) => entry.raw_status).slice(-3)).toEqual(['word 49', 'answered', 'ended']);
  expect(kept).toHaveLength(52);
});

test('what is found out after the end is not taken for what the call was', async () => {
  const runId = await newRun();
  await report(runId, { status: 'answered' }, ended('talk_ended'));
  await report(runId, { status: 'unknown', announcementHeard: true, error: 'late' });
  const { gathered_context: gathered } = await read(runId);
  expect(gathered).not.toHaveProperty('announcement_heard');
  expect(gathered).not.toHaveProperty('error');
});

test('that a machine answered may be learned after the end; the first word about it stands', async () => {
  const runId = await newRun();
  await report(runId, { status: 'answered' }, ended('agent_hung_up'));
  await report(runId, { status: 'answered', answeredBy: machine });
  await report(runId, { status: 'answered', answeredBy: { who: 'human', raw: 'human' } });
  expect(await read(runId)).toMatchObject({
    status: 'completed',
    reason: 'voicemail',
    gathered_context: {
      answered_by: 'machine',
      answered_by_raw: 'machine_start',
      call_disposition: 'voicemail_detected',
    },
  });
});

test('a call that was cancelled stays so, whoever is said to have answered', async () => {
  const runId = await newRun();
  await report(runId, { status: 'ringing' }, ended('canceled'));
  await report(runId, { status: 'answered', answeredBy: machine });
  const run = await read(runId);
  expect(run).toMatchObject({ status: 'canceled', reason: 'canceled' });
  expect(run.gathered_context).not.toHaveProperty('answered_by');
});

test('what comes with the end belongs to it', async () => {
  const runId = await newRun();
  await report(runId, { status: 'answered' });
  await report(runId, { ...ended('talk_ended'), answeredBy: machine });
  expect((await read(runId)).gathered_context).toMatchObject({ answered_by: 'machine' });
});

test('a greeting that is reported as spoken to a call that never connected was heard by nobody', async () => {
  const runId = await newRun();
  await report(runId, ended('busy'));
  await report(runId, { status: 'answered', greetingSpoken: true });
  expect(await read(runId)).toMatchObject({ transcript_url: null, logs: { realtime_feedback_events: [] } });
});

test('a greeting that is reported after the end of a call that connected was heard, once', async () => {
  const runId = await newRun();
  await report(runId, { ...ended('talk_ended'), durationSeconds: 5 });
  await report(runId, { status: 'answered', greetingSpoken: true });
  await report(runId, { status: 'answered', greetingSpoken: true });
  const run = await read(runId);
  expect(run.transcript_url).toBe(`transcripts/${String(runId)}.txt`);
  expect(run.logs?.realtime_feedback_events).toHaveLength(1);
});

test('who was billed for seconds was talking, although the report of the answer was lost', async () => {
  const runId = await newRun();
  await report(runId, { ...ended('talk_ended'), durationSeconds: 5 });
  expect((await read(runId)).gathered_context).toMatchObject({ call_disposition: 'user_hangup' });
});

test('a report from before does not move a run back', async () => {
  const runId = await newRun();
  await report(runId, { status: 'answered' });
  await report(runId, { status: 'ringing' }, { status: 'initiated' });
  expect((await read(runId)).status).toBe('answered');
});

test('a word that is not known is kept in the log and moves nothing', async () => {
  const runId = await newRun();
  await report(runId, { status: 'unknown', rawStatus: 'simmering' });
  const run = await read(runId);
  expect(run.status).toBe('initiated');
  expect(callbacksOf(run)).toMatchObject([{ status: 'unknown', raw_status: 'simmering' }]);
});

test('a call that completes without having been answered still ends, with disposition unknown', async () => {
  const runId = await newRun();
  await report(runId, ended('talk_ended'));
  const run = await read(runId);
  expect(run).toMatchObject({ status: 'completed', is_completed: true });
  expect(run.gathered_context?.call_disposition).toBe('unknown');
});
