import type { JsonObject, Run, RunAttempt, RunStatus, WebhookDeliveryDetails } from '@dograh-trigger/shared';
import { conversationOf } from '../../trigger-server/console/src/api/conversation';
import { timelineOf } from '../../trigger-server/console/src/screens/call/timeline';

const at = (second: number) => `2026-11-23T12:00:${String(second).padStart(2, '0')}.000Z`;
const report = (status: string, raw: string, second: number) => ({
  status,
  raw_status: raw,
  timestamp: at(second),
});
const event = (type: string, payload: JsonObject, second: number) => ({
  type,
  payload,
  timestamp: at(second),
});

function run(fields: Partial<Run>): Run {
  return {
    id: 12,
    workflow_id: 1,
    name: 'WR-API-12',
    mode: 'twilio',
    created_at: at(0),
    call_type: 'outbound',
    is_completed: true,
    status: 'completed',
    ...fields,
  };
}

function delivery(attempts: WebhookDeliveryDetails['attempts']): WebhookDeliveryDetails {
  return {
    id: '7d1f',
    workflow_run_id: 12,
    source: 'hook',
    source_id: '1',
    event: 'call.completed',
    method: 'POST',
    url: 'https://crm.example.com/hook?token=secret',
    status: 'pending',
    attempt_count: 1,
    next_attempt_at: at(50),
    created_at: at(20),
    completed_at: null,
    body: '{}',
    attempts,
  };
}

it('shows a call from its request to its webhooks, in the order of the clock', () => {
  const call = run({
    answered_at: at(5),
    completed_at: at(20),
    artifacts_ready: true,
    artifacts_ready_at: at(23),
    recording_url: 'recordings/12.wav',
    transcript_url: 'transcripts/12.txt',
    source: { kind: 'n8n', api_key_id: 1, api_key_name: 'n8n' },
    gathered_context: { call_disposition: 'user_hangup' },
    logs: {
      telephony_status_callbacks: [
        report('completed', 'completed', 20),
        report('ringing', 'ringing', 2),
        report('initiated', 'queued', 1),
        report('unknown', 'in-limbo', 3),
        report('answered', 'in-progress', 5),
      ],
      realtime_feedback_events: [event('rtf-bot-text', { text: 'Hello' }, 5)],
    },
  });
  const failed = {
    number: 1,
    started_at: at(21),
    duration_milliseconds: 84,
    status_code: 500,
    error: 'It answered 500',
    response: 'no',
    sent_headers: null,
  };
  const steps = timelineOf(call, [delivery([failed])]);
  expect(steps.map(({ at: when, what, raw }) => [when, what, raw])).toEqual([
    [at(0), 'Requested: n8n', ''],
    [at(1), 'The carrier took the call', 'queued'],
    [at(2), 'The phone rings', 'ringing'],
    [at(3), 'The carrier reported', 'in-limbo'],
    [at(5), 'Answered', 'in-progress'],
    [at(20), 'Ended: completed', 'completed'],
    [at(21), 'Webhook to crm.example.com, attempt 1', ''],
    [at(23), 'Files are ready: recording and transcript', ''],
    [at(50), 'Next attempt of the webhook to crm.example.com', ''],
  ]);
  expect(steps[5]?.detail).toBe('The person hung up.');
  expect(steps[6]).toMatchObject({ detail: '500 in 84 ms: It answered 500', tone: 'bad' });
});

it('shows the answer and the end of a call that its carrier did not report', () => {
  const call = run({
    status: 'error',
    reason: 'no_report',
    answered_at: at(5),
    completed_at: at(40),
    artifacts_ready: false,
    logs: {
      realtime_feedback_events: [event('rtf-pipeline-error', { error: 'The carrier is silent' }, 40)],
    },
  });
  expect(timelineOf(call, []).map(({ what, detail }) => [what, detail])).toEqual([
    ['Requested', ''],
    ['Answered', ''],
    ['Ended: error', 'The carrier stopped reporting on the call.'],
    ['Error', 'The carrier is silent'],
    ['Waiting for the recording', ''],
  ]);
});

