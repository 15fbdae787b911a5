/** A call through the sandbox that talks: its callee says the lines of the call, and a whole conversation is on record. */
import type { AgentDefinition, JsonObject } from '@dograh-trigger/shared';
import type { FromCallee } from '../../../../trigger-server/src/carriers/port/talk';
import { endTalk } from '../../../../trigger-server/src/conversations/talk/end-talk';
import { takeTurn } from '../../../../trigger-server/src/conversations/talk/take-turn';
import { createServices } from '../../../../trigger-server/src/compose';
import { Problem } from '../../../../trigger-server/src/problem';
import { heartbeat } from '../../../../trigger-server/src/workers/processes';
import { createAgent, createSandbox, type TestAgent } from '../../../support/agents';
import { readRun, startCall } from '../../../support/calls';
import { budgetAgent, called, playedModel, type Played } from '../../../support/talks';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;

/** Without tools, which would have to exist. */
const definition: AgentDefinition = {
  nodes: [
    ...budgetAgent.nodes.map(({ data: { tool_uuids: _tools, ...data }, ...node }) => ({ ...node, data })),
    { id: 't', type: 'trigger', position: { x: 0, y: 0 }, data: { name: 'API Trigger', enabled: true } },
  ],
  edges: budgetAgent.edges,
};

beforeEach(async () => {
  server = await startTestServer();
  account = await server.signUp();
  await createSandbox(server, account);
  agent = await createAgent(server, account, definition, { answer: 'converse' });
});
afterEach(() => server.close());

/** From now on, the organization's model plays these replies. */
function play(...replies: Played[]) {
  const model = playedModel(...replies);
  Object.assign(server.services, {
    languageModel: () =>
      Promise.resolve({
        model,
        provider: 'played',
        name: 'played-1',
        processor: 'PlayedLLM#0',
        isScripted: false,
      }),
  });
  return model;
}

function call(initialContext: JsonObject): Promise<number> {
  return startCall(server, account, agent, {
    phone_number: '+14155550100',
    initial_context: { user: { name: 'Ada' }, ...initialContext },
  });
}

async function follow(steps = 12): Promise<void> {
  for (let step = 0; step < steps; step += 1) await server.advance(300);
}

async function transcriptOf(runId: number): Promise<string[]> {
  const { transcript_public_url: url } = await readRun(server, account, runId);
  const { text } = await server.request.get((url ?? '').replace(/^https?:\/\/[^/]+/, '')).expect(200);
  return text
    .trim()
    .split('\n')
    .map((line) => line.replace(/^\[[^\]]*\] /, ''));
}

const wholeTalk: Played[] = [
  called('right_person_'),
  { text: 'What is your budget?' },
  called('budget_known'),
  { text: 'Thank you, Ada. Goodbye!' },
  { text: '{"budget": "500", "note": "call in the evenings"}' },
];
const lines = ['Yes, speaking.', 'Five hundred, call in the evenings.'];

test('a call that talks has a transcript with two speakers, its values, its way, its disposition and its tokens', async () => {
  const model = play(...wholeTalk);
  const runId = await call({ sandbox_says: lines });
  await follow();
  const run = await readRun(server, account, runId);
  expect(run).toMatchObject({ status: 'completed', artifacts_ready: true });
  expect(await transcriptOf(runId)).toEqual([
    'assistant: Hi Ada, this is Mia.',
    'user: Yes, speaking.',
    'assistant: What is your budget?',
    'user: Five hundred, call in the evenings.',
    'assistant: Thank you, Ada. Goodbye!',
  ]);
  expect(run.gathered_context).toMatchObject({
    budget: 500,
    note: 'call in the evenings',
    extracted_variables: { budget: 500, note: 'call in the evenings' },
    nodes_visited: ['Greeting', 'Budget', 'Goodbye'],
    call_disposition: 'user_qualified',
    mapped_call_disposition: 'user_qualified',
    call_tags: ['user_qualified', 'user_speech'],
  });
  expect(run.initial_context).toMatchObject({
    runtime_configuration: { llm_provider: 'played', llm_model: 'played-1' },
  });
  // Four requests of two turns, and the extraction.
  expect(model.requests).toHaveLength(5);
  expect(run.usage_info).toMatchObject({
    llm: {
      'PlayedLLM#0|||played': { prompt_tokens: 500, completion_tokens: 50, total_tokens: 550 },
    },
  });
});

