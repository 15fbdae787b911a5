import { summarizeRun, type Run } from '@dograh-trigger/shared';

const completed: Run = {
  id: 12,
  workflow_id: 3,
  name: 'WR-API-0012',
  mode: 'twilio',
  created_at: '2026-01-05T10:00:00Z',
  call_type: 'outbound',
  is_completed: true,
};

test('a run that says nothing more than that it ended is completed, and the rest is null', () => {
  expect(summarizeRun(completed)).toEqual({
    status: 'completed',
    disposition: null,
    durationSeconds: null,
    phoneNumber: null,
    recordingUrl: null,
    transcriptUrl: null,
  });
});

test.each(['busy', 'no-answer', 'canceled', 'failed', 'error'])(
  'without a status, the disposition of a call that never connected is its status: %s',
  (disposition) => {
    const run = { ...completed, gathered_context: { call_disposition: disposition } };
    expect(summarizeRun(run)).toMatchObject({ status: disposition, disposition });
  },
);

test('without a status, any other disposition is of a completed call', () => {
  const run = { ...completed, gathered_context: { call_disposition: 'user_hangup' } };
  expect(summarizeRun(run)).toMatchObject({ status: 'completed', disposition: 'user_hangup' });
});

test('without a status, a run that has not ended is in progress, whatever its disposition', () => {
  const run = { ...completed, is_completed: false, gathered_context: { call_disposition: 'busy' } };
  expect(summarizeRun(run).status).toBe('in-progress');
});

test('the status that a server reports comes before what its other fields suggest', () => {
  const run: Run = { ...completed, status: 'completed', gathered_context: { call_disposition: 'busy' } };
  expect(summarizeRun(run).status).toBe('completed');
});

test('the duration is that of the usage, or else that of the cost', () => {
  const usage = { llm: {}, tts: {}, stt: {}, call_duration_seconds: 0 };
  const cost = { dograh_token_usage: 1, call_duration_seconds: 9 };
  expect(summarizeRun({ ...completed, usage_info: usage, cost_info: cost }).durationSeconds).toBe(0);
  expect(summarizeRun({ ...completed, cost_info: cost }).durationSeconds).toBe(9);
});

test('the phone number is the called number, or else the one that was asked for', () => {
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
