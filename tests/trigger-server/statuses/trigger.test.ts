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
/** A configuration for Asterisk, which supports announcements but not streaming. */
let asteriskId: number;
let streaming: TestAgent;
let stranger: Account;
/** May call the streaming agent only. */
let limitedKey: string;
/** Clean-up functions of the current test. */
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
  const limited = await server.request
    .post('/api/v1/user/api-keys')
    .set('X-API-Key', account.apiKey)
    .send({ name: 'limited', scope: 'trigger', agents: [streaming.id] })
    .expect(200);
  limitedKey = (limited.body as { api_key: string }).api_key;
  stranger = await server.signUp();
  // The server regards the connection as open only after it has read what Asterisk sent. Each request lets it read.
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

/** Sets the carrier's answer to dials until the end of the test. */
function onDial(answer: (response: ServerResponse) => void): void {
  const { carrier } = caller;
  const before = carrier.onDial;
  carrier.onDial = answer;
  endings.push(() => {
    carrier.onDial = before;
  });
}

/** Sends the first request with an idempotency key. The carrier does not answer its dial before the end of the test. */
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

/** The path for calls of an agent, and the body fields besides the number that identify the agent. */
interface Calling {
  path: string;
  body?: object;
}

/** A request of an organization whose key has used up its daily calls. */
async function exhausted(callingOf: (agent: TestAgent) => Calling): Promise<Ask> {
  const { server } = caller;
  const { account, agent } = await readyToCall(server);
  await server.request
    .put('/api/v1/organizations/destination-policy')
    .set('Authorization', `Bearer ${account.token}`)
    .send({ daily_calls_per_key: 1 })
    .expect(200);
  const { path, body } = callingOf(agent);
  const ask = { path, apiKey: account.apiKey, body: { phone_number: '+14155550100', ...body } };
  expect((await send(server, 'POST', ask)).status).toBe(200);
  return ask;
}

function statusesOf(callingOf: (agent: TestAgent) => Calling): StatusTable[string] {
  const ask = (body: object = {}, agent = caller.agent): Ask => {
    const calling = callingOf(agent);
    return {
      path: calling.path,
      apiKey: caller.account.apiKey,
      body: { phone_number: '+14155550100', ...calling.body, ...body },
    };
  };
  return {
    200: () => ask(),
    400: () => ask({ phone_number: '+15005550001' }),
    404: () => ask({}, nobody),
    409: async () => {
      const line = ask({ telephony_configuration_id: caller.lineId });
      const first = { ...line, headers: { 'Idempotency-Key': callingOf(caller.agent).path } };
      await startHeldCall(first);
      return first;
    },
    429: () => exhausted(callingOf),
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

/** The agent UUID of another organization is not found, but its trigger path is. */
/** A call that waits. */
const queuedBy = (path: string): Ask => ({
  path,
  apiKey: caller.account.apiKey,
  body: { phone_number: '+14155550100', not_before: '2026-12-24T09:00:00Z' },
});

function statusesByPath(pathOf: (agent: TestAgent) => string): StatusTable[string] {
  return {
    202: () => queuedBy(pathOf(caller.agent)),
    ...statusesOf((agent) => ({ path: pathOf(agent) })),
    403: () => ({
      path: pathOf(caller.agent),
      apiKey: stranger.apiKey,
      body: { phone_number: '+14155550100' },
    }),
  };
}

function statusesByUuid(pathOf: (agent: TestAgent) => string): StatusTable[string] {
  return {
    202: () => queuedBy(pathOf(caller.agent)),
    ...statusesOf((agent) => ({ path: pathOf(agent) })),
    403: () => ({
      path: pathOf(caller.agent),
      apiKey: limitedKey,
      body: { phone_number: '+14155550100' },
    }),
  };
}

testStatuses(__filename, () => caller.server, {
  'POST /public/agent/{uuid}': statusesByPath(({ triggerPath }) => `/public/agent/${triggerPath}`),
  'POST /public/agent/test/{uuid}': statusesByPath(({ triggerPath }) => `/public/agent/test/${triggerPath}`),
  'POST /public/agent/workflow/{workflow_uuid}': statusesByUuid(
    ({ uuid }) => `/public/agent/workflow/${uuid}`,
  ),
  'POST /public/agent/test/workflow/{workflow_uuid}': statusesByUuid(
    ({ uuid }) => `/public/agent/test/workflow/${uuid}`,
  ),
  'POST /telephony/initiate-call': statusesOf(({ id }) => ({
    path: '/telephony/initiate-call',
    body: { workflow_id: id },
  })),
});