it('shows once why a call was not placed', () => {
  const detail = 'Twilio: 21219 The number is unverified';
  const call = run({
    status: 'error',
    reason: 'refused_by_carrier',
    completed_at: at(1),
    artifacts_ready: true,
    artifacts_ready_at: at(1),
    dial_detail: detail,
    logs: { realtime_feedback_events: [event('rtf-pipeline-error', { error: detail }, 1)] },
  });
  const steps = timelineOf(call, []);
  expect(steps.map(({ what }) => what)).toEqual(['Requested', 'The call was not placed', 'Ended: error']);
  expect(steps[1]).toMatchObject({ at: at(1), detail, tone: 'bad' });
});

it('waits for nothing while the call goes on', () => {
  const call = run({ status: 'ringing', is_completed: false, artifacts_ready: false });
  expect(timelineOf(call, []).map(({ what }) => what)).toEqual(['Requested']);
});

it('shows when a call that waits is due, and when it expires', () => {
  const call = run({
    status: 'queued',
    is_completed: false,
    waiting_for: 'hours',
    due_at: at(30),
    not_after: at(50),
    artifacts_ready: false,
  });
  expect(timelineOf(call, []).map(({ at: when, what }) => [when, what])).toEqual([
    [at(0), 'Requested'],
    [at(30), 'Due: waits for the calling hours'],
    [at(50), 'Expires, if it has not been placed'],
  ]);
});

const attempt = (number: number, status: RunStatus, from: number, to: number | null): RunAttempt => ({
  number,
  call_id: `CA${String(number)}`,
  status,
  disposition: null,
  reason: status === 'busy' ? 'busy' : null,
  started_at: at(from),
  ended_at: to === null ? null : at(to),
});

it('shows each attempt of a call that was placed again, with the carrier’s word for its end', () => {
  const call = run({
    status: 'busy',
    reason: 'busy',
    attempt: 2,
    attempts: [attempt(1, 'busy', 1, 5), attempt(2, 'busy', 20, 25)],
    completed_at: at(25),
    artifacts_ready: true,
    logs: {
      telephony_status_callbacks: [
        report('ringing', 'ringing', 3),
        report('busy', 'user-busy', 5),
        report('ringing', 'ringing', 22),
        report('busy', 'busy', 25),
      ],
    },
  });
  expect(timelineOf(call, []).map(({ at: when, what, raw }) => [when, what, raw])).toEqual([
    [at(0), 'Requested', ''],
    [at(3), 'The phone rings', 'ringing'],
    [at(5), 'Attempt 1 ended: busy', 'user-busy'],
    [at(20), 'Attempt 2', ''],
    [at(22), 'The phone rings', 'ringing'],
    [at(25), 'Ended: busy', 'busy'],
  ]);
});

it('shows when the next attempt is due, and what it waits for', () => {
  const call = run({
    status: 'queued',
    is_completed: false,
    attempt: 2,
    attempts: [attempt(1, 'no-answer', 1, 5)],
    waiting_for: 'hours',
    due_at: at(30),
  });
  expect(timelineOf(call, []).map(({ at: when, what }) => [when, what])).toEqual([
    [at(0), 'Requested'],
    [at(5), 'Attempt 1 ended: no answer'],
    [at(30), 'Attempt 2 is due: waits for the calling hours'],
  ]);
});

it('shows what both said, and no words that were not final', () => {
  const logs = {
    realtime_feedback_events: [
      event('rtf-bot-text', { text: 'Hello ' }, 5),
      event('rtf-user-transcription', { text: 'Who', final: false }, 6),
      event('rtf-user-transcription', { text: 'Who is this?', final: true }, 7),
      event('rtf-ttfb-metric', { text: 'no speech' }, 8),
      event('constructor', { text: 'no speech' }, 8),
    ],
  };
  expect(conversationOf({ logs })).toEqual([
    { speaker: 'agent', at: at(5), text: 'Hello' },
    { speaker: 'person', at: at(7), text: 'Who is this?' },
  ]);
});