test('its log has the transitions, and each event says in which turn and at which node', async () => {
  play(...wholeTalk);
  const runId = await call({ sandbox_says: lines });
  await follow();
  const { logs } = await readRun(server, account, runId);
  const events = (logs as { realtime_feedback_events: JsonObject[] }).realtime_feedback_events;
  expect(events.filter(({ type }) => type === 'rtf-node-transition').map(({ payload }) => payload)).toEqual([
    expect.objectContaining({ node_name: 'Greeting', previous_node_name: null }),
    expect.objectContaining({ node_name: 'Budget', previous_node_name: 'Greeting' }),
    expect.objectContaining({ node_name: 'Goodbye', previous_node_name: 'Budget' }),
  ]);
  expect(events.find(({ type }) => type === 'rtf-user-transcription')).toMatchObject({
    turn: 2,
    node_id: '1',
    node_name: 'Greeting',
  });
});

test('a callee without further lines hangs up, and what it said is extracted', async () => {
  play(called('right_person_'), { text: 'What is your budget?' }, { text: '{"note": "no time"}' });
  const runId = await call({ sandbox_says: ['Yes, but I have no time.'] });
  await follow();
  expect((await readRun(server, account, runId)).gathered_context).toMatchObject({
    call_disposition: 'user_hangup',
    extracted_variables: { note: 'no time' },
  });
});

describe('the values', () => {
  test('of a step that is left again are asked for again, with the whole conversation', async () => {
    const model = play(
      called('right_person_'),
      { text: 'What is your budget?' },
      called('again'),
      { text: 'Once more: your budget?' },
      { text: '{"note": "once", "budget": 5}' },
      { text: '{"note": "twice"}' },
    );
    const again = { id: 'e9', source: '2', target: '2', data: { label: 'Again', condition: 'Unclear.' } };
    agent = await createAgent(
      server,
      account,
      { ...definition, edges: [...definition.edges, again] },
      { answer: 'converse' },
    );
    const runId = await call({ sandbox_says: ['Yes.', 'What?'] });
    await follow();
    const asked = model.requests.filter(({ streamed }) => !streamed);
    expect(asked).toHaveLength(2);
    expect(asked[1]?.messages[0]?.content).toContain('assistant: Once more: your budget?');
    expect((await readRun(server, account, runId)).gathered_context).toMatchObject({
      note: 'twice',
      budget: 5,
    });
  });

  test('are not asked for once the tokens of the conversation are used up, and the log says so', async () => {
    await server.close();
    server = await startTestServer({ TALK_MAX_TOKENS: '1000' });
    account = await server.signUp();
    await createSandbox(server, account);
    const { nodes, edges } = definition;
    const extraction = { extraction_enabled: true, extraction_variables: [{ name: 'who', type: 'string' }] };
    const both = nodes.map((node) =>
      node.id === '1' ? { ...node, data: { ...node.data, ...extraction } } : node,
    );
    agent = await createAgent(server, account, { nodes: both, edges }, { answer: 'converse' });
    // The first request for values comes while they talk, and the turns use up the rest: 110 tokens each.
    const more = Array.from({ length: 9 }, () => ({ text: 'What is your budget?' }));
    const model = play(
      called('right_person_'),
      ...more,
      { text: '{"who": "Ada"}' },
      { text: '{"note": "x"}' },
    );
    const runId = await call({ sandbox_says: ['Yes.', ...Array.from({ length: 8 }, () => 'What?')] });
    await follow(16);
    const run = await readRun(server, account, runId);
    expect(model.requests.filter(({ streamed }) => !streamed)).toHaveLength(1);
    expect(run).toMatchObject({
      status: 'completed',
      gathered_context: { extracted_variables: { who: 'Ada' } },
    });
    expect(JSON.stringify(run.logs)).toContain('the conversation has used up its tokens');
  });
});

