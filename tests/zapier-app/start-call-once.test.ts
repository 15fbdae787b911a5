/** A run of a step calls once, however often Zapier replays it, on every server. */
import type { ServerResponse } from 'node:http';
import { callMarker, triggerRequest } from '@dograh-trigger/shared';
import { startCallStep } from '../../zapier-app/src/creates/start_call';
import {
  listedCall,
  replyList,
  standInAgentUuid,
  standInTriggerUuid,
  startStandIn,
  type StandIn,
} from '../support/dograh-stand-in';
import { replyJson, type ReceivedRequest } from '../support/local-server';
import { failureOf, makeBundle, runStep, type RunFacts } from '../support/zapier';

type Input = Record<string, unknown>;

const input = {
  agent: `workflow/${standInAgentUuid}`,
  environment: 'production',
  phone_number: '+14155550100',
};

/** Keeps no keys, as plain Dograh. */
let server: StandIn;
let answerList: (response: ServerResponse, dials: ReceivedRequest[]) => void;

beforeEach(async () => {
  answerList = (response) => {
    replyList(response, []);
  };
  server = await startStandIn({
    list: (response, dials) => {
      answerList(response, dials);
    },
  });
});

afterEach(() => server.close());

function startCall(changes: Input = {}, facts?: RunFacts) {
  return runStep(startCallStep, makeBundle(server.url, { ...input, ...changes }, facts));
}

async function keyFor(changes: Input = {}, facts?: RunFacts) {
  await startCall(changes, facts);
  return server.dials().at(-1)?.headers['idempotency-key'];
}

/** Method and path of every request so far. */
function requests(): string[] {
  return server.requests.map(({ method, url }) => `${method} ${url.replace(/\?.*/, '')}`);
}

const dial = `POST /api/v1/public/agent/workflow/${standInAgentUuid}`;
const list = 'GET /api/v1/organizations/usage/runs';
const agents = 'GET /api/v1/workflow/fetch';

describe('the idempotency key', () => {
  const zap = { zapId: '77' };

  test('is the same for every replay of a run, also when the variables come in another order', async () => {
    const first = await keyFor({ initial_context: { a: '1', b: '2' } }, zap);
    const second = await keyFor({ initial_context: { b: '2', a: '1' } }, zap);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toBe(first);
  });

  test('is the same for two ways to write one number', async () => {
    expect(await keyFor({ phone_number: '+1 415 555 0100' }, zap)).toBe(await keyFor({}, zap));
  });

  test.each<[string, Input, RunFacts]>([
    ['the Zap', {}, { zapId: '78' }],
    ['the agent', { agent: standInTriggerUuid }, zap],
    ['the environment', { environment: 'test' }, zap],
    ['a variable of the agent', { variablename: 'Jane' }, zap],
    ['the greeting', { greeting: 'Hello' }, zap],
    ['the call reference', { call_reference: 'order-1001' }, zap],
  ])('changes with %s', async (_, changes, facts) => {
    const key = await keyFor(changes, facts);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(key).not.toBe(await keyFor({}, zap));
  });

  /** How each field of a request is set to something else; null where the step has no such field. */
  const changes: Record<keyof typeof triggerRequest.shape, Input | null> = {
    phone_number: { phone_number: '+14155550101' },
    initial_context: { initial_context: { name: 'Jane' } },
    telephony_configuration_id: { telephony_configuration_id: 4 },
    from_phone_number_id: { from_phone_number_id: 4 },
    strict_variables: null,
    callback_url: null,
  };
  const settable = Object.entries(changes).flatMap(([field, change]) =>
    change ? [[field, change] as const] : [],
  );

  test.each(settable)('changes with %s of the request', async (_field, change) => {
    expect(await keyFor(change, zap)).not.toBe(await keyFor({}, zap));
  });

  test('no field of a request is forgotten above', () => {
    expect(Object.keys(changes).sort()).toEqual(Object.keys(triggerRequest.shape).sort());
  });

  test('is there when Zapier does not name the Zap', async () => {
    expect(await keyFor()).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is not sent from the editor: every press of Test places a call', async () => {
    expect(await keyFor({}, { isLoadingSample: true })).toBeUndefined();
  });
});

describe('on a server that keeps no keys', () => {
  test('the list of calls is read once before the dial, which carries the mark of its key', async () => {
    expect(await startCall()).toMatchObject({ id: 501, replayed: false });
    expect(requests()).toEqual(['GET /api/v1/health', list, dial, agents]);
    const { initial_context: context } = JSON.parse(server.dials()[0]?.body.toString('utf8') ?? '') as {
      initial_context: Input;
    };
    expect(context[callMarker]).toMatch(/^[0-9a-f]{32}$/);
  });

  test('a replay gives the call of the first run, and nothing is dialled', async () => {
    answerList = (response, dials) => {
      replyList(response, dials.map(listedCall));
    };
    const first = await startCall();
    for (let replay = 1; replay <= 5; replay += 1) {
      expect(await startCall()).toEqual({
        ...first,
        agent_id: 12,
        run_url: expect.any(String),
        replayed: true,
      });
    }
    expect(server.dials()).toHaveLength(1);
    await startCall({ call_reference: 'order-1001' });
    expect(server.dials()).toHaveLength(2);
  });

  test('a list that cannot be read halts the step: nothing is dialled', async () => {
    answerList = (response) => {
      replyJson(response, 500, { detail: 'boom' });
    };
    const { name, message } = await failureOf(startCall());
    expect(name).toBe('HaltedError');
    expect(message).toMatch(
      /^An earlier try of this call may have been placed, so nothing was dialled now\./,
    );
    expect(server.dials()).toEqual([]);
  });

  test('a list that is refused because the key is dead pauses the connection', async () => {
    answerList = (response) => {
      replyJson(response, 401, { detail: 'Invalid or expired API key' });
    };
    expect((await failureOf(startCall())).name).toBe('ExpiredAuthError');
    expect(server.dials()).toEqual([]);
  });

  test('the editor asks nothing: every press of Test places a call', async () => {
    await startCall({}, { isLoadingSample: true });
    expect(requests()).toEqual([dial, agents]);
  });
});

test('a server that keeps keys is asked for no list', async () => {
  const keeping = await startStandIn({ extensions: ['idempotency-key'] });
  await runStep(startCallStep, makeBundle(keeping.url, input));
  await keeping.close();
  expect(keeping.requests.map(({ url }) => url)).toEqual([
    '/api/v1/health',
    `/api/v1/public/agent/workflow/${standInAgentUuid}`,
    '/api/v1/workflow/fetch?status=active',
  ]);
});
