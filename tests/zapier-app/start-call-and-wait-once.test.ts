/**
 * Start Call and Wait calls once. It searches for its call first, and does not take over the callback of another
 * run.
 */
import type { ServerResponse } from 'node:http';
import { startCallAndWaitStep } from '../../zapier-app/src/creates/start-call-and-wait';
import {
  breakConnection,
  listedCall,
  replyCalls,
  replyPlaced,
  standInAgentUuid,
  startStandIn,
  type StandIn,
} from '../support/dograh-stand-in';
import { replyJson, type ReceivedRequest } from '../support/local-server';
import { execute, failureOf, makeBundle, runStep } from '../support/zapier';

type Input = Record<string, unknown>;

const input = {
  agent: `workflow/${standInAgentUuid}`,
  environment: 'production',
  phone_number: '+14155550100',
};

const ended = {
  id: 501,
  workflow_id: 12,
  name: 'WR-API-501',
  mode: 'twilio',
  created_at: '2026-08-22T03:04:05.123Z',
  call_type: 'outbound',
  is_completed: true,
  status: 'completed',
  initial_context: { called_number: '+14155550100' },
  gathered_context: { call_disposition: 'user_hangup' },
};

let server: StandIn;
let run: object;
/** Additional fields of each row of the list. */
let rowNotes: object;
let answerDial: (response: ServerResponse, count: number) => void;
let answerList: (response: ServerResponse, dials: ReceivedRequest[]) => void;

beforeEach(async () => {
  run = ended;
  rowNotes = {};
  answerDial = replyPlaced;
  answerList = (response, dials) => {
    replyCalls(
      response,
      dials.map((dial, index) => ({ ...listedCall(dial, index), ...rowNotes })),
    );
  };
  server = await startStandIn({
    extensions: ['idempotency-key', 'key-lifetime', 'callback-url'],
    trigger: (response, count) => {
      answerDial(response, count);
    },
    list: (response, dials) => {
      answerList(response, dials);
    },
    replies: { 'GET /api/v1/workflow/0/runs/501': () => run },
  });
});

afterEach(() => server.close());

function start(changes: Input = {}) {
  return runStep(startCallAndWaitStep, makeBundle(server.url, { ...input, ...changes }));
}

test('a call that was placed before halts the step, which does not send its callback URL', async () => {
  await start();
  const { name, message } = await failureOf(start());
  expect(name).toBe('HaltedError');
  expect(message).toContain(
    'The same call was placed before, on 2026-08-22 at 03:04:05 UTC (run 501), so nothing was dialled now.',
  );
  expect(server.dials()).toHaveLength(1);
});

test('with "follow" the step returns the result of an ended call at once, without waiting', async () => {
  await start();
  const replay = makeBundle(server.url, { ...input, if_placed_before: 'follow' });
  const { status, results } = await execute(
    'creates.start_call_and_wait.operation.perform',
    replay,
    'https://example.com/waits',
  );
  expect(status).toBe('SUCCESS');
  expect(results).toMatchObject({
    id: 501,
    status: 'completed',
    disposition: 'user_hangup',
    already_placed: true,
  });
  expect(server.dials()).toHaveLength(1);
});

test('with "follow" and a call in progress the step runs again later', async () => {
  await start();
  run = { ...ended, is_completed: false, status: 'answered' };
  expect(await failureOf(start({ if_placed_before: 'follow' }))).toMatchObject({
    name: 'ThrottledError',
    message:
      'The same call was placed before, on 2026-08-22 at 03:04:05 UTC (run 501) and is under way. Its result is taken when it has ended.',
  });
  expect(server.dials()).toHaveLength(1);
});