test('a model configuration that cannot be read ends the call in order, without the built-in script', async () => {
  const problem = new Problem('unavailable', 'The stored model configuration cannot be read.');
  Object.assign(server.services, { languageModel: () => Promise.reject(problem) });
  const runId = await call({ sandbox_says: ['One', 'Two', 'Three', 'Four'] });
  await follow();
  const run = await readRun(server, account, runId);
  expect(run).toMatchObject({
    status: 'completed',
    gathered_context: { call_disposition: 'pipeline_error' },
  });
  expect(JSON.stringify(run.logs)).not.toContain('built-in script');
});

test('a conversation that was left without an end ends its call as failed', async () => {
  const runId = await call({ sandbox_says: ['unused'] });
  await follow(3);
  expect(await endTalk(server.services, { runId, attempt: 1 })).toMatchObject({
    conversation: { disposition: 'pipeline_error' },
    hungUpBy: 'agent',
    error: 'The conversation stopped without an end',
  });
});

test('with steps that take no time, a call talks as well', async () => {
  await server.close();
  server = await startTestServer({ SANDBOX_STEP_MS: '0' });
  account = await server.signUp();
  await createSandbox(server, account);
  agent = await createAgent(server, account, definition, { answer: 'converse' });
  play(...wholeTalk);
  const runId = await call({ sandbox_says: lines });
  await follow();
  expect(await transcriptOf(runId)).toContain('user: Five hundred, call in the evenings.');
});

test('an empty line is a silence, and the second one ends the call', async () => {
  play({ text: 'Are you there?' }, { text: 'Have a good day.' });
  const runId = await call({ sandbox_says: '\n' });
  await follow();
  expect((await readRun(server, account, runId)).gathered_context).toMatchObject({
    call_disposition: 'user_idle_max_duration_exceeded',
  });
});

test('the lines of the agent are said where the call has none', async () => {
  play(called('wrong_number__2nd_'), { text: 'Goodbye!' });
  agent = await createAgent(server, account, definition, {
    answer: 'converse',
    sandbox_says: ['You have the wrong number.'],
  });
  const runId = await call({});
  await follow();
  expect(await transcriptOf(runId)).toEqual([
    'assistant: Hi Ada, this is Mia.',
    'user: You have the wrong number.',
    'assistant: Sorry about that, Ada.',
    'assistant: Goodbye!',
  ]);
});

test('a model that keeps failing ends the call in order: an apology, a closing sentence, and the reason', async () => {
  play();
  const runId = await call({ sandbox_says: ['One', 'Two', 'Three', 'Four'] });
  await follow();
  const run = await readRun(server, account, runId);
  expect(run.status).toBe('completed');
  expect(run.gathered_context).toMatchObject({
    call_disposition: 'pipeline_error',
    error: 'The language model failed in several turns in a row',
  });
  expect((await transcriptOf(runId)).slice(-2)).toEqual([
    'user: Three',
    'assistant: Sorry, something is not working here. We will be in touch. Goodbye.',
  ]);
});

test('no words of the call are in the log of the server', async () => {
  play(...wholeTalk);
  await call({ sandbox_says: lines });
  await follow();
  expect(server.logLines.join('\n')).not.toMatch(/budget|speaking|evenings/i);
});

/** The whole text of a database would make a failure unreadable. */
function stored(text: string): boolean {
  return text.includes('call in the evenings');
}

