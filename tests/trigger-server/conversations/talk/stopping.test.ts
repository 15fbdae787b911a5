/** The values of a conversation, on a server that stops. */
import type { AgentDefinition } from '@dograh-trigger/shared';
import { createServices } from '../../../../trigger-server/src/compose';
import { endTalk } from '../../../../trigger-server/src/conversations/talk/end-talk';
import { takeTurn } from '../../../../trigger-server/src/conversations/talk/take-turn';
import { createAddressGuard } from '../../../../trigger-server/src/egress/address-guard';
import { createCarrierHttp } from '../../../../trigger-server/src/egress/client';
import type { Services } from '../../../../trigger-server/src/services';
import { createAgent, createSandbox } from '../../../support/agents';
import { readRun, startCall } from '../../../support/calls';
import { freeTcpPort } from '../../../support/free-port';
import { ManualClock } from '../../../support/manual-clock';
import { budgetAgent, called } from '../../../support/talks';
import { playModel } from '../../../support/text-chats';
import { startTestServer, type Account, type TestServer } from '../../../support/test-server';

let server: TestServer;
let account: Account;
let stopping: Services;

const definition: AgentDefinition = {
  nodes: [
    ...budgetAgent.nodes.map(({ data: { tool_uuids: _tools, ...data }, ...node }) => ({ ...node, data })),
    { id: 't', type: 'trigger', position: { x: 0, y: 0 }, data: { name: 'API Trigger', enabled: true } },
  ],
  edges: budgetAgent.edges,
};

beforeEach(async () => {
  const baseUrl = `http://127.0.0.1:${String(await freeTcpPort())}/v1`;
  server = await startTestServer({ LLM_BASE_URL: baseUrl, LLM_MODEL: 'away' });
  account = await server.signUp();
  await createSandbox(server, account);
  const { config, storage, clock, secrets, log } = server.services;
  const carrier = createCarrierHttp({ addressGuard: createAddressGuard([]), clock: new ManualClock() });
  const lifecycle = { draining: true, damage: null };
  stopping = createServices(config, { storage, clock, secrets, log, carrier, lifecycle });
});
afterEach(() => server.close());

/** A call whose callee hangs up at a step with values. The stopping server serves its last turn. */
async function hungUp(): Promise<{ runId: number; attempt: number }> {
  const agent = await createAgent(server, account, definition, { answer: 'converse' });
  playModel(server, called('right_person_'), { text: 'What is your budget?' });
  const initial_context = { user: { name: 'Ada' }, sandbox_says: ['unused'] };
  const runId = await startCall(server, account, agent, { phone_number: '+14155550100', initial_context });
  const at = { runId, attempt: 1 };
  for (let step = 0; step < 3; step += 1) await server.advance(300);
  await takeTurn(server.services, at, 1, { kind: 'said', text: 'Yes, but I have no time.' });
  await takeTurn(stopping, at, 2, { kind: 'hung_up' });
  await stopping.background.ended();
  return at;
}

test('that sends no more requests, they are left to another process, and the call does not end without them', async () => {
  await stopping.carrier.close();
  const at = await hungUp();
  expect(await endTalk(stopping, at)).toBeNull();
  playModel(server, { text: '{"note": "no time"}' });
  expect((await endTalk(server.services, at))?.conversation.gathered).toMatchObject({
    extracted_variables: { note: 'no time' },
  });
});

test('that still sends requests, a model that fails is noted with the call, which ends without them', async () => {
  const at = await hungUp();
  expect((await endTalk(stopping, at))?.conversation.gathered).toMatchObject({
    call_disposition: 'user_hangup',
  });
  const { logs } = await readRun(server, account, at.runId);
  expect(JSON.stringify(logs)).toContain('The values of a step could not be extracted');
  await stopping.carrier.close();
});
