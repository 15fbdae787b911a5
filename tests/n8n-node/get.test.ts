import type { INodeParameters } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { startStandIn, type StandIn } from '../support/dograh-stand-in';
import { n8nContext } from '../support/n8n-context';

/** A run of Dograh itself, without a status. */
const plainRun = {
  id: 501,
  workflow_id: 12,
  name: 'WR-API-501',
  mode: 'twilio',
  created_at: '2026-08-22T03:04:05Z',
  call_type: 'outbound',
  is_completed: true,
  recording_url: 'recordings/501.wav',
  recording_public_url: 'https://voice.example/api/v1/public/download/workflow/t0/recording',
  transcript_url: null,
  transcript_public_url: 'https://voice.example/api/v1/public/download/workflow/t0/transcript',
  usage_info: { llm: {}, tts: {}, stt: {}, call_duration_seconds: 42 },
  initial_context: { phone_number: '+14155550100', called_number: '+14155550100', name: 'Jane' },
  gathered_context: { call_disposition: 'user_hangup', extracted_variables: { interested: true } },
  logs: { realtime_feedback_events: [] },
};
/** A run of the bundled server. */
const answeredRun = {
  ...plainRun,
  mode: 'sandbox',
  status: 'completed',
  reason: null,
  fallback_from: null,
  ignored_fields: [],
  unresolved_variables: [],
};

let server: StandIn;

afterEach(() => server.close());

async function getRun(run: object, parameters: INodeParameters = {}) {
  server = await startStandIn({ replies: { 'GET /api/v1/workflow/0/runs/501': run } });
  const context = n8nContext({
    baseUrl: server.url,
    apiKey: 'dgr_get',
    parameters: { operation: 'get', runId: '501', ...parameters },
  });
  return new Dograh().execute.call(context);
}

test('a run is returned in the simplified fields, linked to its item', async () => {
  expect(await getRun(answeredRun)).toEqual([
    [
      {
        json: {
          run_id: 501,
          run_name: 'WR-API-501',
          agent_id: 12,
          status: 'completed',
          waiting_for: null,
          due_at: null,
          reason: null,
          explanation: null,
          reference: null,
          disposition: 'user_hangup',
          answered_by: null,
          voicemail_left: null,
          duration_seconds: 42,
          phone_number: '+14155550100',
          mode: 'sandbox',
          fallback_from: null,
          context: { name: 'Jane' },
          learned: { interested: true },
          unresolved_variables: [],
          recording_url: 'https://voice.example/api/v1/public/download/workflow/t0/recording',
          transcript_url: null,
          utterances: [],
          utterances_omitted: 0,
        },
        pairedItem: { item: 0 },
      },
    ],
  ]);
});

test.each([
  ['in-progress', { is_completed: false, gathered_context: null }],
  ['completed', { is_completed: true, gathered_context: { call_disposition: 'end_call_tool' } }],
  ['completed', { is_completed: true, gathered_context: {} }],
  ['busy', { is_completed: true, gathered_context: { call_disposition: 'busy' } }],
  ['no-answer', { is_completed: true, gathered_context: { call_disposition: 'no-answer' } }],
])('on plain Dograh the status is %s for %j', async (status, fields) => {
  expect(await getRun({ ...plainRun, ...fields })).toMatchObject([[{ json: { status } }]]);
});

test('the output shows the replaced account and the unresolved variables', async () => {
  const notes = {
    mode: 'twilio',
    reason: 'voicemail',
    fallback_from: {
      telephony_configuration_id: 1,
      name: 'Main PBX',
      provider: 'ari',
      reason: 'It cannot be reached',
    },
    unresolved_variables: ['user.nmae'],
  };
  expect(await getRun({ ...answeredRun, ...notes })).toMatchObject([
    [{ json: { ...notes, fallback_from: 'Main PBX: It cannot be reached' } }],
  ]);
});

test('on plain Dograh mode is the provider, and the keys of other notes are null', async () => {
  expect(await getRun(plainRun)).toMatchObject([
    [{ json: { mode: 'twilio', reason: null, fallback_from: null, unresolved_variables: null } }],
  ]);
});

function spoken(text: string, type = 'rtf-bot-text'): object {
  return { type, payload: { text }, timestamp: '2026-08-22T03:04:05Z' };
}

test('the output has what both have said, with no further request', async () => {
  const events = [spoken('Hello Jane.'), spoken('Monday is fine.', 'rtf-user-transcription')];
  const started_at = '2026-08-22T03:04:05Z';
  expect(await getRun({ ...answeredRun, logs: { realtime_feedback_events: events } })).toMatchObject([
    [
      {
        json: {
          utterances: [
            { speaker: 'assistant', started_at, text: 'Hello Jane.' },
            { speaker: 'user', started_at, text: 'Monday is fine.' },
          ],
          utterances_omitted: 0,
        },
      },
    ],
  ]);
  expect(server.requests).toHaveLength(1);
});

test.each([
  ['500 utterances', Array.from({ length: 501 }, (_none, index) => String(index)), 1],
  ['30,000 characters', ['a', 'b'.repeat(20_000), 'c'.repeat(10_000)], 1],
  ['30,000 characters', ['a', 'b'.repeat(20_001), 'c'.repeat(10_000)], 2],
])(
  'of a long call the output has the newest %s, and the count of the others',
  async (_bound, texts, omitted) => {
    const events = texts.map((text) => spoken(text));
    const [items] = await getRun({ ...answeredRun, logs: { realtime_feedback_events: events } });
    const { utterances, utterances_omitted } = items?.[0]?.json ?? {};
    expect((utterances as { text: string }[]).map(({ text }) => text)).toEqual(texts.slice(omitted));
    expect(utterances_omitted).toBe(omitted);
  },
);

test('for a run that has just begun, unknown values are null', async () => {
  const begun = {
    ...answeredRun,
    status: 'initiated',
    recording_url: null,
    usage_info: null,
    cost_info: null,
  };
  expect(await getRun({ ...begun, gathered_context: null, initial_context: null })).toMatchObject([
    [
      {
        json: {
          disposition: null,
          duration_seconds: null,
          phone_number: null,
          recording_url: null,
          context: {},
          learned: {},
        },
      },
    ],
  ]);
});

test('without Simplify the raw run is returned', async () => {
  expect(await getRun(answeredRun, { simplify: false })).toMatchObject([[{ json: answeredRun }]]);
});

test('the run id may be a number, as Place returns it', async () => {
  expect(await getRun(answeredRun, { runId: '={{ 501 }}' })).toMatchObject([[{ json: { run_id: 501 } }]]);
});

test.each(['', 'WR-API-501', '0', '-1', '1.5'])(
  '"%s" is refused as a run id without a request',
  async (runId) => {
    await expect(getRun(answeredRun, { runId })).rejects.toThrow(/^Run ID: enter .* \[item 0\]$/);
    expect(server.requests).toEqual([]);
  },
);

test('the error for an unknown run says what to check', async () => {
  await expect(getRun(answeredRun, { runId: '999' })).rejects.toMatchObject({
    name: 'NodeApiError',
    httpCode: '404',
    message: expect.stringMatching(/Workflow run not found\. Check the id.* \[item 0\]$/),
  });
});
