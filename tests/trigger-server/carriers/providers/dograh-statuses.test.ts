import { endTaskReasonCodes, neverConnectedStatuses } from '@dograh-trigger/shared';
import { outcomes } from '../../../../trigger-server/src/carriers/port/outcomes';
import {
  dispositionOf,
  dograhRun,
  gatheredOf,
  isComplete,
  listedRun,
  reportOf,
  reportOfListed,
} from '../../../../trigger-server/src/carriers/providers/dograh/statuses';
import otherEndings from '../../../fixtures/dograh/other-endings.json';
import states from '../../../fixtures/dograh/call.json';

const state = (name: string) => states.find((known) => known.state === name)!;
const runIn = (name: string) => dograhRun.parse(state(name).run);
const rowIn = (name: string) => listedRun.parse(state(name).row);

const run = (fields: object) => dograhRun.parse({ id: 501, is_completed: true, ...fields });
const endedWith = (gathered: object) => reportOf(run({ gathered_context: gathered }), null);

test.each([
  ['ringing', { status: 'ringing', callId: '501' }, false],
  ['completed', { status: 'ended', outcome: 'unexplained' }, false],
  ['ended', { status: 'ended', outcome: 'callee_hung_up', durationSeconds: 42, wasAnswered: true }, false],
  ['stored', { status: 'ended', outcome: 'callee_hung_up', durationSeconds: 42, wasAnswered: true }, true],
])('Dograh’s own reply about a call that is %s', (name, report, hasAll) => {
  expect(reportOf(runIn(name), null)).toMatchObject(report);
  expect(isComplete(runIn(name), true)).toBe(hasAll);
});

test.each([
  // A row has neither the reports of the carrier nor whether the run is completed.
  ['ringing', { status: 'unknown' }, false],
  ['completed', { status: 'unknown' }, false],
  ['ended', { status: 'ended', outcome: 'callee_hung_up', durationSeconds: 42 }, false],
  ['stored', { status: 'ended', outcome: 'callee_hung_up', durationSeconds: 42 }, true],
])('Dograh’s own row of a call that is %s', (name, report, hasAll) => {
  expect(reportOfListed(rowIn(name))).toMatchObject(report);
  expect(isComplete(rowIn(name), true)).toBe(hasAll);
});

test('the recorded endings without a conversation', () => {
  const reports = otherEndings.map(({ run: ending }) => reportOf(dograhRun.parse(ending), null));
  expect(reports).toMatchObject([
    { status: 'ended', outcome: 'busy' },
    { status: 'ended', outcome: 'failed' },
  ]);
  expect(reports.every(({ wasAnswered }) => wasAnswered === undefined)).toBe(true);
});

test.each([
  ['Failed to initiate call: ', 'unknown_there'],
  ['Failed to initiate call: timed out', 'unknown_there'],
  ['Failed to initiate call: 502: Bad Gateway', 'unknown_there'],
  ['Failed to initiate call: 400: {"code": 21211}', 'failed'],
])('a run that Dograh closed with %j at its dial ends as %s', (error, outcome) => {
  const gathered = { error, call_disposition: 'error', mapped_call_disposition: 'error' };
  expect(endedWith(gathered)).toMatchObject({ status: 'ended', outcome });
  expect(reportOfListed(listedRun.parse({ id: 501, gathered_context: gathered }))).toMatchObject({ outcome });
  // A call that the carrier has taken has its id.
  expect(endedWith({ ...gathered, call_id: 'CA01' })).toMatchObject({ outcome: 'failed' });
});

test.each([...endTaskReasonCodes])('%s is the end of a conversation, and stays the disposition', (word) => {
  const report = endedWith({ call_disposition: word });
  if (report.status !== 'ended') throw new Error('it has ended');
  expect(outcomes[report.outcome].status).toBe('completed');
  expect(dispositionOf(run({ gathered_context: { call_disposition: word } }))).toBe(word);
});

test.each(neverConnectedStatuses.filter((word) => word !== 'error' && word !== 'expired'))(
  '%s is the end of a call that never connected, with the same status',
  (word) => {
    const report = endedWith({ call_disposition: word });
    if (report.status !== 'ended') throw new Error('it has ended');
    expect(outcomes[report.outcome].status).toBe(word);
  },
);

test('a word that nobody knows ends a conversation', () => {
  expect(endedWith({ call_disposition: 'meeting booked' })).toMatchObject({
    outcome: 'talk_ended',
    wasAnswered: true,
  });
});

test('what the agent extracted from a conversation is not how the call ended', () => {
  const gathered = { call_disposition: 'busy', extracted_variables: { call_disposition: 'busy' } };
  expect(endedWith(gathered)).toMatchObject({ outcome: 'talk_ended', wasAnswered: true });
});