test('what was said is gone from the database when the call is erased', async () => {
  play(...wholeTalk);
  const runId = await call({ sandbox_says: lines });
  await follow();
  expect(stored(await server.storedText())).toBe(true);
  await server.request
    .delete(`/api/v1/workflow/0/runs/${String(runId)}`)
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect(stored(await server.storedText())).toBe(false);
});

describe('a turn', () => {
  const said: FromCallee = { kind: 'said', text: 'Yes, speaking.' };

  /** A call whose greeting was said, before the callee's first word. */
  async function greeted(): Promise<{ runId: number; attempt: number }> {
    const runId = await call({ sandbox_says: ['unused'] });
    await follow(3);
    return { runId, attempt: 1 };
  }

  test('V22: that is asked for again gives the same reply, asks no model, and logs nothing', async () => {
    const at = await greeted();
    const model = play(called('right_person_'), { text: 'What is your budget?' });
    const first = await takeTurn(server.services, at, 1, said);
    const logged = (await readRun(server, account, at.runId)).logs;
    expect(await takeTurn(server.services, at, 1, said)).toEqual(first);
    expect(first).toEqual({ say: ['What is your budget?'], then: 'listen' });
    expect(model.requests).toHaveLength(2);
    expect((await readRun(server, account, at.runId)).logs).toEqual(logged);
  });

  test('that two processes are asked for is computed by one of them, and the other one comes back for its reply', async () => {
    const at = await greeted();
    const model = play(called('right_person_'), { text: 'What is your budget?' });
    const { config, storage, clock, secrets, log, carrier, languageModel } = server.services;
    const other = createServices(config, { storage, clock, secrets, log, carrier, languageModel });
    const heart = await heartbeat(server.services).start();
    const [first, second] = await Promise.all([
      takeTurn(server.services, at, 1, said),
      takeTurn(other, at, 1, said),
    ]);
    expect([first, second]).toContain(null);
    const reply = { say: ['What is your budget?'], then: 'listen' };
    expect([first, second]).toContainEqual(reply);
    expect(await takeTurn(other, at, 1, said)).toEqual(reply);
    expect(model.requests).toHaveLength(2);
    await heart.stop();
  });

  test('whose model never ends is over after 45 seconds, with an apology, and its claim stands until then', async () => {
    const at = await greeted();
    const asked: (AbortSignal | undefined)[] = [];
    const endless = {
      reply: (_request: unknown, _onText: unknown, signal?: AbortSignal) =>
        new Promise<never>((_resolve, reject) => {
          asked.push(signal);
          signal?.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        }),
    };
    const chosen = { model: endless, provider: 'p', name: 'p', processor: 'P#0', isScripted: false };
    Object.assign(server.services, { languageModel: () => Promise.resolve(chosen) });
    const reply = takeTurn(server.services, at, 1, said);
    await server.advance(44_000);
    expect(await takeTurn(server.services, at, 1, said)).toBeNull();
    await server.advance(1000);
    expect(await reply).toEqual({ say: ['Sorry, could you say that again?'], then: 'listen' });
    expect(asked).toHaveLength(1);
    const { logs } = await readRun(server, account, at.runId);
    expect(JSON.stringify(logs)).toContain('The turn has used up its time');
  });

  test('before which another one is missing is refused', async () => {
    const at = await greeted();
    await expect(takeTurn(server.services, at, 3, said)).rejects.toThrow('has not come to turn 3');
  });

  test('whose call has ended meanwhile is not logged as said', async () => {
    const at = await greeted();
    play({ text: 'Too late.' });
    await server.request
      .post(`/api/v1/workflow/${String(agent.id)}/runs/${String(at.runId)}/cancel`)
      .set('X-API-Key', account.apiKey)
      .expect(202);
    await server.advance(300);
    expect(await takeTurn(server.services, at, 1, said)).toEqual({ say: [], then: 'hang_up' });
    expect(await transcriptOf(at.runId)).toEqual(['assistant: Hi Ada, this is Mia.']);
  });
});
