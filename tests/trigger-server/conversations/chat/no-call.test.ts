/** A text chat is a run, and no call: nothing that is for calls counts it, ends it or hears of it. It is erased as others are. */
import type { AgentDefinition, Run } from '@dograh-trigger/shared';
import { findCallLimits } from '../../../../trigger-server/src/accounts/organizations';
import { recovery } from '../../../../trigger-server/src/calls/resume-calls';
import { listMiscounts } from '../../../../trigger-server/src/calls/slots/miscounts';
import { endOverdueRuns } from '../../../../trigger-server/src/calls/watchdog';
import { deliverDue } from '../../../support/webhooks';
import { createAgent, type TestAgent } from '../../../support/agents';
import { readRun } from '../../../support/calls';
import { replyJson, startLocalServer, type LocalServer } from '../../../support/local-server';
import { budgetAgent } from '../../../support/talks';
import { askChat, holdModel, openChat, playModel } from '../../../support/text-chats';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;
let receiver: LocalServer;

beforeEach(async () => {
  receiver = await startLocalServer((_request, response) => {
    replyJson(response, 200, {});
  });
  server = await startTestServer({ ALLOWED_PRIVATE_TARGETS: '127.0.0.1' });
  account = await server.signUp();
  agent = await createAgent(server, account, withWebhook());
  playModel(server, { text: 'Good.' });
});
afterEach(async () => {
  await server.close();
  await receiver.close();
});

function withWebhook(): AgentDefinition {
  const nodes = budgetAgent.nodes.map(({ data: { tool_uuids: _tools, ...data }, ...node }) => ({
    ...node,
    data,
  }));
  const webhook = {
    id: 'w',
    type: 'webhook',
    position: { x: 0, y: 0 },
    data: {
      name: 'CRM',
      endpoint_url: `${receiver.url}/node`,
      payload_template: { id: '{{workflow_run_id}}' },
    },
  };
  return { nodes: [...nodes, webhook], edges: budgetAgent.edges };
}

test('an open chat takes no slot, and what ends calls at a start or at their deadline leaves it open', async () => {
  const chat = await openChat(server, account, agent.id);
  const { storage } = server.services;
  expect((await findCallLimits(storage.read, account.organizationId)).openRuns).toBe(0);
  expect(await listMiscounts(storage.read)).toEqual([]);
  const recovered = await recovery(server.services).start();
  await recovered.stop();
  await server.advance(3_600_000);
  await endOverdueRuns(server.services);
  expect((await chat.say('Yes, speaking.')).is_completed).toBe(false);
});

test('at its end the webhook nodes of its agent hear of it, and subscriptions to calls do not', async () => {
  await server.request
    .post('/api/v1/hooks')
    .set('X-API-Key', account.apiKey)
    .send({ target_url: `${receiver.url}/hook`, event: 'call.completed' })
    .expect(200);
  const chat = await openChat(server, account, agent.id);
  await chat.post('/end', {});
  await deliverDue(server);
  expect(receiver.requests.map(({ url, body }) => [url, JSON.parse(body.toString()) as unknown])).toEqual([
    ['/node', { id: String(chat.id), call_disposition: 'user_hangup' }],
  ]);
});

test('a chat that has ended is erased with every word, and an open one is not', async () => {
  const chat = await openChat(server, account, agent.id);
  await chat.say('My secret is blue.');
  const erase = () =>
    server.request.delete(`/api/v1/workflow/0/runs/${String(chat.id)}`).set('X-API-Key', account.apiKey);
  await erase().expect(409);
  await chat.post('/end', {});
  await erase().expect(200);
  expect(await server.storedText()).not.toContain('secret is blue');
  expect((await askChat(server, account, agent.id, `/${String(chat.id)}`)).status).toBe(404);
  const { erased_at: erasedAt } = (await readRun(server, account, chat.id)) satisfies Run;
  expect(erasedAt).toEqual(expect.any(String));
});

describe('an open chat that is canceled', () => {
  const cancel = (runId: number) =>
    server.request
      .post(`/api/v1/workflow/${String(agent.id)}/runs/${String(runId)}/cancel`)
      .set('X-API-Key', account.apiKey);

  test('ends at once, as canceled, and can be erased then; a second time it has ended', async () => {
    const chat = await openChat(server, account, agent.id);
    const reply = await cancel(chat.id).expect(202);
    expect(reply.body).toEqual({ status: 'canceled', workflow_run_id: chat.id });
    expect(await readRun(server, account, chat.id)).toMatchObject({
      status: 'completed',
      gathered_context: { call_disposition: 'canceled' },
    });
    await cancel(chat.id).expect(409);
    await server.request
      .delete(`/api/v1/workflow/0/runs/${String(chat.id)}`)
      .set('X-API-Key', account.apiKey)
      .expect(200);
  });

  test('is not ended while its reply is made, and the refusal says so', async () => {
    const chat = await openChat(server, account, agent.id);
    const model = holdModel(playModel(server, { text: 'Good.' }));
    const reply = chat.say('Yes, speaking.');
    await model.isAsked;
    expect((await cancel(chat.id).expect(409)).body).toMatchObject({
      detail: 'A turn of this text chat is under way. Try again in a moment.',
    });
    model.letGo();
    expect((await reply).is_completed).toBe(false);
  });
});

test('the summary says chats apart from calls', async () => {
  await openChat(server, account, agent.id);
  const summary = await server.request
    .get('/api/v1/organizations/usage/summary')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  expect(summary.body).toEqual({ total: 1, text_chats: 1, by_status: {}, by_disposition: {}, days: [] });
});
