/** Any process of the database serves the next turn of a text chat, and each turn is computed once. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TextChat } from '@dograh-trigger/shared';
import { createApp } from '../../../../trigger-server/src/app';
import { createServices } from '../../../../trigger-server/src/compose';
import { heartbeat } from '../../../../trigger-server/src/workers/processes';
import { createAgent, definitionWith, type TestAgent } from '../../../support/agents';
import { startServerProcess, type ServerProcess } from '../../../support/server-process';
import { holdModel, openChat, playModel, saidIn } from '../../../support/text-chats';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

interface Second {
  send(id: number, text: string, expected: number): Promise<TextChat>;
  stop(): Promise<void>;
}

/** Another process of the server's database. */
async function startSecond(
  server: TestServer,
  { apiKey }: Account,
  { id: agentId }: TestAgent,
): Promise<Second> {
  const { metrics: _metrics, ...shared } = server.services;
  const services = createServices(server.services.config, {
    ...shared,
    thisProcess: { id: 'second', isAlone: false },
  });
  const beats = [await heartbeat(server.services).start(), await heartbeat(services).start()];
  const second = createServer(createApp(services)).listen(0, '127.0.0.1');
  await once(second, 'listening');
  const { port } = second.address() as AddressInfo;
  const chats = `http://127.0.0.1:${String(port)}/api/v1/workflow/${String(agentId)}/text-chat/sessions`;
  return {
    async send(id, text, expected) {
      const reply = await fetch(`${chats}/${String(id)}/messages`, {
        method: 'POST',
        headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
        body: JSON.stringify({ text, expected_revision: expected }),
      });
      return (await reply.json()) as TextChat;
    },
    async stop() {
      for (const beat of beats) await beat.stop();
      second.closeAllConnections();
      second.close();
    },
  };
}

test('the other process computes the second turn, and answers a message again that the first one has answered', async () => {
  const server = await startTestServer();
  const account = await server.signUp();
  const agent = await createAgent(server, account, definitionWith({ greeting: 'Hello.' }));
  const model = playModel(server, { text: 'One.' }, { text: 'Two.' });
  const second = await startSecond(server, account, agent);
  const chat = await openChat(server, account, agent.id);
  const first = await chat.say('First.', 2);
  expect(await second.send(chat.id, 'First.', 2)).toEqual(first);
  await second.send(chat.id, 'Second.', 4);
  expect(saidIn(await chat.read())).toEqual([
    'assistant: Hello.',
    'user: First.',
    'assistant: One.',
    'user: Second.',
    'assistant: Two.',
  ]);
  expect(model.requests).toHaveLength(2);
  await second.stop();
  await server.close();
});

test('the same message at both at the same time: the model is asked once, both get its reply, and who waits writes nothing', async () => {
  const server = await startTestServer();
  const account = await server.signUp();
  const agent = await createAgent(server, account, definitionWith({ greeting: 'Hello.' }));
  const model = holdModel(playModel(server, { text: 'One.' }));
  const second = await startSecond(server, account, agent);
  const chat = await openChat(server, account, agent.id);
  const first = chat.say('First.', 2);
  await model.isAsked;
  // It waits, and looks for the reply each time that the clock moves.
  let looks = 0;
  let chatWrites = 0;
  const begin = new Promise<void>((resolve) => {
    server.storage.tap({
      beforeQuery({ sql }) {
        if (sql.startsWith('select "claim", ')) looks += 1;
        if (sql.startsWith('update "text_chats"')) chatWrites += 1;
      },
      afterBody: resolve,
    });
  });
  const other = second.send(chat.id, 'First.', 2);
  await begin;
  while (looks < 5) await server.advance(1000);
  expect(chatWrites).toBe(0);
  server.storage.untap();
  model.letGo();
  const reply = await first;
  const answered: TextChat[] = [];
  void other.then((chat) => answered.push(chat));
  while (answered.length === 0) await server.advance(1000);
  expect(await other).toEqual(reply);
  expect(saidIn(reply)).toEqual(['assistant: Hello.', 'user: First.', 'assistant: One.']);
  expect(model.requests).toHaveLength(1);
  await second.stop();
  await server.close();
});

describe('a server that is killed in the middle of a turn', () => {
  let folder: string;
  let endpoint: Server;
  let waiting: ((reply: ServerResponse) => void) | null;
  let asked: number;
  const apiKey = `dgr_${'k'.repeat(43)}`;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'killed-chat-'));
    waiting = null;
    asked = 0;
    endpoint = createServer((request, reply) => {
      request.resume();
      request.on('end', () => {
        asked += 1;
        if (waiting !== null) {
          waiting(reply);
          return;
        }
        const chunk = { choices: [{ index: 0, delta: { content: 'I see.' }, finish_reason: 'stop' }] };
        reply.setHeader('content-type', 'text/event-stream');
        reply.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
      });
    });
    endpoint.listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
  });
  afterEach(() => {
    endpoint.closeAllConnections();
    endpoint.close();
    rmSync(folder, { recursive: true });
  });

  function start(): Promise<ServerProcess> {
    const { port } = endpoint.address() as AddressInfo;
    return startServerProcess({
      DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
      BOOTSTRAP_API_KEY: apiKey,
      LLM_BASE_URL: `http://127.0.0.1:${String(port)}/v1`,
      LLM_MODEL: 'played',
    });
  }

  async function post(server: ServerProcess, path: string, body: object): Promise<TextChat> {
    const reply = await fetch(`${server.baseUrl}/api/v1/workflow/1/text-chat/sessions${path}`, {
      method: 'POST',
      headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await reply.json()) as TextChat;
  }

  test('the same message, sent again to the next one, is answered there, in the same turn', async () => {
    const first = await start();
    const { workflow_run_id: id } = await post(first, '', {});
    const message = { text: 'My name is Ada.', expected_revision: 2 };
    const isAsked = new Promise<ServerResponse>((resolve) => {
      waiting = resolve;
    });
    const lost = post(first, `/${String(id)}/messages`, message).then(
      () => 'answered',
      () => 'lost',
    );
    await isAsked;
    await first.stop('SIGKILL');
    expect(await lost).toBe('lost');

    waiting = null;
    const second = await start();
    const answered = await post(second, `/${String(id)}/messages`, message);
    expect(answered.revision).toBe(4);
    expect(saidIn(answered).slice(1)).toEqual(['user: My name is Ada.', 'assistant: I see.']);
    expect(asked).toBe(2);
    await second.stop();
  });
});
