/** A run of a step calls once, however often Zapier replays it, on every server; and says when it calls nobody. */
import type { ServerResponse } from 'node:http';
import { callMarker, triggerRequest } from '@dograh-trigger/shared';
import { startCallStep } from '../../zapier-app/src/creates/start-call';
import {
  listedCall,
  replyList,
  replyPlaced,
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

/** The first call, as it is read. */
const run = {
  id: 501,
  workflow_id: 12,
  name: 'WR-API-501',
  mode: 'twilio',
  created_at: '2026-08-22T03:04:05.123456Z',
  call_type: 'outbound',
  is_completed: false,
};

const placedOn = 'placed before, on 2026-08-22 at 03:04:05 UTC (run 501), so nothing was dialled now.';

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
    replies: { 'GET /api/v1/workflow/0/runs/501': run, 'GET /api/v1/workflow/fetch?status=active': [] },
  });
});

afterEach(() => server.close());

function startCall(changes: Input = {}, facts?: RunFacts) {
  return runStep(startCallStep, makeBundle(server.url, { ...input, ...changes }, facts));
}

async function keyHeadersFor(changes: Input = {}, facts?: RunFacts) {
  await startCall(changes, facts);
  const { 'idempotency-key': key, 'idempotency-key-lifetime': lifetime } =
    server.dials().at(-1)?.headers ?? {};
  return { key, lifetime };
}

async function keyFor(changes: Input = {}, facts?: RunFacts) {
  return (await keyHeadersFor(changes, facts)).key;
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

  test('is kept for as long as replays come: the next day’s call is another one', async () => {
    expect((await keyHeadersFor({}, zap)).lifetime).toBe('43200');
  });

  describe('with a call reference', () => {
    const reference = { call_reference: 'order-1001' };

    test('is kept as long as a server keeps keys, 30 days', async () => {
      expect((await keyHeadersFor(reference, zap)).lifetime).toBe('2592000');
    });

    test.each<[string, Input]>([
      ['a clock in a variable', { initial_context: { now: '2026-11-29T07:00:01Z' } }],
      ['the greeting', { greeting: 'Hello' }],
      ['the caller ID', { from_phone_number_id: 4 }],
    ])('stays the same with %s', async (_, changes) => {
      expect(await keyFor({ ...reference, ...changes }, zap)).toBe(await keyFor(reference, zap));
    });

    test.each<[string, Input, RunFacts]>([
      ['the Zap', {}, { zapId: '78' }],
      ['the agent', { agent: standInTriggerUuid }, zap],
      ['the environment', { environment: 'test' }, zap],
      ['the number', { phone_number: '+14155550101' }, zap],
      ['the reference', { call_reference: 'order-1002' }, zap],
    ])('changes with %s', async (_, changes, facts) => {
      expect(await keyFor({ ...reference, ...changes }, facts)).not.toBe(await keyFor(reference, zap));
    });
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

  test.each([{}, { call_reference: 'order-1001' }])(
    'is not sent by a step that is to call again: %j',
    async (changes) => {
      const again = { ...changes, if_placed_before: 'call_again' };
      expect(await keyHeadersFor(again, zap)).toEqual({ key: undefined, lifetime: undefined });
    },
  );

  test.each(['again', 'follow'])(
    'is not guessed from %s, a choice that the step does not offer: nothing is dialled',
    async (choice) => {
      expect(await failureOf(startCall({ if_placed_before: choice }))).toEqual({
        name: 'HaltedError',
        message:
          'If the Same Call Was Placed Before: choose one from the list; a mapped value must be skip or call_again',
      });
      expect(server.dials()).toEqual([]);
    },
  );
});

describe('on a server that keeps no keys', () => {
  test('the list of calls is read once before the dial, which carries the mark of its key', async () => {
    expect(await startCall()).toMatchObject({ id: 501, status: 'initiated' });
    expect(requests()).toEqual(['GET /api/v1/health', list, dial, agents]);
    const { initial_context: context } = JSON.parse(server.dials()[0]?.body.toString('utf8') ?? '') as {
      initial_context: Input;
    };
    expect(context[callMarker]).toMatch(/^[0-9a-f]{32}$/);
  });

  test('a replay halts, five times over, and says when the call was placed', async () => {
    answerList = (response, dials) => {
      replyList(response, dials.map(listedCall));
    };
    await startCall();
    for (let replay = 1; replay <= 5; replay += 1) {
      const { name, message } = await failureOf(startCall());
      expect(name).toBe('HaltedError');
      expect(message).toBe(
        `The same call was ${placedOn} To call again, change an input of this step, or set If the Same Call Was Placed Before to Call Again.`,
      );
    }
    expect(server.dials()).toHaveLength(1);
    await startCall({ call_reference: 'order-1001' });
    expect(server.dials()).toHaveLength(2);
  });

  test('a step that is to call again asks nothing, and calls every time', async () => {
    await startCall({ if_placed_before: 'call_again' });
    await startCall({ if_placed_before: 'call_again' });
    expect(requests()).toEqual([dial, agents, dial, agents]);
  });

  test('a list that cannot be read halts the step: nothing is dialled', async () => {
    answerList = (response) => {
      replyJson(response, 500, { detail: 'boom' });
    };
    const { name, message } = await failureOf(startCall());
    expect(name).toBe('HaltedError');
    expect(message).toMatch(/^An earlier try of this call may have been placed, so it was not placed now\./);
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

describe('on a server that keeps keys', () => {
  let keeping: StandIn;
  let answerDial: (response: ServerResponse) => void;

  beforeEach(async () => {
    answerDial = (response) => {
      replyPlaced(response, 1);
    };
    keeping = await startStandIn({
      extensions: ['idempotency-key', 'key-lifetime'],
      trigger: (response) => {
        answerDial(response);
      },
      replies: { 'GET /api/v1/workflow/0/runs/501': run },
    });
  });

  afterEach(() => keeping.close());

  function start(changes: Input = {}) {
    return runStep(startCallStep, makeBundle(keeping.url, { ...input, ...changes }));
  }

  test('no list is read', async () => {
    await start();
    expect(keeping.requests.map(({ url }) => url)).toEqual([
      '/api/v1/health',
      `/api/v1/public/agent/workflow/${standInAgentUuid}`,
      '/api/v1/workflow/fetch?status=active',
    ]);
  });

  test('a reply to an earlier request is not told as a call that was started', async () => {
    answerDial = (response) => {
      replyPlaced(response, 1, { 'idempotency-replayed': 'true' });
    };
    const { name, message } = await failureOf(start());
    expect(name).toBe('HaltedError');
    expect(message).toContain(`The same call was ${placedOn}`);
  });

  test('a call reference that another call has had, whatever its variables said, is a call that was placed', async () => {
    answerDial = (response) => {
      const problem = { detail: 'Idempotency key was already used', code: 'idempotency_key_reused' };
      replyJson(response, 422, problem, { location: '/api/v1/workflow/12/runs/501' });
    };
    const { name, message } = await failureOf(start({ call_reference: 'order-1001' }));
    expect(name).toBe('HaltedError');
    expect(message).toBe(
      `A call with this Call Reference was ${placedOn} To call again, change the Call Reference, or set If the Same Call Was Placed Before to Call Again.`,
    );
  });

  test('the step halts also where the run of the earlier call cannot be read', async () => {
    answerDial = (response) => {
      replyPlaced(response, 2, { 'idempotency-replayed': 'true' });
    };
    const { name, message } = await failureOf(start());
    expect(name).toBe('HaltedError');
    expect(message).toContain('The same call was placed before (run 502), so nothing was dialled now.');
  });
});