test('with "follow" and a queued call the step runs again when that is due, or in some hours', async () => {
  await start();
  const dueAt = new Date(Date.now() + 3600_000).toISOString();
  const queued = { ...ended, is_completed: false, status: 'queued', waiting_for: 'hours', due_at: dueAt };
  run = queued;
  const failure = await failureOf(start({ if_placed_before: 'follow' }));
  expect(failure).toMatchObject({
    name: 'ThrottledError',
    message: `The same call was placed before, on 2026-08-22 at 03:04:05 UTC (run 501). The call waits for the calling hours and is due at ${dueAt}. Its result is taken when it has ended.`,
  });
  expect(failure.delay).toBeGreaterThan(3590);
  expect(failure.delay).toBeLessThan(3600 + 60);
  run = { ...queued, due_at: '2099-01-01T00:00:00Z' };
  expect((await failureOf(start({ if_placed_before: 'follow' }))).delay).toBeLessThan(7 * 3600);
});

test('a queued call that was placed before halts the step, which says what it waits for', async () => {
  await start();
  run = { ...ended, is_completed: false, status: 'queued', waiting_for: 'slot', due_at: null };
  const { name, message } = await failureOf(start());
  expect(name).toBe('HaltedError');
  expect(message).toContain('so nothing was dialled now. The call waits for a free slot. To call again,');
});

describe('a call that another run places right after the search', () => {
  beforeEach(() => {
    answerList = (response) => {
      replyCalls(response, []);
    };
    answerDial = (response) => {
      replyPlaced(response, 1, { 'idempotency-replayed': 'true' });
    };
  });

  test('halts the step like any earlier call', async () => {
    const { name, message } = await failureOf(start());
    expect(name).toBe('HaltedError');
    expect(message).toContain(
      'The same call was placed before, on 2026-08-22 at 03:04:05 UTC (run 501), so nothing was dialled now.',
    );
  });

  test('makes the step run again with "follow"', async () => {
    expect(await failureOf(start({ if_placed_before: 'follow' }))).toMatchObject({
      name: 'ThrottledError',
      message:
        'The same call was placed before (run 501) and is under way. Its result is taken when it has ended.',
    });
  });

  test('does the same with a Call Reference and other variables', async () => {
    answerDial = (response) => {
      const problem = { detail: 'Idempotency key was already used', code: 'idempotency_key_reused' };
      replyJson(response, 422, problem, { location: '/api/v1/workflow/12/runs/501' });
    };
    const referred = { call_reference: 'order-1001' };
    expect((await failureOf(start(referred))).name).toBe('HaltedError');
    expect(await failureOf(start({ ...referred, if_placed_before: 'follow' }))).toMatchObject({
      name: 'ThrottledError',
      message:
        'A call with this Call Reference was placed before (run 501) and is under way. Its result is taken when it has ended.',
    });
  });
});

test('a run that was not placed does not count as a call', async () => {
  await start();
  rowNotes = { reason: 'not_placed' };
  expect(await start()).toMatchObject({ id: 502, already_placed: false });
  expect(server.dials()).toHaveLength(2);
});

test('after a lost reply the step repeats the request with the same key, and continues with its call', async () => {
  answerDial = (response, count) => {
    if (count === 1) breakConnection(response);
    else replyPlaced(response, 1, { 'idempotency-replayed': 'true' });
  };
  answerList = (response) => {
    replyCalls(response, []);
  };
  expect(await start()).toMatchObject({ id: 501, status: 'initiated' });
  const [first, second] = server.dials();
  expect(first?.headers['idempotency-key']).toMatch(/^[0-9a-f]{64}$/);
  expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
  expect(second?.body).toEqual(first?.body);
});

test('with "call_again" the step searches nothing, sends no key and repeats nothing', async () => {
  answerDial = breakConnection;
  expect((await failureOf(start({ if_placed_before: 'call_again' }))).name).toBe('HaltedError');
  expect(server.dials().map(({ headers }) => headers['idempotency-key'])).toEqual([undefined]);
  expect(server.requests.filter(({ url }) => url.includes('/usage/runs'))).toEqual([]);
});

test('an unreadable list stops the step before it dials', async () => {
  answerList = (response) => {
    replyJson(response, 403, { detail: 'no' });
  };
  expect((await failureOf(start())).name).toBe('AppError');
  expect(server.dials()).toEqual([]);
});
