/** What a text chat may take of the server: requests that wait for its model, and bytes of its row. */
import { ModelFailure } from '../../../../trigger-server/src/conversations/engine/port';
import { createAgent, definitionWith } from '../../../support/agents';
import { askChat, holdModel, openChat, playModel } from '../../../support/text-chats';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

let server: TestServer;
let account: Account;
let agentId: number;

beforeEach(async () => {
  server = await startTestServer();
  account = await server.signUp();
  agentId = (await createAgent(server, account, definitionWith({ greeting: 'Hello.' }))).id;
});
afterEach(() => server.close());

function detailOf({ body }: { body: unknown }): unknown {
  return (body as { detail: unknown }).detail;
}

test('a server that stops begins no turn of a text chat', async () => {
  const model = playModel(server, { text: 'One.' });
  const chat = await openChat(server, account, agentId);
  server.services.lifecycle.draining = true;
  for (const [path, body] of [
    [`/${String(chat.id)}/messages`, { text: 'First.' }],
    [`/${String(chat.id)}/end`, {}],
    ['', {}],
  ] as const) {
    const refused = await askChat(server, account, agentId, path, body).expect(503);
    expect(detailOf(refused)).toBe('The server is stopping; nothing was done. Try again in a moment.');
  }
  expect(model.requests).toHaveLength(0);
  expect((await chat.read()).revision).toBe(2);
});

test('an organization whose model stalls gets its share of waiting requests and no more, and another one is answered', async () => {
  const chat = await openChat(server, account, agentId);
  const model = holdModel(playModel(server, { text: 'One.' }));
  const send = () =>
    askChat(server, account, agentId, `/${String(chat.id)}/messages`, {
      text: 'First.',
      expected_revision: 2,
    });
  let refusals = 0;
  let over = 0;
  const replies = Array.from({ length: 350 }, async () => {
    const reply = await send();
    over += 1;
    if (reply.status === 429) refusals += 1;
    return reply;
  });
  while (refusals === 0) await model.isAsked.then(() => new Promise((resolve) => setImmediate(resolve)));

  const other = await server.signUp();
  const others = (await createAgent(server, other, definitionWith({ greeting: 'Good day.' }))).id;
  expect((await openChat(server, other, others)).opened.session_data.turns).toHaveLength(1);
  model.letGo();
  while (over < replies.length) await server.advance(1000);
  const statuses = (await Promise.all(replies)).map(({ status }) => status);
  expect([...new Set(statuses)].sort((a, b) => a - b)).toEqual([200, 429]);
  expect(model.requests).toHaveLength(1);
});

test('a chat that has grown beyond two megabytes gets no further turn, and says to start another one', async () => {
  const chat = await openChat(server, account, agentId);
  let status = 200;
  let detail: unknown = null;
  let turns = 0;
  while (status === 200) {
    playModel(server, { text: 'I see.' });
    const text = `${String(turns)} ${'x'.repeat(1990)}`;
    const reply = await askChat(server, account, agentId, `/${String(chat.id)}/messages`, { text });
    status = reply.status;
    detail = detailOf(reply);
    turns += 1;
  }
  expect(status).toBe(400);
  expect(detail).toBe('This text chat has become too long for a further turn. Start another one.');
  expect((await chat.read()).is_completed).toBe(false);
});

test('an opening that fails says which run the chat is, in its reply and in the log', async () => {
  const speechless = await createAgent(server, account, definitionWith({ greeting: '' }));
  playModel(server, new ModelFailure('The model could not be reached', 'unreachable'));
  const failed = await askChat(server, account, speechless.id, '', {}).expect(500);
  const { runs } = (
    await server.request.get('/api/v1/organizations/usage/runs').set('X-API-Key', account.apiKey).expect(200)
  ).body as { runs: { id: number }[] };
  const [{ id } = { id: 0 }] = runs;
  expect(detailOf(failed)).toBe(
    `Failed to execute text chat assistant turn: The model could not be reached (The text chat is there, as run ${String(id)}.)`,
  );
  const lines = server.logLines.map((line) => JSON.parse(line) as object);
  expect(lines).toContainEqual(expect.objectContaining({ runId: id, status: 500 }));
});
