/** A run of Start Call calls once on every server, however often Zapier replays it. */
import type { ServerResponse } from 'node:http';
import { callMarker } from '@dograh-trigger/shared';
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
import { triggerFields } from '../support/trigger-fields';
import { failureOf, makeBundle, runStep, type BundleOptions } from '../support/zapier';

type Input = Record<string, unknown>;

const input = {
  agent: `workflow/${standInAgentUuid}`,
  environment: 'production',
  phone_number: '+14155550100',
};

/** The first call. */
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

/** Like plain Dograh it keeps no keys. */
let server: StandIn;
let answerList: (response: ServerResponse, dials: ReceivedRequest[]) => void;

beforeEach(async () => {
  answerList = (response) => {
    replyList(response, []);
  };
  server = await startStandIn({
    extensions: ['scheduling'],
    list: (response, dials) => {
      answerList(response, dials);
    },
    replies: { 'GET /api/v1/workflow/0/runs/501': run, 'GET /api/v1/workflow/fetch?status=active': [] },
  });
});

afterEach(() => server.close());

function startCall(changes: Input = {}, fields?: BundleOptions) {
  return runStep(startCallStep, makeBundle(server.url, { ...input, ...changes }, fields));
}

async function keyHeadersFor(changes: Input = {}, fields?: BundleOptions) {
  await startCall(changes, fields);
  const { 'idempotency-key': key, 'idempotency-key-lifetime': lifetime } =
    server.dials().at(-1)?.headers ?? {};
  return { key, lifetime };
}

async function keyFor(changes: Input = {}, fields?: BundleOptions) {
  return (await keyHeadersFor(changes, fields)).key;
}

/** Method and path of all requests so far. */
function requests(): string[] {
  return server.requests.map(({ method, url }) => `${method} ${url.replace(/\?.*/, '')}`);
}

const dial = `POST /api/v1/public/agent/workflow/${standInAgentUuid}`;
const list = 'GET /api/v1/organizations/usage/runs';
const agents = 'GET /api/v1/workflow/fetch';

