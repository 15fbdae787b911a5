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
import { createAgent, definitionWith } from '../../../support/agents';
import { startServerProcess, type ServerProcess } from '../../../support/server-process';
import { openChat, playModel, saidIn } from '../../../support/text-chats';
import { startTestServer } from '../../../support/test-server';

test('the other process computes the second turn, and answers a message again that the first one has answered', async () => {
  const server = await startTestServer();
  const account = await server.signUp();
  const agent = await createAgent(server, account, definitionWith({ greeting: 'Hello.' }));
  const model = playModel(server, { text: 'One.' }, { text: 'Two.' });
  const { metrics: _metrics, ...shared } = server.services;
  const services = createServices(server.services.config, {
    ...shared,
    thisProcess: { id: 'second', isAlone: false },
  });
  const beat = await heartbeat(services).start();
  const second = createServer(createApp(services)).listen(0, '127.0.0.1');
  await once(second, 'listening');
  const sendToSecond = async (id: number, text: string, expected: number) => {
    const { port } = second.address() as AddressInfo;
    const reply = await fetch(
      `http://127.0.0.1:${String(port)}/api/v1/workflow/${String(agent.id)}/text-chat/sessions/${String(id)}/messages`,
      {
        method: 'POST',
        headers: { 'X-API-Key': account.apiKey, 'Content-Type': 'application/json' },
        body: JSON.stringify({ text, expected_revision: expected }),
      },
    );
    return (await reply.json()) as TextChat;
  };
  const chat = await openChat(server, account, agent.id);
  const first = await chat.say('First.', 2);
  expect(await sendToSecond(chat.id, 'First.', 2)).toEqual(first);
  await sendToSecond(chat.id, 'Second.', 4);
  expect(saidIn(await chat.read())).toEqual([
    'assistant: Hello.',
    'user: First.',
    'assistant: One.',
    'user: Second.',
    'assistant: Two.',
  ]);
  expect(model.requests).toHaveLength(2);
  await beat.stop();
  second.closeAllConnections();
  second.close();
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