test('call_status says how a call ended, where Dograh has it beside the disposition', () => {
  const report = endedWith({ call_status: 'voicemail_detected', call_disposition: 'not interested' });
  expect(report).toMatchObject({ outcome: 'voicemail' });
});

test('a call whose media have begun is answered, even where the carrier reports nothing', () => {
  const open = { is_completed: false, initial_context: { runtime_configuration: { llm_model: 'gpt' } } };
  expect(reportOf(run(open), null)).toMatchObject({ status: 'answered' });
  expect(reportOf(run({ is_completed: false }), null)).toMatchObject({ status: 'unknown' });
});

test('a late report of the carrier after the answer does not hide the answer', () => {
  const reports = ['initiated', 'ringing', 'in-progress', 'machine_start'].map((status) => ({ status }));
  const open = run({ is_completed: false, logs: { telephony_status_callbacks: reports } });
  expect(reportOf(open, null)).toMatchObject({ status: 'answered' });
});

test.each([
  ['queued', { status: 'unknown', rawStatus: 'queued' }],
  ['answered', { status: 'answered' }],
  ['busy', { status: 'ended', outcome: 'busy' }],
])('the status %s of a bundled server counts more than anything else', (status, report) => {
  expect(reportOf(run({ is_completed: status === 'busy', status }), null)).toMatchObject(report);
});

test.each([
  ['error', 'no_report', 'unknown_there'],
  ['error', 'refused_by_carrier', 'refused'],
  ['failed', 'invalid_number', 'invalid_number'],
  ['busy', 'declined', 'declined'],
  ['failed', 'not_placed', 'failed'],
])('a bundled server that ended a call as %s for %s has no other ending here', (status, reason, outcome) => {
  expect(
    reportOf(run({ status, reason, gathered_context: { call_disposition: status } }), null),
  ).toMatchObject({
    status: 'ended',
    outcome,
  });
});

test('a report of Dograh’s carrier that nobody knows is kept in its own word, whatever else is among them', () => {
  const telephony_status_callbacks = [null, 'ringing', { status: 7 }, {}, { status: 'Early-Media' }];
  expect(reportOf(run({ is_completed: false, logs: { telephony_status_callbacks } }), null)).toEqual({
    status: 'unknown',
    rawStatus: 'Early-Media',
    callId: '501',
  });
});

test('a field of another kind than documented does not hide the end of a call', () => {
  const odd = run({ logs: [], usage_info: 'none', transcript_url: 7, gathered_context: null, name: {} });
  expect(reportOf(odd, null)).toMatchObject({ status: 'ended', outcome: 'unexplained' });
});

test('the files of a bundled server are there when it says so', () => {
  const stored = {
    transcript_url: 'transcripts/1.txt',
    gathered_context: { call_disposition: 'user_hangup' },
  };
  expect(isComplete(run({ ...stored, artifacts_ready: false }), true)).toBe(false);
  expect(isComplete(run({ ...stored, artifacts_ready: true }), true)).toBe(true);
});

test.each([
  ['human', 'human'],
  ['machine_end_beep', 'machine'],
  ['fax', 'fax'],
  ['robot', 'unknown'],
])('who answered: %s', (raw, who) => {
  const report = endedWith({ call_disposition: 'user_hangup', answered_by: raw });
  expect(report.answeredBy).toEqual({ who, raw });
});

test('what Dograh says of its own call does not replace what this server says of its call', () => {
  const gathered = gatheredOf(runIn('stored'));
  expect(gathered).toMatchObject({
    day: 'Monday',
    dograh_run: { id: 501, provider: 'twilio', call_id: 'CA0123456789abcdef0123456789abcdef' },
  });
  expect(Object.keys(gathered)).not.toEqual(expect.arrayContaining(['provider', 'call_id']));
});

test('the disposition of Dograh stays, where the organization there shows another word', () => {
  const mapped = run({
    gathered_context: { mapped_call_disposition: 'Opt-out', call_disposition: 'do_not_call' },
  });
  expect(dispositionOf(mapped)).toBe('Opt-out');
  expect(gatheredOf(mapped)).toMatchObject({ dograh_run: { call_disposition: 'do_not_call' } });
});

test.each([
  ['too long', 'x'.repeat(101)],
  ['cut in the middle of an emoji', 'done \ud83d'],
  ['with a NUL', 'done\0'],
])('a disposition that is %s is not shown, and stays with what Dograh says of its call', (_what, text) => {
  const mapped = run({ gathered_context: { mapped_call_disposition: text, call_disposition: 'booked' } });
  expect(dispositionOf(mapped)).toBe('booked');
  expect(gatheredOf(mapped)).toMatchObject({ dograh_run: { call_disposition: text } });
  expect(dispositionOf(run({ gathered_context: { call_disposition: text } }))).toBeNull();
});
