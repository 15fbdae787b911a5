import type { ServerResponse } from 'node:http';
import { readyToCall, type TestAgent } from '../../support/agents';
import { replyJson } from '../../support/local-server';
import { configurationsPath } from '../../support/telephony';
import type { Account } from '../../support/test-server';
import { ariSettings, startAri, type Ari } from '../../support/vendors/ari';
import { agentWith } from '../artifacts/support';
import { startCaller, type Caller } from './callers';
import { send, testStatuses, type Ask, type StatusTable } from './documented';

let caller: Caller;
let asterisk: Ari;
/** Calls through an Asterisk, which announces and does not stream. */
let asteriskId: number;
let streaming: TestAgent;
let stranger: Account;
/** Each test may leave something that ends with it. */
const endings: (() => unknown)[] = [];

beforeAll(async () => {
  caller = await startCaller();
  const { server, account } = caller;
  asterisk = await startAri();
  const added = await server.request
    .post(configurationsPath)
    .set('X-API-Key', account.apiKey)
    .send({ name: 'PBX', config: { provider: 'ari', ...ariSettings(asterisk) } })
    .expect(200);
  asteriskId = (added.body as { id: number }).id;
  await asterisk.connected(1);
  streaming = await agentWith(server, account, {
    answer: 'stream',
    stream_url: 'wss://voice.example.com/media',
  });
  stranger = await server.signUp();
  // The connection is this server's, too, once it has read what Asterisk sent: each round lets it read.
  while (server.services.connections.faultOf(asteriskId) !== null) {
    await server.request.get('/api/v1/health').expect(200);
  }
});
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});
afterAll(async () => {
  await caller.close();
  await asterisk.close();
});

const nobody: TestAgent = { id: 0, uuid: 'nobody', triggerPath: 'nobody' };

/** Lets the carrier do this with dials, until the test is over. */
function onDial(answer: (response: ServerResponse) => void): void {
  const { carrier } = caller;
  const before = carrier.onDial;
  carrier.onDial = answer;
  endings.push(() => {
    carrier.onDial = before;
  });
}

/** The first request with a key, whose dial has no answer before the test is over. */
async function startHeldCall(first: Ask): Promise<void> {
  const held = await new Promise<ServerResponse>((resolve) => {
    onDial(resolve);
    const reply = send(caller.server, 'POST', first);
    endings.push(async () => {
      replyJson(held, 201, { sid: 'CA1' });
      await reply;
    });
  });
}

/** Of an organization whose key has placed its calls of the day. */
async function exhausted(pathOf: (agent: TestAgent) => string): Promise<Ask> {
  const { server } = caller;
  const { account, agent } = await readyToCall(server);
  await server.request
    .put('/api/v1/organizations/destination-policy')
    .set('Authorization', `Bearer ${account.token}`)
    .send({ daily_calls_per_key: 1 })
    .expect(200);
  const ask = { path: pathOf(agent), apiKey: account.apiKey, body: { phone_number: '+14155550100' } };
  expect((await send(server, 'POST', ask)).status).toBe(200);
  return ask;
}

function statusesOf(pathOf: (agent: TestAgent) => string): StatusTable[string] {
  const ask = (body: object = {}, agent = caller.agent): Ask => ({
    path: pathOf(agent),
    apiKey: caller.account.apiKey,
    body: { phone_number: '+14155550100', ...body },
  });
  return {
    200: () => ask(),
    400: () => ask({ phone_number: '+15005550001' }),
    404: () => ask({}, nobody),
    409: async () => {
      const line = ask({ telephony_configuration_id: caller.lineId });
      const first = { ...line, headers: { 'Idempotency-Key': pathOf(caller.agent) } };
      await startHeldCall(first);
      return first;
    },
    429: () => exhausted(pathOf),
    501: () => ask({ telephony_configuration_id: asteriskId }, streaming),
    503: () => {
      const { lifecycle } = caller.server.services;
      lifecycle.draining = true;
      endings.push(() => {
        lifecycle.draining = false;
      });
      return ask();
    },
    504: () => {
      onDial((response) => {
        replyJson(response, 500, {});
      });
      return ask({ telephony_configuration_id: caller.lineId });
    },
  };
}

/** An agent UUID of another organization does not exist; its trigger path does. */
function statusesByPath(pathOf: (agent: TestAgent) => string): StatusTable[string] {
  return {
    ...statusesOf(pathOf),
    403: () => ({
      path: pathOf(caller.agent),
      apiKey: stranger.apiKey,
      body: { phone_number: '+14155550100' },
    }),
  };
}

testStatuses(__filename, () => caller.server, {
  'POST /public/agent/{uuid}': statusesByPath(({ triggerPath }) => `/public/agent/${triggerPath}`),
  'POST /public/agent/test/{uuid}': statusesByPath(({ triggerPath }) => `/public/agent/test/${triggerPath}`),
  'POST /public/agent/workflow/{workflow_uuid}': statusesOf(({ uuid }) => `/public/agent/workflow/${uuid}`),
  'POST /public/agent/test/workflow/{workflow_uuid}': statusesOf(
    ({ uuid }) => `/public/agent/test/workflow/${uuid}`,
  ),
});
