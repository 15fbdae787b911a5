/**
 * Both triggers for ended calls.
 *
 * Longer than 400 lines because the two are compared, on one server with one set of calls.
 */
import { signWebhook } from '@dograh-trigger/shared';
import {
  callCompleted,
  callCompletedStep,
  callCompletedSubscribe,
  callCompletedList,
  callCompletedUnsubscribe,
} from '../../zapier-app/src/triggers/call-completed';
import { callCompletedPolling, recentCallsStep } from '../../zapier-app/src/triggers/call-completed-polling';
import { replyJson, startLocalServer, type LocalServer } from '../support/local-server';
import { appTester, failureOf, makeBundle, runStep } from '../support/zapier';

const uuid = '0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0';
const agent = `workflow/${uuid}`;
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const minute = 60_000;

const run = {
  id: 501,
  workflow_id: 7,
  name: 'WR-API-7823',
  mode: 'twilio',
  created_at: '2026-08-22T03:04:05.123Z',
  call_type: 'outbound',
  is_completed: true,
  transcript_url: 'transcripts/501.txt',
  recording_url: null,
  transcript_public_url: '/api/v1/public/download/workflow/t/transcript',
  usage_info: { llm: {}, tts: {}, stt: {}, call_duration_seconds: 42 },
  initial_context: { called_number: '+14155550100' },
  gathered_context: { call_disposition: 'user_hangup' },
};

let server: LocalServer;
let replies: Record<string, unknown>;
let rows: object[];
/** The number of the page that cannot be read. */
let failingPage: number | undefined;

beforeEach(async () => {
  rows = [];
  failingPage = undefined;
  replies = {
    'GET /api/v1/health': { status: 'ok', version: '0.1.0', extensions: ['hooks'] },
    'GET /api/v1/workflow/fetch': [
      { id: 7, name: 'Reminder', status: 'active', created_at: run.created_at, workflow_uuid: uuid },
    ],
    'GET /api/v1/workflow/0/runs/501': run,
    'POST /api/v1/hooks': {
      id: 9,
      target_url: 'https://hooks.zapier.com/1',
      events: ['call.completed'],
      workflow_uuid: null,
      created_at: run.created_at,
      secret,
    },
    'DELETE /api/v1/hooks/9': { success: true },
  };
  server = await startLocalServer(({ method, url }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    if (pathname === '/api/v1/organizations/usage/runs') {
      const page = Number(searchParams.get('page'));
      if (page === failingPage) {
        replyJson(response, 403, { detail: 'no' });
        return;
      }
      replyJson(response, 200, {
        runs: rows.slice((page - 1) * 100, page * 100),
        total_dograh_tokens: 0,
        total_duration_seconds: 0,
        total_count: rows.length,
        page,
        limit: 100,
        total_pages: Math.ceil(rows.length / 100),
      });
      return;
    }
    const reply = replies[`${method} ${pathname}`];
    replyJson(response, reply === undefined ? 404 : 200, reply ?? { detail: 'Not Found' });
  });
});

afterEach(async () => {
  await server.close();
});

/** The paths of all requests so far. */
function paths(): string[] {
  return server.requests.map(({ url }) => url.replace(/\?.*/, ''));
}

