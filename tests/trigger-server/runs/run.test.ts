/** GET /workflow/{workflow_id}/runs/{run_id} */
import { readyToCall, type TestAgent } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

/** The keys of a run in Dograh's schema. Every reply contains all of them. */
const dograhKeys = [
  ...['id', 'workflow_id', 'name', 'mode', 'created_at', 'definition_id', 'call_type', 'is_completed'],
  ...['transcript_url', 'recording_url', 'user_recording_url', 'bot_recording_url'],
  ...['transcript_public_url', 'recording_public_url', 'user_recording_public_url'],
  ...['bot_recording_public_url', 'public_access_token', 'usage_info', 'cost_info'],
  ...['initial_context', 'gathered_context', 'logs', 'annotations'],
];

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  server = await startTestServer();
  ({ account, agent } = await readyToCall(server));
});
afterAll(() => server.close());

const call = () => startCall(server, account, agent, { phone_number: '+14155550100' });

const ourKeys = [
  'status',
  'answered_at',
  'completed_at',
  'artifacts_ready',
  'artifacts_ready_at',
  'reason',
  'fallback_from',
  'ignored_fields',
  'unresolved_variables',
  'source',
  'voicemail_left',
  'erased_at',
  'dial_detail',
  'waiting_for',
  'attempt',
  'attempts',
  'due_at',
  'not_after',
  'reference',
  'metadata',
];

test('a run has Dograh’s keys and ours, from its beginning to its end', async () => {
  const runId = await call();
  const keys = [...dograhKeys, ...ourKeys].sort();
  const begun = await readRun(server, account, runId);
  expect(Object.keys(begun).sort()).toEqual(keys);
  expect(begun).toMatchObject({
    is_completed: false,
    status: 'initiated',
    answered_at: null,
    completed_at: null,
    artifacts_ready: false,
    artifacts_ready_at: null,
    dial_detail: null,
    usage_info: null,
    cost_info: null,
    transcript_url: null,
    public_access_token: null,
    logs: { realtime_feedback_events: [] },
    annotations: {},
  });
  await server.advance(900);
  const ended = await readRun(server, account, runId);
  expect(Object.keys(ended).sort()).toEqual(keys);
  expect(ended).toMatchObject({
    id: runId,
    workflow_id: agent.id,
    mode: 'sandbox',
    call_type: 'outbound',
    is_completed: true,
    status: 'completed',
    answered_at: new Date(server.clock.now().getTime() - 300).toISOString(),
    completed_at: server.clock.now().toISOString(),
    artifacts_ready_at: server.clock.now().toISOString(),
    dial_detail: null,
    usage_info: { llm: {}, tts: {}, stt: {}, call_duration_seconds: 0 },
    cost_info: { dograh_token_usage: 0, call_duration_seconds: 0 },
    initial_context: { phone_number: '+14155550100', called_number: '+14155550100' },
    gathered_context: { call_disposition: 'end_call_tool', mapped_call_disposition: 'end_call_tool' },
  });
});

test('of a dial that was refused it has the carrier’s words, as the reply to the trigger had them', async () => {
  const reply = await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .send({ phone_number: '+15005550001' })
    .expect(400);
  const runId = Number(/\/runs\/(\d+)$/.exec(String(reply.headers.location))?.[1]);
  const { status, dial_detail: words } = await readRun(server, account, runId);
  expect(status).toBe('error');
  expect(reply.body).toMatchObject({ detail: `Failed to initiate call: ${String(words)}` });
});

test('without extensions it has Dograh’s keys alone', async () => {
  const plain = await startTestServer({ EXTENSIONS: '' });
  try {
    const ready = await readyToCall(plain);
    const runId = await startCall(plain, ready.account, ready.agent, { phone_number: '+14155550100' });
    const run = await readRun(plain, ready.account, runId);
    expect(Object.keys(run).sort()).toEqual([...dograhKeys].sort());
  } finally {
    await plain.close();
  }
});

test('it is found by its own id, whatever the agent in the address', async () => {
  const runId = await call();
  for (const workflowId of [0, agent.id, 999_999]) {
    const reply = await server.request
      .get(`/api/v1/workflow/${String(workflowId)}/runs/${String(runId)}`)
      .set('X-API-Key', account.apiKey);
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ id: runId, workflow_id: agent.id });
  }
});

test('a run that is not there, or another organization’s, is 404', async () => {
  const other = await server.signUp();
  const runId = await call();
  for (const [id, caller] of [
    [999_999, account],
    [runId, other],
  ] as const) {
    const reply = await server.request
      .get(`/api/v1/workflow/0/runs/${String(id)}`)
      .set('X-API-Key', caller.apiKey);
    expect(reply.status).toBe(404);
    expect(reply.body).toMatchObject({ detail: 'Workflow run not found' });
  }
});
