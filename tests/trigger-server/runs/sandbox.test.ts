/** A sandbox call normally completes. Magic numbers simulate the other outcomes. */
import { readRun, startCall } from '../../support/calls';
import { readyToCall, type TestAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

const stepMs = 300;

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  server = await startTestServer({ DEFAULT_ORG_CONCURRENCY_LIMIT: '100' });
  ({ account, agent } = await readyToCall(server));
});
afterAll(() => server.close());

const call = (phone_number: string) =>
  startCall(server, account, agent, { phone_number, initial_context: { user: { name: 'Jane' } } });
const read = (runId: number) => readRun(server, account, runId);

test('one step at a time: initiated, ringing, answered, completed', async () => {
  const runId = await call('+14155550100');
  const seen = [(await read(runId)).status];
  for (let step = 0; step < 3; step += 1) {
    await server.advance(stepMs);
    seen.push((await read(runId)).status);
  }
  expect(seen).toEqual(['initiated', 'ringing', 'answered', 'completed']);
});

test('the greeting is rendered with the run’s context and kept with the run', async () => {
  const runId = await call('+14155550100');
  await server.advance(3 * stepMs);
  const run = await read(runId);
  expect(run.logs?.realtime_feedback_events).toMatchObject([
    { type: 'rtf-bot-text', payload: { text: 'Hello Jane' } },
  ]);
  expect(run.gathered_context).toMatchObject({
    provider: 'sandbox',
    triggered_by: 'api',
    call_id: `sandbox-${String(runId)}`,
    trigger_uuid: agent.triggerPath,
    call_disposition: 'end_call_tool',
  });
});

test.each([
  ['+15005550011', 'busy', 'busy'],
  ['+15005550012', 'no-answer', 'no-answer'],
  ['+15005550013', 'failed', 'failed'],
  ['+15005550014', 'canceled', 'canceled'],
  ['+15005550015', 'completed', 'voicemail_detected'],
])('%s ends as %s with disposition %s', async (number, status, disposition) => {
  const runId = await call(number);
  await server.advance(3 * stepMs);
  const run = await read(runId);
  expect(run.status).toBe(status);
  expect(run.gathered_context?.call_disposition).toBe(disposition);
});

test('+15005550016 rings for 60 steps before it is answered', async () => {
  const runId = await call('+15005550016');
  await server.advance(60 * stepMs);
  expect((await read(runId)).status).toBe('ringing');
  await server.advance(stepMs);
  expect((await read(runId)).status).toBe('answered');
  await server.advance(stepMs);
  expect((await read(runId)).status).toBe('completed');
});
