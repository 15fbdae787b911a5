/** What is known of a conversation counts however its call ends, also in the middle of it. */
import { readLateResults } from '../../../support/late-results';
import type { AgentDefinition, Tool } from '@dograh-trigger/shared';
import { endOverdueRuns } from '../../../../trigger-server/src/calls/watchdog';
import type { Outcome } from '../../../../trigger-server/src/carriers/port/outcomes';
import { takeTurn } from '../../../../trigger-server/src/conversations/talk/take-turn';
import { findRunState, saveRunState } from '../../../../trigger-server/src/runs/run-state';
import { createAgent, createSandbox, type TestAgent } from '../../../support/agents';
import { readRun, startCall } from '../../../support/calls';
import { entryPath } from '../../../support/do-not-call';
import { nextServer } from '../../../support/next-server';
import { budgetAgent, called } from '../../../support/talks';
import { holdModel, playModel, playValues } from '../../../support/text-chats';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;
let agentDefinition: AgentDefinition;
const number = '+14155550100';
const yes = { kind: 'said', text: 'Yes, speaking.' } as const;

beforeEach(async () => {
  server = await startTestServer();
  account = await server.signUp();
  await createSandbox(server, account);
  const made = await server.request
    .post('/api/v1/tools/')
    .set('X-API-Key', account.apiKey)
    .send({ name: 'Hang up', definition: { type: 'end_call', config: { endCallReason: true } } })
    .expect(200);
  agentDefinition = {
    nodes: [
      ...budgetAgent.nodes.map(({ data, ...node }) => ({
        ...node,
        data: node.id === '2' ? { ...data, tool_uuids: [(made.body as Tool).tool_uuid] } : data,
      })),
      { id: 't', type: 'trigger', position: { x: 0, y: 0 }, data: { name: 'API Trigger', enabled: true } },
    ],
    edges: budgetAgent.edges,
  };
  agent = await createAgent(server, account, agentDefinition, { answer: 'converse', max_call_duration: 120 });
});
afterEach(() => server.close());

/** A call whose greeting was said. */
async function greeted(phone = number): Promise<{ runId: number; attempt: number }> {
  const initial_context = { user: { name: 'Ada' }, sandbox_says: ['unused'] };
  const runId = await startCall(server, account, agent, { phone_number: phone, initial_context });
  for (let step = 0; step < 3; step += 1) await server.advance(300);
  return { runId, attempt: 1 };
}

/** A call at the step whose values are extracted. */
async function atBudget(): Promise<{ runId: number; attempt: number }> {
  const at = await greeted();
  playModel(server, called('right_person_'), { text: 'What is your budget?' });
  await takeTurn(server.services, at, 1, yes);
  return at;
}

async function cancel(runId: number): Promise<void> {
  await server.request
    .post(`/api/v1/workflow/${String(agent.id)}/runs/${String(runId)}/cancel`)
    .set('X-API-Key', account.apiKey)
    .expect(202);
}

async function report(at: { runId: number; attempt: number }, outcome: Outcome): Promise<void> {
  const ended = { status: 'ended', outcome, rawStatus: 'completed' } as const;
  await server.services.callReports('sandbox').report(at, [ended]);
}

async function listed(): Promise<number> {
  const reply = await server.request.get(entryPath(number)).set('X-API-Key', account.apiKey);
  return reply.status;
}

test('a call that is canceled in the middle is complete once the values of its step are extracted', async () => {
  const { runId } = await atBudget();
  playModel(server, { text: '{"budget": "500"}' });
  await cancel(runId);
  expect(await readRun(server, account, runId)).toMatchObject({
    status: 'completed',
    artifacts_ready: false,
  });
  await readLateResults(server.services);
  expect(await readRun(server, account, runId)).toMatchObject({
    artifacts_ready: true,
    gathered_context: {
      extracted_variables: { budget: 500 },
      call_disposition: 'canceled',
      call_tags: ['canceled', 'user_speech'],
    },
  });
});

test('so is one that its carrier ends at the limit', async () => {
  const at = await atBudget();
  playModel(server, { text: '{"budget": "500"}' });
  await report(at, 'limit_reached');
  await readLateResults(server.services);
  expect(await readRun(server, account, at.runId)).toMatchObject({
    artifacts_ready: true,
    gathered_context: { budget: 500, call_disposition: 'call_duration_exceeded' },
  });
});

test('so is one that the watchdog ends, because nothing is known of its end', async () => {
  const at = await atBudget();
  const { storage } = server;
  playModel(server, { text: '{"budget": "500"}' });
  // Its carrier never said which call it is, so nobody can be asked.
  await storage.write(async (session) => {
    const run = await findRunState(session, at.runId);
    if (run !== undefined) await saveRunState(session, { ...run, provider_call_id: null }, null);
  });
  await server.followUps.stop();
  await server.advance(400_000);
  await endOverdueRuns(server.services);
  await readLateResults(server.services);
  expect(await readRun(server, account, at.runId)).toMatchObject({
    status: 'error',
    artifacts_ready: true,
    gathered_context: { extracted_variables: { budget: 500 }, call_disposition: 'error' },
  });
});

