/** Text chats in which nobody writes any more are ended, whatever the model of another organization does. */
import type { AgentDefinition } from '@dograh-trigger/shared';
import { endIdleChats } from '../../../../trigger-server/src/conversations/chat/idle';
import { createAgent } from '../../../support/agents';
import { budgetAgent } from '../../../support/talks';
import { openChat, type OpenedChat, playValues } from '../../../support/text-chats';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

let server: TestServer;

/** Without tools, which would have to exist. */
const definition: AgentDefinition = {
  nodes: budgetAgent.nodes.map(({ data: { tool_uuids: _tools, ...data }, ...node }) => ({ ...node, data })),
  edges: budgetAgent.edges,
};

beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

/** A chat that stands at a step whose values are extracted at its end. */
async function chatAtBudget(account: Account): Promise<OpenedChat> {
  const agent = await createAgent(server, account, definition, { text_chat_inactivity_timeout_seconds: 60 });
  const chat = await openChat(server, account, agent.id);
  await chat.say('Yes, speaking.');
  return chat;
}

test('the idle chat of one organization is ended while the model of another one stalls for each of its older chats', async () => {
  const [stalling, other] = [await server.signUp(), await server.signUp()];
  let letGo: () => void = () => undefined;
  const stalled = new Promise<void>((resolve) => (letGo = resolve));
  let underWay = 0;
  playValues(server, async (organizationId) => {
    if (organizationId === stalling.organizationId) {
      underWay += 1;
      await stalled;
    }
    return '{"budget": 500}';
  });
  const older: OpenedChat[] = [];
  for (let count = 0; count < 10; count += 1) older.push(await chatAtBudget(stalling));
  const chat = await chatAtBudget(other);
  await server.advance(60_000);
  const round = endIdleChats(server.services);
  let read = await chat.read();
  while (!read.is_completed) read = await chat.read();
  expect(read.gathered_context).toMatchObject({ budget: 500 });
  expect(underWay).toBe(2);
  expect((await older[0]?.read())?.is_completed).toBe(false);
  letGo();
  await round;
  for (const ended of older) expect((await ended.read()).is_completed).toBe(true);
});

test('a chat that cannot be ended is logged with its run and tried again after five minutes; the others are ended', async () => {
  const account = await server.signUp();
  playValues(server, () => Promise.resolve('{}'));
  const [broken, next] = [await chatAtBudget(account), await chatAtBudget(account)];
  const isOver = async (chat: OpenedChat) => (await chat.read()).is_completed;
  await server.advance(60_000);
  server.storage.tap({
    beforeQuery({ sql, parameters }) {
      if (sql.includes('from "text_chats"') && parameters[0] === broken.id) throw new Error('a broken chat');
    },
  });
  await endIdleChats(server.services);
  server.storage.untap();
  const lines = server.logLines.map((line) => JSON.parse(line) as { runId?: number; msg: string });
  expect(lines).toContainEqual(
    expect.objectContaining({
      runId: broken.id,
      msg: 'an idle text chat could not be ended; it is tried again',
    }),
  );
  expect(await isOver(next)).toBe(true);

  await endIdleChats(server.services);
  expect(await isOver(broken)).toBe(false);
  await server.advance(5 * 60_000);
  await endIdleChats(server.services);
  expect(await isOver(broken)).toBe(true);
});

test('a server that stops begins no end of a chat', async () => {
  const account = await server.signUp();
  playValues(server, () => Promise.resolve('{}'));
  const chat = await chatAtBudget(account);
  await server.advance(60_000);
  server.services.lifecycle.draining = true;
  await endIdleChats(server.services);
  expect((await chat.read()).is_completed).toBe(false);
});