describe('the idempotency key', () => {
  const zap = { zapId: '77' };

  test('is the same for every replay of a run, even with the variables in another order', async () => {
    const first = await keyFor({ initial_context: { a: '1', b: '2' } }, zap);
    const second = await keyFor({ initial_context: { b: '2', a: '1' } }, zap);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toBe(first);
  });

  test('is the same for two spellings of a number', async () => {
    expect(await keyFor({ phone_number: '+1 415 555 0100' }, zap)).toBe(await keyFor({}, zap));
  });

  test.each<[string, Input, BundleOptions]>([
    ['the Zap', {}, { zapId: '78' }],
    ['the agent', { agent: standInTriggerUuid }, zap],
    ['the environment', { environment: 'test' }, zap],
    ['a variable of the agent', { variablename: 'Jane' }, zap],
    ['the greeting', { greeting: 'Hello' }, zap],
    ['the call reference', { call_reference: 'order-1001' }, zap],
  ])('changes with %s', async (_, changes, fields) => {
    const key = await keyFor(changes, fields);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(key).not.toBe(await keyFor({}, zap));
  });

  test('is kept for 12 hours, as long as replays occur, so that the next day’s call is another one', async () => {
    expect((await keyHeadersFor({}, zap)).lifetime).toBe('43200');
  });

  describe('with a call reference', () => {
    const reference = { call_reference: 'order-1001' };

    test('is kept for 30 days, the maximum', async () => {
      expect((await keyHeadersFor(reference, zap)).lifetime).toBe('2592000');
    });

    test.each<[string, Input]>([
      ['a clock in a variable', { initial_context: { now: '2026-11-29T07:00:01Z' } }],
      ['the greeting', { greeting: 'Hello' }],
      ['the caller ID', { from_phone_number_id: 4 }],
    ])('stays the same with %s', async (_, changes) => {
      expect(await keyFor({ ...reference, ...changes }, zap)).toBe(await keyFor(reference, zap));
    });

    test.each<[string, Input, BundleOptions]>([
      ['the Zap', {}, { zapId: '78' }],
      ['the agent', { agent: standInTriggerUuid }, zap],
      ['the environment', { environment: 'test' }, zap],
      ['the number', { phone_number: '+14155550101' }, zap],
      ['the reference', { call_reference: 'order-1002' }, zap],
    ])('changes with %s', async (_, changes, fields) => {
      expect(await keyFor({ ...reference, ...changes }, fields)).not.toBe(await keyFor(reference, zap));
    });
  });

  const settable = Object.entries(triggerFields).flatMap(([field, { zapier }]) =>
    zapier ? [[field, zapier] as const] : [],
  );

  test.each(settable)('changes with %s of the request', async (_field, change) => {
    expect(await keyFor(change, zap)).not.toBe(await keyFor({}, zap));
  });

  test('exists even if Zapier does not send the Zap’s id', async () => {
    expect(await keyFor()).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is not sent from the editor: every press of Test places a call', async () => {
    expect(await keyFor({}, { isLoadingSample: true })).toBeUndefined();
  });

  test.each([{}, { call_reference: 'order-1001' }])('is not sent with "call_again": %j', async (changes) => {
    const again = { ...changes, if_placed_before: 'call_again' };
    expect(await keyHeadersFor(again, zap)).toEqual({ key: undefined, lifetime: undefined });
  });

  test.each(['again', 'follow'])(
    'is not derived for %s, a choice that the step does not offer: nothing is dialled',
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
  test('the list of calls is read once before the dial, and the dial has the mark of its key', async () => {
    expect(await startCall()).toMatchObject({ id: 501, status: 'initiated' });
    expect(requests()).toEqual([list, dial, agents]);
    const { initial_context: context } = JSON.parse(server.dials()[0]?.body.toString('utf8') ?? '') as {
      initial_context: Input;
    };
    expect(context[callMarker]).toMatch(/^[0-9a-f]{32}$/);
  });

  test('each of five replays halts and says when the call was placed', async () => {
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

  test('with "call_again" the step reads no list, and calls every time', async () => {
    await startCall({ if_placed_before: 'call_again' });
    await startCall({ if_placed_before: 'call_again' });
    expect(requests()).toEqual([dial, agents, dial, agents]);
  });

  test('an unreadable list halts the step: nothing is dialled', async () => {
    answerList = (response) => {
      replyJson(response, 500, { detail: 'boom' });
    };
    const { name, message } = await failureOf(startCall());
    expect(name).toBe('HaltedError');
    expect(message).toMatch(/^An earlier try of this call may have been placed, so it was not placed now\./);
    expect(server.dials()).toEqual([]);
  });

  test('a list that is refused because of an invalid key pauses the connection', async () => {
    answerList = (response) => {
      replyJson(response, 401, { detail: 'Invalid or expired API key' });
    };
    expect((await failureOf(startCall())).name).toBe('ExpiredAuthError');
    expect(server.dials()).toEqual([]);
  });

  test('in the editor no list is read: every press of Test places a call', async () => {
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

  test('the list is read once, too, because the key may have expired', async () => {
    await start();
    expect(keeping.requests.map(({ url }) => url.replace(/\?page=.*/, ''))).toEqual([
      '/api/v1/organizations/usage/runs',
      `/api/v1/public/agent/workflow/${standInAgentUuid}`,
      '/api/v1/workflow/fetch?status=active',
    ]);
  });

  test('a replayed reply is not reported as a started call', async () => {
    answerDial = (response) => {
      replyPlaced(response, 1, { 'idempotency-replayed': 'true' });
    };
    const { name, message } = await failureOf(start());
    expect(name).toBe('HaltedError');
    expect(message).toContain(`The same call was ${placedOn}`);
  });

  test('a Call Reference that was used with other variables counts as placed before', async () => {
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

  test('the step also halts when the run of the earlier call cannot be read', async () => {
    answerDial = (response) => {
      replyPlaced(response, 2, { 'idempotency-replayed': 'true' });
    };
    const { name, message } = await failureOf(start());
    expect(name).toBe('HaltedError');
    expect(message).toContain('The same call was placed before (run 502), so nothing was dialled now.');
  });
});