test('a callee who asked not to be called again is on the list, also where the call is canceled before it ends', async () => {
  const at = await atBudget();
  playModel(server, called('hang_up', { reason: 'do_not_call' }), { text: '{}' });
  await takeTurn(server.services, at, 2, { kind: 'said', text: 'Never call me again.' });
  await server.services.background.ended();
  await cancel(at.runId);
  expect(await listed()).toBe(200);
  await readLateResults(server.services);
  expect(await readRun(server, account, at.runId)).toMatchObject({
    artifacts_ready: true,
    gathered_context: {
      call_disposition: 'canceled',
      call_tags: expect.arrayContaining(['do_not_call']) as string[],
    },
  });
});

test('what the callee said last counts where the call ends while the model is asked; the reply was not said', async () => {
  const at = await atBudget();
  const model = holdModel(playModel(server, called('hang_up', { reason: 'do_not_call' }), { text: '{}' }));
  const last = takeTurn(server.services, at, 2, { kind: 'said', text: 'Never call me again.' });
  await model.isAsked;
  await cancel(at.runId);
  // The turn is under way, so its results are waited for.
  await readLateResults(server.services);
  expect(await listed()).toBe(404);
  model.letGo();
  expect(await last).toEqual({ say: [], then: 'hang_up' });
  await server.advance(20_000);
  await readLateResults(server.services);
  expect(await listed()).toBe(200);
  const { logs } = await readRun(server, account, at.runId);
  expect(JSON.stringify(logs)).toContain('Never call me again.');
  expect(JSON.stringify(logs)).not.toContain('Bye');
});

test('so it does where the process was killed while the model was asked, and the call has ended since', async () => {
  const at = await atBudget();
  const model = holdModel(playModel(server, called('hang_up', { reason: 'do_not_call' })));
  void takeTurn(server.services, at, 2, { kind: 'said', text: 'Never call me again.' });
  await model.isAsked;
  await report(at, 'callee_hung_up');
  const asked = playModel(server, called('hang_up', { reason: 'do_not_call' }), { text: '{}' });
  await readLateResults(nextServer(server));
  expect(await listed()).toBe(200);
  // The turn, and the values of its step.
  expect(asked.requests).toHaveLength(2);
  const run = await readRun(server, account, at.runId);
  expect(run).toMatchObject({ artifacts_ready: true, status: 'completed' });
  expect(JSON.stringify(run.logs)).toContain('Never call me again.');
  expect(JSON.stringify(run.logs)).not.toContain('Bye');
});

test('a call that ended in its own words keeps the disposition of its agent, whatever word its carrier has for the end', async () => {
  const at = await atBudget();
  playModel(server, called('budget_known'), { text: 'Goodbye!' }, { text: '{"budget": "500"}' });
  await takeTurn(server.services, at, 2, { kind: 'said', text: 'Five hundred.' });
  await server.services.background.ended();
  await report(at, 'talk_ended');
  await readLateResults(server.services);
  expect(await readRun(server, account, at.runId)).toMatchObject({
    gathered_context: { budget: 500, call_disposition: 'user_qualified' },
  });
});

test('a call that ends while its opening is made has the usage of the model, and its end', async () => {
  const nodes = agentDefinition.nodes.map(({ data, ...node }) => ({
    ...node,
    data: node.id === '1' ? { ...data, greeting: '' } : data,
  }));
  agent = await createAgent(server, account, { ...agentDefinition, nodes }, { answer: 'converse' });
  const model = holdModel(playModel(server, { text: 'Hi, this is Mia.' }));
  const initial_context = { user: { name: 'Ada' }, sandbox_says: ['unused'] };
  const runId = await startCall(server, account, agent, { phone_number: number, initial_context });
  const at = { runId, attempt: 1 };
  const opening = takeTurn(server.services, at, 0, { kind: 'opening' });
  await model.isAsked;
  await report(at, 'callee_hung_up');
  model.letGo();
  expect(await opening).toMatchObject({ say: [], then: 'hang_up' });
  await readLateResults(server.services);
  const run = await readRun(server, account, runId);
  expect(run).toMatchObject({
    status: 'completed',
    artifacts_ready: true,
    gathered_context: { nodes_visited: ['Greeting'], call_disposition: 'user_hangup' },
  });
  expect(Object.keys(run.usage_info?.llm ?? {})).toEqual(['PlayedLLM#0|||played']);
});

test('a call of one organization is concluded while the model of another one stalls for each of its older calls', async () => {
  const other = { account, agent };
  account = await server.signUp();
  await createSandbox(server, account);
  agent = await createAgent(server, account, agentDefinition, { answer: 'converse' });
  const stalling = account.organizationId;
  const cutOff = async () => {
    const at = await atBudget();
    await report(at, 'callee_hung_up');
    return at.runId;
  };
  const older: number[] = [];
  for (let count = 0; count < 10; count += 1) older.push(await cutOff());
  const own = { account, agent };
  ({ account, agent } = other);
  const runId = await cutOff();
  let letGo: () => void = () => undefined;
  const stalled = new Promise<void>((resolve) => (letGo = resolve));
  let asked = 0;
  playValues(server, async (organizationId) => {
    if (organizationId === stalling) {
      asked += 1;
      await stalled;
    }
    return '{"budget": 500}';
  });
  const round = readLateResults(server.services);
  let run = await readRun(server, account, runId);
  while (!run.artifacts_ready) run = await readRun(server, account, runId);
  expect(run.gathered_context).toMatchObject({ budget: 500 });
  expect(asked).toBeLessThan(older.length);
  letGo();
  await round;
  for (const id of older)
    expect(await readRun(server, own.account, id)).toMatchObject({ artifacts_ready: true });
});
