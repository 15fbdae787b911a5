/** The state machine: a run only moves forward, keeps its first ending, and has a disposition for it. */
import type { AnsweredBy, Run } from '@dograh-trigger/shared';
import fc from 'fast-check';
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
  // The sandbox is too slow to report anything. The tests report in its place.
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
  return server.services.storage.write((session) =>
    applyReports(server.services, session, { runId, attempt: 1 }, full),
  );
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

test('the carrier’s duration replaces ours', async () => {
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
  'a call that ends as %s never connected: its disposition is that status, its duration 0',
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

test('the run has the carrier’s own reason and the SIP code beside our reason', async () => {
  const runId = await newRun();
  await report(runId, { ...ended('declined'), carrierReason: 'call_rejected', sipCode: 603 });
  expect((await read(runId)).gathered_context).toMatchObject({
    reason: 'declined',
    carrier_reason: 'call_rejected',
    sip_code: 603,
  });
});

test('an answered call that its carrier reports as failed is completed, because it had connected', async () => {
  const runId = await newRun();
  await report(runId, { status: 'answered' }, ended('failed'));
  expect(await read(runId)).toMatchObject({
    status: 'completed',
    reason: 'unknown',
    gathered_context: { call_disposition: 'unknown' },
  });
});

test('the duration is the time from answer to end by the carrier’s clock, even if the reports are late', async () => {
  const runId = await newRun();
  await report(runId, { status: 'answered', lateSeconds: 1 });
  await server.advance(30_000);
  await report(runId, { ...ended('callee_hung_up'), lateSeconds: 20 });
  expect((await read(runId)).usage_info).toMatchObject({ call_duration_seconds: 11 });
});

test('a later ending changes only the log, and a repeated one not even that', async () => {
  const runId = await newRun();
  await report(runId, { status: 'answered' }, ended('agent_hung_up'));
  const before = await read(runId);
  await server.advance(5000);
  await report(runId, ended('talk_ended'), ended('no_answer'), { status: 'ringing' });
  const after = await read(runId);
  expect({ ...after, logs: null }).toEqual({ ...before, logs: null });
  expect(callbacksOf(after)).toHaveLength(callbacksOf(before).length + 2);
});

/** The number of stored log entries of a run. */
async function storedEvents(runId: number): Promise<number> {
  const { read: session } = server.services.storage;
  const query = session.builder.selectFrom('run_events').select('id').where('run_id', '=', runId);
  return (await session.run(query.compile())).rows.length;
}

test('a repeated report, in one callback or in several, is stored once', async () => {
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

test('of different reports 50 are kept, and every one that moves the run', async () => {
  const runId = await newRun();
  for (let word = 0; word < 60; word += 1) {
    await report(runId, { status: 'unknown', rawStatus: `word ${String(word)}` });
  }
  await report(runId, { status: 'answered' }, ended('talk_ended'), ended('busy'));
  const kept = callbacksOf(await read(runId)) as { raw_status: string }[];
  expect(kept.map((entry) => entry.raw_status).slice(-3)).toEqual(['word 49', 'answered', 'ended']);
  expect(kept).toHaveLength(52);
});

test('an error or a heard announcement that is reported after the end is not added to the run', async () => {
  const runId = await newRun();
  await report(runId, { status: 'answered' }, ended('talk_ended'));
  await report(runId, { status: 'unknown', announcementHeard: true, error: 'late' });
  const { gathered_context: gathered } = await read(runId);
  expect(gathered).not.toHaveProperty('announcement_heard');
  expect(gathered).not.toHaveProperty('error');
});

test('a report after the end may still say that a machine answered; the first such report counts', async () => {
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

test('a cancelled call stays cancelled if a machine is reported to have answered', async () => {
  const runId = await newRun();
  await report(runId, { status: 'ringing' }, ended('canceled'));
  await report(runId, { status: 'answered', answeredBy: machine });
  const run = await read(runId);
  expect(run).toMatchObject({ status: 'canceled', reason: 'canceled' });
  expect(run.gathered_context).not.toHaveProperty('answered_by');
});

test('who answered may be reported with the end', async () => {
  const runId = await newRun();
  await report(runId, { status: 'answered' });
  await report(runId, { ...ended('talk_ended'), answeredBy: machine });
  expect((await read(runId)).gathered_context).toMatchObject({ answered_by: 'machine' });
});

test('a greeting that is reported for a call that never connected does not count as spoken', async () => {
  const runId = await newRun();
  await report(runId, ended('busy'));
  await report(runId, { status: 'answered', greetingSpoken: true });
  expect(await read(runId)).toMatchObject({ transcript_url: null, logs: { realtime_feedback_events: [] } });
});

test('a greeting that is reported after the end of a connected call counts as spoken, once', async () => {
  const runId = await newRun();
  await report(runId, { ...ended('talk_ended'), durationSeconds: 5 });
  await report(runId, { status: 'answered', greetingSpoken: true });
  await report(runId, { status: 'answered', greetingSpoken: true });
  const run = await read(runId);
  expect(run.transcript_url).toBe(`transcripts/${String(runId)}.txt`);
  expect(run.logs?.realtime_feedback_events).toHaveLength(1);
});

test('of a greeting that was cut off, the transcript has the words that were heard', async () => {
  const runId = await newRun();
  await report(runId, { status: 'answered', greetingSpoken: true, heardShare: 0.5 });
  const { logs } = await read(runId);
  expect(logs).toMatchObject({ realtime_feedback_events: [{ payload: { text: 'Hello' } }] });
});

test('a greeting of which nothing was heard makes no transcript', async () => {
  const runId = await newRun();
  await report(runId, { status: 'answered', greetingSpoken: true, heardShare: 0 });
  expect(await read(runId)).toMatchObject({ transcript_url: null, logs: { realtime_feedback_events: [] } });
});

test('a call with billed seconds counts as answered, even if the report of the answer was lost', async () => {
  const runId = await newRun();
  await report(runId, { ...ended('talk_ended'), durationSeconds: 5 });
  expect((await read(runId)).gathered_context).toMatchObject({ call_disposition: 'user_hangup' });
});

test('a late report does not move a run back', async () => {
  const runId = await newRun();
  await report(runId, { status: 'answered' });
  await report(runId, { status: 'ringing' }, { status: 'initiated' });
  expect((await read(runId)).status).toBe('answered');
});

test('an unknown status is kept in the log and does not move the run', async () => {
  const runId = await newRun();
  await report(runId, { status: 'unknown', rawStatus: 'simmering' });
  const run = await read(runId);
  expect(run.status).toBe('initiated');
  expect(callbacksOf(run)).toMatchObject([{ status: 'unknown', raw_status: 'simmering' }]);
});

test('a call that completes without an answer ends with the disposition unknown', async () => {
  const runId = await newRun();
  await report(runId, ended('talk_ended'));
  const run = await read(runId);
  expect(run).toMatchObject({ status: 'completed', is_completed: true });
  expect(run.gathered_context?.call_disposition).toBe('unknown');
});

test('who answered depends on no order of the reports, and unknown replaces no other word', async () => {
  const words = fc.constantFrom<'machine' | 'fax' | 'human'>('machine', 'fax', 'human');
  const orders = words.chain((word) => {
    const detected = (who: AnsweredBy) => ({ status: 'answered', answeredBy: { who, raw: who } }) as const;
    const reports = [detected('unknown'), detected(word), ended('talk_ended')];
    const order = fc.shuffledSubarray([...reports, ...reports], { minLength: 6 });
    return fc.tuple(fc.constant(word), order);
  });
  await fc.assert(
    fc.asyncProperty(orders, async ([word, reports]) => {
      const runId = await newRun();
      await report(runId, { status: 'answered' }, ...reports);
      expect((await read(runId)).gathered_context).toMatchObject({
        answered_by: word,
        call_disposition: word === 'human' ? 'user_hangup' : 'voicemail_detected',
      });
    }),
    { numRuns: 20 },
  );
});

test.each(['human', 'fax', 'unknown'] as const)(
  'no message is due where %s answered; only an unknown answerer may turn out to be a machine',
  async (who) => {
    const runId = await startCall(server, account, agent, {
      phone_number: '+14155550100',
      voicemail: { action: 'leave_message' },
    });
    await report(runId, { status: 'answered', answeredBy: { who, raw: who } });
    expect(await report(runId, { status: 'answered', messageIsDue: true })).toMatchObject({
      isMessageDue: false,
    });
    const late = await report(runId, { status: 'answered', messageIsDue: true, answeredBy: machine });
    expect(late).toMatchObject({ isMessageDue: who === 'unknown' });
  },
);
