import {
  isSandboxCall,
  summarizeListedRun,
  summarizeRun,
  type JsonObject,
  type Run,
  type UsageRun,
} from '@dograh-trigger/shared';

const completed: Run = {
  id: 12,
  workflow_id: 3,
  name: 'WR-API-0012',
  mode: 'twilio',
  created_at: '2026-01-05T10:00:00Z',
  call_type: 'outbound',
  is_completed: true,
};

test('a run with no other field than its end is completed, and everything else is null', () => {
  expect(summarizeRun(completed)).toEqual({
    status: 'completed',
    hasEnded: true,
    reason: null,
    explanation: null,
    waitingFor: null,
    dueAt: null,
    reference: null,
    disposition: null,
    answeredBy: null,
    voicemailLeft: null,
    durationSeconds: null,
    phoneNumber: null,
    mode: 'twilio',
    fallbackFrom: null,
    unresolvedVariables: null,
    ignoredFields: null,
    recordingUrl: null,
    transcriptUrl: null,
  });
});

/** A row of the list, with the same `gathered_context` as the run. */
function row(fields: Partial<UsageRun> = {}): UsageRun {
  const { is_completed: _isCompleted, ...rest } = completed;
  return { ...rest, workflow_name: 'Sales', dograh_token_usage: 0, call_duration_seconds: 0, ...fields };
}

describe('on a Dograh that maps dispositions', () => {
  // How the call ended, what it achieved, and the organization's code for that
  // (https://github.com/dograh-hq/dograh/pull/685).
  test.each<[string, JsonObject, string]>([
    ['busy', { call_status: 'busy', call_disposition: 'busy' }, 'BSY'],
    ['no-answer', { call_disposition: 'no-answer' }, 'NA'],
    ['completed', { call_status: 'user_hangup', call_disposition: 'failed' }, 'LOST'],
    ['completed', { call_status: 'end_call_tool', call_disposition: 'not_interested' }, 'busy'],
    ['completed', { call_disposition: 'user_hangup' }, 'error'],
  ])('the status is %s for %j, whatever the mapped disposition is (%s)', (status, gathered, mapped) => {
    const gathered_context = { ...gathered, mapped_call_disposition: mapped };
    const summary = { status, hasEnded: true, disposition: mapped };
    expect(summarizeListedRun(row({ disposition: mapped, gathered_context }))).toMatchObject(summary);
    expect(summarizeRun({ ...completed, gathered_context })).toMatchObject(summary);
  });

  test('a row may have these fields itself', () => {
    const words = { call_status: 'busy', call_disposition: 'busy' };
    expect(summarizeListedRun(row({ disposition: 'BSY', ...words }))).toMatchObject({ status: 'busy' });
  });
});

test.each(['call_status', 'call_disposition'])(
  'a call is completed when the agent extracted %s as busy from the conversation',
  (name) => {
    const gathered_context = { [name]: 'busy', extracted_variables: { [name]: 'busy' } };
    expect(summarizeListedRun(row({ disposition: 'busy', gathered_context })).status).toBe('completed');
    expect(summarizeRun({ ...completed, gathered_context }).status).toBe('completed');
  },
);

test.each<[NonNullable<UsageRun['status']>, boolean]>([
  ['initiated', false],
  ['ringing', false],
  ['answered', false],
  ['completed', true],
  ['busy', true],
])('a row with the status %s has it, and has ended: %s', (status, hasEnded) => {
  const misleading = { disposition: 'user_hangup', call_duration_seconds: 42 };
  expect(summarizeListedRun(row({ status, ...misleading }))).toMatchObject({
    status,
    hasEnded,
    durationSeconds: hasEnded ? 42 : null,
  });
});

test('the summary has the notes of a run or a row', () => {
  const notes = {
    reason: 'not_placed' as const,
    fallback_from: { telephony_configuration_id: 1, name: 'PBX', provider: 'ari', reason: 'It is away' },
    unresolved_variables: ['user.name'],
    ignored_fields: ['retry'],
  };
  const said = {
    mode: 'twilio',
    reason: 'not_placed',
    fallbackFrom: { name: 'PBX', reason: 'It is away' },
    unresolvedVariables: ['user.name'],
    ignoredFields: ['retry'],
  };
  expect(summarizeRun({ ...completed, ...notes })).toMatchObject(said);
  expect(summarizeListedRun(row(notes))).toMatchObject(said);
});

test.each([
  ['sandbox', true],
  ['twilio', false],
  [null, null],
])('a call with the provider %j is a sandbox call: %j', (mode, isSandbox) => {
  expect(isSandboxCall({ mode })).toBe(isSandbox);
});

test.each(['busy', 'no-answer', 'canceled', 'failed', 'error'])(
  'without a status, the disposition of a call that never connected is its status: %s',
  (disposition) => {
    const run = { ...completed, gathered_context: { call_disposition: disposition } };
    expect(summarizeRun(run)).toMatchObject({ status: disposition, disposition });
  },
);

test('without a status, a call with any other disposition is completed', () => {
  const run = { ...completed, gathered_context: { call_disposition: 'user_hangup' } };
  expect(summarizeRun(run)).toMatchObject({ status: 'completed', disposition: 'user_hangup' });
});

test('without a status, a run that has not ended is in progress, whatever its disposition', () => {
  const run = { ...completed, is_completed: false, gathered_context: { call_disposition: 'busy' } };
  expect(summarizeRun(run).status).toBe('in-progress');
});

test('a reported status takes precedence over the other fields', () => {
  const run: Run = { ...completed, status: 'completed', gathered_context: { call_disposition: 'busy' } };
  expect(summarizeRun(run).status).toBe('completed');
});

test('the duration comes from the usage, or else from the cost', () => {
  const usage = { llm: {}, tts: {}, stt: {}, call_duration_seconds: 0 };
  const cost = { dograh_token_usage: 1, call_duration_seconds: 9 };
  expect(summarizeRun({ ...completed, usage_info: usage, cost_info: cost }).durationSeconds).toBe(0);
  expect(summarizeRun({ ...completed, cost_info: cost }).durationSeconds).toBe(9);
});

test('the phone number is the called number, or else the requested one', () => {
  const asked = { phone_number: '+14155550100' };
  const called = { ...asked, called_number: '+14155550101' };
  expect(summarizeRun({ ...completed, initial_context: called }).phoneNumber).toBe('+14155550101');
  expect(summarizeRun({ ...completed, initial_context: { ...asked, called_number: '' } }).phoneNumber).toBe(
    '+14155550100',
  );
});

test('a download URL counts only for an artifact that is stored', () => {
  const run = {
    ...completed,
    transcript_url: 'transcripts/12.txt',
    transcript_public_url: 'https://dograh.test/t',
    recording_public_url: 'https://dograh.test/r',
  };
  expect(summarizeRun(run)).toMatchObject({ transcriptUrl: 'https://dograh.test/t', recordingUrl: null });
});

test.each([
  [{ reason: 'expired' as const }, 'The call was not placed in its time.'],
  [
    { reason: 'refused_at_dial' as const, dial_detail: 'No caller ID is active' },
    'The call could not be placed when it was due. No caller ID is active',
  ],
  [{ dial_detail: 'Twilio: the connection failed' }, 'Twilio: the connection failed'],
])('the end of a call with %j is explained', (fields, explanation) => {
  expect(summarizeRun({ ...completed, ...fields }).explanation).toBe(explanation);
});
