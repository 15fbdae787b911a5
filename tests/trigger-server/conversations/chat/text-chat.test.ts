/** Dograh's text chat: the agent talks by text, in a run that is no call. */
import type { AgentDefinition, Run, TextChat } from '@dograh-trigger/shared';
import { endIdleChats } from '../../../../trigger-server/src/conversations/chat/idle';
import { ModelFailure } from '../../../../trigger-server/src/conversations/engine/port';
import { createAgent, saveDraft, type TestAgent } from '../../../support/agents';
import { readRun } from '../../../support/calls';
import { budgetAgent, called } from '../../../support/talks';
import { askChat, openChat, playModel, saidIn } from '../../../support/text-chats';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;

/** Without tools, which would have to exist. */
const definition: AgentDefinition = {
  nodes: budgetAgent.nodes.map(({ data: { tool_uuids: _tools, ...data }, ...node }) => ({ ...node, data })),
  edges: budgetAgent.edges,
};

beforeEach(async () => {
  server = await startTestServer();
  account = await server.signUp();
  agent = await createAgent(server, account, definition);
});
afterEach(() => server.close());

const toBudget = [called('right_person_'), { text: 'What is your budget?' }];
const toTheEnd = [
  called('budget_known'),
  { text: 'Thank you, Ada. Goodbye!' },
  { text: '{"budget": "500", "note": "call in the evenings"}' },
];

function transcriptOf({ logs }: Run): unknown[] {
  const events = (logs?.realtime_feedback_events ?? []) as { type: string; payload: { text: string } }[];
  return events
    .filter(({ type }) => type === 'rtf-bot-text' || type === 'rtf-user-transcription')
    .map(({ payload }) => payload.text);
}

test('V23: create, one message, rewind to turn 1, end: revisions 2, 4, 5, 6; a stale revision is refused with both', async () => {
  playModel(server, ...toBudget);
  const chat = await openChat(server, account, agent.id);
  expect(chat.opened.revision).toBe(2);
  expect((await chat.say('Yes, speaking.', 2)).revision).toBe(4);
  const stale = await askChat(server, account, agent.id, `/${String(chat.id)}/messages`, {
    text: 'Five hundred.',
    expected_revision: 2,
  }).expect(409);
  expect((stale.body as { detail: unknown }).detail).toEqual({
    message: 'Text chat session revision conflict',
    expected_revision: 2,
    actual_revision: 4,
  });
  const [opening] = chat.opened.session_data.turns;
  const rewound = await chat.post('/rewind', { cursor_turn_id: opening?.id ?? '' });
  expect(rewound).toMatchObject({ revision: 5, session_data: { status: 'rewound' } });
  const ended = await chat.post('/end', {});
  expect(ended).toMatchObject({ revision: 6, is_completed: true, state: 'completed' });
  expect(await chat.post('/end', {})).toEqual(ended);
});

test('the reply has the greeting, then each answer, the way through the nodes, the values and the end', async () => {
  const model = playModel(server, ...toBudget, ...toTheEnd);
  const chat = await openChat(server, account, agent.id);
  expect(chat.opened).toMatchObject({
    workflow_id: agent.id,
    mode: 'textchat',
    state: 'running',
    annotations: { tester: { source: 'workflow_editor', modality: 'text' } },
    checkpoint: { current_node_id: '1', messages: [{ role: 'assistant', content: 'Hi Ada, this is Mia.' }] },
  });
  expect(chat.opened.name).toMatch(/^WR-TEXT-[0-9A-F]{6}$/);
  await chat.say('Yes, speaking.');
  const last = await chat.say('Five hundred, call in the evenings.');
  expect(saidIn(last)).toEqual([
    'assistant: Hi Ada, this is Mia.',
    'user: Yes, speaking.',
    'assistant: What is your budget?',
    'user: Five hundred, call in the evenings.',
    'assistant: Thank you, Ada. Goodbye!',
  ]);
  expect(last.session_data.turns.map(({ events }) => events.map(({ type }) => type))).toEqual([
    ['node_transition'],
    ['tool_call_started', 'node_transition', 'tool_call_result'],
    ['tool_call_started', 'node_transition', 'tool_call_result', 'session_end'],
  ]);
  expect(last).toMatchObject({
    is_completed: true,
    session_data: { status: 'completed' },
    gathered_context: {
      budget: 500,
      note: 'call in the evenings',
      extracted_variables: { budget: 500, note: 'call in the evenings' },
      nodes_visited: ['Greeting', 'Budget', 'Goodbye'],
      call_disposition: 'user_qualified',
    },
  });
  expect(model.requests).toHaveLength(5);
  const refused = await askChat(server, account, agent.id, `/${String(chat.id)}/messages`, {
    text: 'Hello?',
  });
  expect(refused.status).toBe(400);
  expect((refused.body as { detail: unknown }).detail).toBe('Text chat session has ended');
});