describe('the instant trigger', () => {
  function subscribe(input: object = {}) {
    return appTester(callCompletedSubscribe, {
      ...makeBundle(server.url, { ...input }),
      targetUrl: 'https://hooks.zapier.com/1',
    });
  }

  function bodyOf(url: string): unknown {
    const sent = server.requests.find((request) => request.method === 'POST' && request.url === url);
    return JSON.parse(sent?.body.toString('utf8') ?? 'null');
  }

  test('subscribes the address of the Zap, and returns the id and the secret', async () => {
    expect(await subscribe()).toMatchObject({ id: 9, secret });
    expect(bodyOf('/api/v1/hooks')).toEqual({
      target_url: 'https://hooks.zapier.com/1',
      event: 'call.completed',
    });
  });

  test('subscribes to one agent only when one is chosen', async () => {
    await subscribe({ agent });
    expect(bodyOf('/api/v1/hooks')).toMatchObject({ workflow_uuid: uuid });
  });

  test('subscribes to the chosen events', async () => {
    await subscribe({ events: ['call.artifacts_ready', 'call.attempt_ended'] });
    expect(bodyOf('/api/v1/hooks')).toMatchObject({ event: ['call.attempt_ended', 'call.artifacts_ready'] });
  });

  test('refuses an agent that is not in the list', async () => {
    expect(await failureOf(subscribe({ agent: 'workflow/gone' }))).toMatchObject({ code: 'not_found' });
    expect(bodyOf('/api/v1/hooks')).toBeNull();
  });

  test('on a server without events the error names the other trigger', async () => {
    replies['GET /api/v1/health'] = { status: 'ok', version: '1.45.0' };
    expect(await failureOf(subscribe())).toMatchObject({
      name: 'AppError',
      code: 'unsupported',
      message: expect.stringContaining('Use the trigger Call Completed (Any Server) instead') as string,
    });
  });

  test('unsubscribes by the id', async () => {
    const bundle = { ...makeBundle(server.url), subscribeData: { id: '9' } };
    expect(await appTester(callCompletedUnsubscribe, bundle)).toEqual({ id: 9 });
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['DELETE /api/v1/hooks/9']);
  });

  test('unsubscribes without an error from a subscription that no longer exists', async () => {
    const bundle = { ...makeBundle(server.url), subscribeData: { id: '10' } };
    expect(await appTester(callCompletedUnsubscribe, bundle)).toEqual({ id: 10 });
  });

  interface Posted {
    input?: Record<string, unknown>;
    content?: string;
    signedWith?: string;
    secondsAgo?: number;
    prefix?: string;
  }

  function receive({
    input = {},
    content = JSON.stringify({ type: 'call.completed', timestamp: run.created_at, data: run }),
    signedWith = secret,
    secondsAgo = 0,
    prefix = 'Http-',
  }: Posted = {}) {
    const timestampSeconds = Math.floor(Date.now() / 1000) - secondsAgo;
    const signature = signWebhook(signedWith, { id: 'e-1', timestampSeconds, body: content });
    const bundle = {
      ...makeBundle(server.url, input),
      subscribeData: { id: '9', secret },
      rawRequest: {
        method: 'POST' as const,
        content,
        headers: {
          [`${prefix}Webhook-Id`]: 'e-1',
          [`${prefix}Webhook-Timestamp`]: String(timestampSeconds),
          [`${prefix}Webhook-Signature`]: signature,
        },
      },
    };
    return appTester(callCompletedStep, bundle);
  }

  const received = {
    id: 501,
    status: 'completed',
    disposition: 'user_hangup',
    direction: 'outbound',
    transcript_url: expect.stringContaining('/api/v1/public/download/workflow/t/transcript') as string,
  };

  test.each(['Http-', ''])(
    'returns the run of a signed event, and reads only the agent’s name from the server (headers "%sWebhook-Id")',
    async (prefix) => {
      expect(await receive({ prefix })).toMatchObject([{ ...received, agent_name: 'Reminder' }]);
      expect(paths()).toEqual(['/api/v1/workflow/fetch']);
    },
  );

  test.each([
    [['completed', 'busy'], 1],
    [['no-answer'], 0],
    [[], 1],
  ])('with the statuses %j fires for %i answered calls', async (statuses, calls) => {
    expect(await receive({ input: { statuses } })).toHaveLength(calls);
  });

  test('makes root-relative links absolute', async () => {
    const [call] = await receive();
    expect(call?.transcript_url).toBe(`${server.url}/api/v1/public/download/workflow/t/transcript`);
  });

  test.each([
    [
      'is signed with another secret, as after a rotation',
      { signedWith: 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
    ],
    ['is hours old, as after a Zap was held back', { secondsAgo: 20_000 }],
  ])('for an event that %s reads the run from the server', async (_, posted) => {
    expect(await receive(posted)).toMatchObject([received]);
    expect(paths()).toEqual(['/api/v1/workflow/0/runs/501', '/api/v1/workflow/fetch']);
  });

  test('for an unsigned event uses only what the server returns', async () => {
    const signedWith = 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    const data = { ...run, gathered_context: { call_disposition: 'user_qualified' } };
    const content = JSON.stringify({ type: 'call.completed', timestamp: run.created_at, data });
    expect(await receive({ content, signedWith })).toMatchObject([{ disposition: 'user_hangup' }]);
  });

  test('for an answer fires while the call is in progress, whatever the chosen statuses are', async () => {
    const data = { ...run, status: 'answered', is_completed: false, answered_at: run.created_at };
    const content = JSON.stringify({ type: 'call.answered', timestamp: run.created_at, data });
    expect(await receive({ content, input: { statuses: ['busy'] } })).toMatchObject([
      { event: 'call.answered', status: 'answered', attempt_number: null },
    ]);
    const unanswered = JSON.stringify({
      type: 'call.answered',
      timestamp: run.created_at,
      data: { ...data, answered_at: null },
    });
    expect(await receive({ content: unanswered })).toEqual([]);
  });

  describe('for the end of an attempt', () => {
    const attempt = {
      number: 1,
      call_id: 'CA1',
      status: 'no-answer',
      disposition: 'no-answer',
      reason: 'no_answer',
      started_at: run.created_at,
      ended_at: run.created_at,
    };
    const waiting = { ...run, status: 'queued', is_completed: false, attempts: [attempt] };
    const content = JSON.stringify({
      type: 'call.attempt_ended',
      timestamp: run.created_at,
      data: waiting,
      attempt,
    });
    const fields = {
      event: 'call.attempt_ended',
      status: 'queued',
      attempt_number: 1,
      attempt_status: 'no-answer',
      attempt_reason: 'no_answer',
    };

    test('returns the attempt beside the call, which may wait for the next one', async () => {
      expect(await receive({ content })).toMatchObject([fields]);
    });

    test('filters by the status of the attempt', async () => {
      expect(await receive({ content, input: { statuses: ['no-answer'] } })).toHaveLength(1);
      expect(await receive({ content, input: { statuses: ['completed'] } })).toEqual([]);
    });

    test('fires for an unsigned event only if the server confirms the attempt', async () => {
      const signedWith = 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
      replies['GET /api/v1/workflow/0/runs/501'] = waiting;
      expect(await receive({ content, signedWith })).toMatchObject([fields]);
      replies['GET /api/v1/workflow/0/runs/501'] = { ...waiting, attempts: [{ ...attempt, ended_at: null }] };
      expect(await receive({ content, signedWith })).toEqual([]);
    });
  });

  test('does not fire for a test event', async () => {
    const content = JSON.stringify({
      type: 'call.completed',
      timestamp: run.created_at,
      test: true,
      data: run,
    });
    expect(await receive({ content })).toEqual([]);
    expect(server.requests).toEqual([]);
  });

  test('does not fire for a call in progress', async () => {
    replies['GET /api/v1/workflow/0/runs/501'] = { ...run, is_completed: false };
    const signedWith = 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    expect(await receive({ signedWith })).toEqual([]);
  });

  test.each(['', 'not JSON', '[]', '{"type":"call.started"}', '{"type":"call.completed"}'])(
    'does not fire for %j',
    async (content) => {
      expect(await receive({ content })).toEqual([]);
    },
  );
});

