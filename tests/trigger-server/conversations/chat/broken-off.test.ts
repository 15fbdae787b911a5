/** An end of a text chat that a stop of the server breaks off is made again, with the values of its last step. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentDefinition } from '@dograh-trigger/shared';
import request from 'supertest';
import { createServices } from '../../../../trigger-server/src/compose';
import { endIdleChats } from '../../../../trigger-server/src/conversations/chat/idle';
import { createAddressGuard } from '../../../../trigger-server/src/egress/address-guard';
import { createCarrierHttp } from '../../../../trigger-server/src/egress/client';
import { createAgent } from '../../../support/agents';
import { freeTcpPort } from '../../../support/free-port';
import { ManualClock } from '../../../support/manual-clock';
import { startServerProcess, type ServerProcess } from '../../../support/server-process';
import { budgetAgent } from '../../../support/talks';
import { openChat, playModel } from '../../../support/text-chats';
import { startTestServer, type Account } from '../../../support/test-server';

/** An agent whose first step has values. */
const definition: AgentDefinition = {
  nodes: budgetAgent.nodes
    .filter(({ id }) => id !== '2')
    .map(({ data, ...node }) => ({
      ...node,
      data:
        node.id === '1'
          ? {
              ...data,
              extraction_enabled: true,
              extraction_prompt: 'Amounts are in EUR.',
              extraction_variables: [{ name: 'budget', type: 'number', prompt: 'Budget' }],
            }
          : data,
    })),
  edges: budgetAgent.edges.filter(({ id }) => id === 'e2'),
};

test('a server that is killed while the values are extracted has not ended the chat; the next one ends it with them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'broken-off-'));
  let hold: (() => void) | null = null;
  const isAsked = new Promise<void>((resolve) => (hold = resolve));
  const model = createServer((asked, reply) => {
    const choices = [{ message: { role: 'assistant', content: '{"budget": 500}' }, finish_reason: 'stop' }];
    asked.resume().on('end', () => {
      if (hold === null) {
        reply.setHeader('content-type', 'application/json');
        reply.end(JSON.stringify({ choices }));
      }
      hold?.();
    });
  });
  await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve));
  const apiKey = `dgr_${'k'.repeat(43)}`;
  const start = (): Promise<ServerProcess> =>
    startServerProcess({
      DATABASE_URL: `file:${join(folder, 'trigger.db')}`,
      BOOTSTRAP_API_KEY: apiKey,
      LLM_BASE_URL: `http://127.0.0.1:${String((model.address() as AddressInfo).port)}/v1`,
      LLM_MODEL: 'held',
    });
  const account = { apiKey } as Account;
  const first = await start();
  const server = { request: request(first.baseUrl) };
  const agent = await createAgent(server, account, definition);
  const chat = await openChat(server, account, agent.id);
  const path = `/api/v1/workflow/${String(agent.id)}/text-chat/sessions/${String(chat.id)}`;
  const end = fetch(`${first.baseUrl}${path}/end`, {
    method: 'POST',
    headers: { 'X-API-Key': apiKey, 'Content-Type': 'application/json' },
    body: '{}',
  }).catch(() => 'cut off');
  await isAsked;
  await first.stop('SIGKILL');
  expect(await end).toBe('cut off');

  hold = null;
  const second = await start();
  const asked = { request: request(second.baseUrl) };
  const found = await asked.request.get(path).set('X-API-Key', apiKey).expect(200);
  expect(found.body).toMatchObject({ is_completed: false });
  const ended = await asked.request.post(`${path}/end`).set('X-API-Key', apiKey).send({}).expect(200);
  expect(ended.body).toMatchObject({ is_completed: true, gathered_context: { budget: 500 } });
  await second.stop();
  model.closeAllConnections();
  model.close();
  rmSync(folder, { recursive: true });
});

test('an idle chat whose end breaks off because the server stops is ended by the next one at once, with its values', async () => {
  const baseUrl = `http://127.0.0.1:${String(await freeTcpPort())}/v1`;
  const server = await startTestServer({ LLM_BASE_URL: baseUrl, LLM_MODEL: 'away' });
  const account = await server.signUp();
  const agent = await createAgent(server, account, definition, { text_chat_inactivity_timeout_seconds: 60 });
  const chat = await openChat(server, account, agent.id);
  await server.advance(60_000);
  const { config, storage, clock, secrets, log } = server.services;
  const carrier = createCarrierHttp({ addressGuard: createAddressGuard([]), clock: new ManualClock() });
  await carrier.close();
  await endIdleChats(createServices(config, { storage, clock, secrets, log, carrier }));
  expect(await chat.read()).toMatchObject({ is_completed: false });

  playModel(server, { text: '{"budget": "500"}' });
  await endIdleChats(server.services);
  expect(await chat.read()).toMatchObject({ is_completed: true, gathered_context: { budget: 500 } });
  await server.close();
});