test('its run is listed as a chat, with its transcript, values, disposition and tokens', async () => {
  playModel(server, ...toBudget, ...toTheEnd);
  const chat = await openChat(server, account, agent.id);
  await chat.say('Yes, speaking.');
  await chat.say('Five hundred, call in the evenings.');
  const run = await readRun(server, account, chat.id);
  expect(transcriptOf(run)).toEqual([
    'Hi Ada, this is Mia.',
    'Yes, speaking.',
    'What is your budget?',
    'Five hundred, call in the evenings.',
    'Thank you, Ada. Goodbye!',
  ]);
  expect(run).toMatchObject({
    mode: 'textchat',
    status: 'completed',
    artifacts_ready: true,
    usage_info: { llm: { 'PlayedLLM#0|||played': { prompt_tokens: 500, completion_tokens: 50 } } },
    gathered_context: { budget: 500, call_disposition: 'user_qualified' },
  });
  const listed = async (filters: object[]) => {
    const list = await server.request
      .get('/api/v1/organizations/usage/runs')
      .query({ filters: JSON.stringify(filters) })
      .set('X-API-Key', account.apiKey)
      .expect(200);
    return (list.body as { runs: object[] }).runs;
  };
  const asChat = { id: chat.id, mode: 'textchat', phone_number: null, disposition: 'user_qualified' };
  expect(await listed([])).toMatchObject([asChat]);
  // The polling triggers of n8n and Zapier ask for calls by telephone.
  const by = (status: string) => [{ attribute: 'callChannel', type: 'radio', value: { status } }];
  expect(await listed(by('chat'))).toMatchObject([asChat]);
  expect(await listed(by('telephony'))).toEqual([]);
});

test('a message that is sent again with its revision gets the same reply, and the model is asked once', async () => {
  const model = playModel(server, ...toBudget);
  const chat = await openChat(server, account, agent.id);
  const first = await chat.say('Yes, speaking.', 2);
  expect(await chat.say('Yes, speaking.', 2)).toEqual(first);
  expect(model.requests).toHaveLength(2);
});

test('a turn whose model fails is refused in words, is no part of the conversation, and the chat goes on', async () => {
  const model = playModel(server, new ModelFailure('The model could not be reached', 'unreachable'));
  const chat = await openChat(server, account, agent.id);
  const failed = await askChat(server, account, agent.id, `/${String(chat.id)}/messages`, { text: 'Yes.' });
  expect(failed.status).toBe(500);
  expect((failed.body as { detail: unknown }).detail).toBe(
    'Failed to execute text chat assistant turn: The model could not be reached',
  );
  const after = await chat.read();
  expect(after).toMatchObject({ revision: 4, session_data: { status: 'error' } });
  expect(after.session_data.turns.at(-1)).toMatchObject({
    status: 'failed',
    assistant_message: null,
    events: [{ type: 'execution_error', payload: { message: 'The model could not be reached' } }],
  });
  expect(after.checkpoint).toEqual(chat.opened.checkpoint);
  expect(model.requests).toHaveLength(1);

  const next = playModel(server, { text: 'Good to hear.' });
  await chat.say('Yes, speaking.');
  expect(next.requests[0]?.messages.map(({ content }) => content)).toEqual([
    'Hi Ada, this is Mia.',
    'Yes, speaking.',
  ]);
});