describe('the polling trigger', () => {
  /** A row of the usage list of plain Dograh. */
  function row(id: number, changes: object = {}) {
    return {
      id,
      workflow_id: 7,
      workflow_name: 'Reminder',
      name: `WR-API-${String(id)}`,
      created_at: minutesAgo(10),
      dograh_token_usage: 0,
      call_duration_seconds: 42,
      recording_url: null,
      transcript_url: 'transcripts/501.txt',
      called_number: '+14155550100',
      call_type: 'outbound',
      mode: 'twilio',
      disposition: 'user_hangup',
      initial_context: { called_number: '+14155550100' },
      gathered_context: { call_disposition: 'user_hangup' },
      ...changes,
    };
  }

  function minutesAgo(minutes: number): string {
    return new Date(Date.now() - minutes * minute).toISOString();
  }

  function poll(input: object = {}, fields?: Parameters<typeof makeBundle>[2]) {
    return runStep(recentCallsStep, makeBundle(server.url, { ...input }, fields));
  }

  test('returns every ended call, newest first, from all pages', async () => {
    rows = Array.from({ length: 250 }, (_, index) => row(1000 - index));
    const ids = (await poll()).map(({ id }) => id);
    expect(ids).toEqual(rows.map((_, index) => 1000 - index));
  });

  test('reads the phone calls of the last day', async () => {
    await poll();
    const [, { url } = { url: '' }] = server.requests;
    const { searchParams } = new URL(url, server.url);
    expect(JSON.parse(searchParams.get('filters') ?? '')).toEqual([
      { attribute: 'callChannel', type: 'radio', value: { status: 'telephony' } },
    ]);
    const ageHours = (Date.now() - Date.parse(searchParams.get('start_date') ?? '')) / 3_600_000;
    expect(ageHours).toBeCloseTo(24, 1);
  });

  test('where calls wait, reads only ended ones, so that many waiting calls keep none of them out', async () => {
    replies['GET /api/v1/health'] = { status: 'ok', version: '0.1.0', extensions: ['scheduling'] };
    await poll();
    const lists = server.requests.filter(({ url }) => url.includes('/usage/runs'));
    const filters = lists.map(({ url }) => new URL(url, server.url).searchParams.get('filters'));
    const ended = { attribute: 'status', type: 'radio', value: { status: 'completed' } };
    // The calls of the last day, and those that have waited for longer.
    expect(filters).toEqual(Array(2).fill(expect.stringContaining(JSON.stringify(ended))));
  });

  test('filters by the agent if one is chosen', async () => {
    await poll({ agent });
    const list = server.requests.find(({ url }) => url.includes('/usage/runs'));
    expect(decodeURIComponent(list?.url ?? '')).toContain(
      '{"attribute":"workflowId","type":"number","value":{"value":7}}',
    );
  });

  test.each([
    ['is in progress', { disposition: null, gathered_context: {}, call_duration_seconds: 0 }],
    ['has no disposition yet', { disposition: '', gathered_context: {} }],
    ['is still rung by a server with statuses', { status: 'ringing', completed_at: null }],
    ['ended a minute ago on such a server', { status: 'completed', completed_at: minutesAgo(1) }],
    [
      'ended a minute ago, when its recording may not be there yet',
      { created_at: minutesAgo(1), call_duration_seconds: 0 },
    ],
    ['was long, and has just ended', { created_at: minutesAgo(10), call_duration_seconds: 9 * 60 }],
  ])('does not yet return a call that %s', async (_, changes) => {
    rows = [row(2, changes), row(1)];
    expect((await poll()).map(({ id }) => id)).toEqual([1]);
  });

  test('returns a call that never gets a disposition, once it must have ended', async () => {
    rows = [row(1, { disposition: null, gathered_context: {}, created_at: minutesAgo(121) })];
    expect(await poll()).toMatchObject([
      { id: 1, status: 'completed', is_completed: true, disposition: null },
    ]);
  });

  test.each(['busy', 'no-answer', 'failed'])(
    'a call that ended with %s has that status',
    async (disposition) => {
      rows = [row(1, { disposition, gathered_context: { call_disposition: disposition } })];
      expect(await poll()).toMatchObject([{ status: disposition, disposition }]);
    },
  );

  test('returns only calls with one of the chosen statuses', async () => {
    rows = ['busy', 'no-answer', 'user_hangup'].map((disposition, index) =>
      row(index + 1, { disposition, gathered_context: { call_disposition: disposition } }),
    );
    const received = async (statuses: string[]) => (await poll({ statuses })).map(({ id }) => id);
    expect(await received(['no-answer', 'completed'])).toEqual([2, 3]);
    expect(await received([])).toEqual([1, 2, 3]);
  });

  test('returns the calls of earlier pages when a later page cannot be read', async () => {
    rows = Array.from({ length: 250 }, (_, index) => row(1000 - index));
    failingPage = 3;
    expect(await poll()).toHaveLength(200);
  });

  test('on a Dograh with mapped dispositions a busy call has the status busy and the mapped disposition', async () => {
    const gathered_context = {
      call_status: 'busy',
      call_disposition: 'busy',
      mapped_call_disposition: 'BSY',
    };
    rows = [row(1, { disposition: 'BSY', gathered_context })];
    expect(await poll()).toMatchObject([{ status: 'busy', disposition: 'BSY' }]);
  });

  test('on a server with statuses returns a call two minutes after its end, however long it rang', async () => {
    const ended = { status: 'no-answer', disposition: 'no-answer', call_duration_seconds: 0 };
    rows = [
      row(2, { ...ended, created_at: minutesAgo(5), completed_at: minutesAgo(1) }),
      row(1, { ...ended, created_at: minutesAgo(5), completed_at: minutesAgo(3) }),
    ];
    expect(await poll()).toMatchObject([{ id: 1, status: 'no-answer', is_completed: true }]);
  });

  test('does not return a run that was not placed', async () => {
    rows = [
      row(2, { status: 'failed', disposition: 'failed', reason: 'not_placed', completed_at: minutesAgo(9) }),
      row(1, { status: 'failed', disposition: 'failed', reason: null, completed_at: minutesAgo(9) }),
    ];
    expect(await poll()).toMatchObject([{ id: 1, status: 'failed' }]);
  });

  test('returns the direction of a call, so that a Zap does not call its own number', async () => {
    rows = [row(2, { call_type: 'inbound' }), row(1)];
    expect((await poll()).map(({ id, direction }) => [id, direction])).toEqual([
      [2, 'inbound'],
      [1, 'outbound'],
    ]);
  });

  test('in the editor returns a call that has just ended, and none in progress', async () => {
    rows = [
      row(2, { disposition: null, gathered_context: {}, created_at: minutesAgo(0) }),
      row(1, { created_at: minutesAgo(0), call_duration_seconds: 0 }),
    ];
    expect((await poll({}, { isLoadingSample: true })).map(({ id }) => id)).toEqual([1]);
  });

  test('in the editor returns a few calls, from one page', async () => {
    rows = Array.from({ length: 250 }, (_, index) => row(1000 - index));
    expect((await poll({}, { isLoadingSample: true })).length).toBe(10);
    expect(paths()).toEqual(['/api/v1/health', '/api/v1/organizations/usage/runs']);
  });

  test('has the keys of its sample; the instant trigger, its list and its sample have those and the keys of the event', async () => {
    rows = [row(501)];
    const [polled = {}] = await poll();
    const posted = await appTester(callCompletedStep, {
      ...makeBundle(server.url),
      rawRequest: {
        content: JSON.stringify({ type: 'call.completed', timestamp: run.created_at, data: run }),
      },
    });
    const ofEvent = ['event', 'attempt_number', 'attempt_status', 'attempt_reason'];
    const keys = [...Object.keys(polled), ...ofEvent];
    const [listed] = await appTester(callCompletedList, makeBundle(server.url));
    expect(callCompleted.operation).toMatchObject({ performList: callCompletedList });
    expect(Object.keys(listed ?? {})).toEqual(keys);
    expect(Object.keys(posted[0] ?? {})).toEqual(keys);
    expect(Object.keys(callCompleted.operation.sample ?? {})).toEqual(keys);
    expect(Object.keys(callCompletedPolling.operation.sample ?? {})).toEqual(Object.keys(polled));
  });

  test.each([
    [401, 'ExpiredAuthError'],
    [429, 'ThrottledError'],
    [500, 'AppError'],
  ])('an answer of %i is an %s, so that Zapier polls again and misses nothing', async (status, name) => {
    const failing = await startLocalServer((_, response) => {
      replyJson(response, status, { detail: 'no' });
    });
    expect((await failureOf(runStep(recentCallsStep, makeBundle(failing.url)))).name).toBe(name);
    await failing.close();
  });
});