test('after a rewind the next message follows that turn, and the turns after it are moved to discarded_future', async () => {
  playModel(server, ...toBudget, { text: 'I see.' });
  const chat = await openChat(server, account, agent.id);
  const answered = await chat.say('Yes, speaking.');
  const [opening, second] = answered.session_data.turns;
  await chat.post('/rewind', { cursor_turn_id: opening?.id ?? '' });
  const again = await chat.say('Who is this?');
  expect(saidIn(again)).toEqual([
    'assistant: Hi Ada, this is Mia.',
    'user: Who is this?',
    'assistant: I see.',
  ]);
  expect(again.session_data.discarded_future).toMatchObject([
    { rewound_from_turn_id: opening?.id, turns: [{ id: second?.id }] },
  ]);
  expect(again.checkpoint.current_node_id).toBe('1');
  const unknown = await askChat(server, account, agent.id, `/${String(chat.id)}/rewind`, {
    cursor_turn_id: 'turn_0',
  });
  expect(unknown.status).toBe(404);
  expect((unknown.body as { detail: unknown }).detail).toBe('Turn not found in text chat session');
});

test('a chat runs the draft', async () => {
  const [global, start, ...others] = definition.nodes;
  if (global === undefined || start === undefined) throw new Error('the agent has two nodes');
  await saveDraft(server, account, agent, {
    workflow_definition: {
      ...definition,
      nodes: [global, { ...start, data: { ...start.data, greeting: 'Draft.' } }, ...others],
    },
  });
  expect(saidIn((await openChat(server, account, agent.id)).opened)).toEqual(['assistant: Draft.']);
});

test('a chat without a word from its writer is ended when the time of its agent is over', async () => {
  const brief = await createAgent(server, account, definition, { text_chat_inactivity_timeout_seconds: 60 });
  playModel(server, { text: 'Good.' });
  const [chat, other] = [
    await openChat(server, account, brief.id),
    await openChat(server, account, agent.id),
  ];
  await server.advance(59_000);
  await endIdleChats(server.services);
  expect((await chat.read()).is_completed).toBe(false);
  await server.advance(1000);
  await endIdleChats(server.services);
  expect(await chat.read()).toMatchObject({
    is_completed: true,
    gathered_context: { call_disposition: 'user_hangup', call_tags: ['user_hangup'] },
  });
  expect((await other.read()).is_completed).toBe(false);
});

test('another organization, another agent and the run of a call find no chat', async () => {
  const chat = await openChat(server, account, agent.id);
  const stranger = await server.signUp();
  const other = await createAgent(server, account, definition);
  for (const [who, workflowId] of [
    [stranger, agent.id],
    [account, other.id],
  ] as const) {
    for (const [path, body] of [
      ['', undefined],
      ['/messages', { text: 'Hello' }],
      ['/rewind', {}],
      ['/end', {}],
    ] as const) {
      const reply = await askChat(server, who, workflowId, `/${String(chat.id)}${path}`, body);
      expect(reply.status).toBe(404);
      expect((reply.body as { detail: unknown }).detail).toBe('Text chat session not found');
    }
  }
  const made = await askChat(server, stranger, agent.id, '', {});
  expect(made.status).toBe(404);
  expect((made.body as { detail: unknown }).detail).toBe(`Workflow with ID ${String(agent.id)} not found`);
});

test('a blank message is refused, and nothing is written', async () => {
  const chat = await openChat(server, account, agent.id);
  const blank = await askChat(server, account, agent.id, `/${String(chat.id)}/messages`, { text: ' \n' });
  expect(blank.status).toBe(422);
  const { revision } = (await chat.read()) satisfies TextChat;
  expect(revision).toBe(2);
});
