import { callMarker } from '@dograh-trigger/shared';
import {
  startCallAndWait as definition,
  startCallAndWaitResume,
  startCallAndWaitStep,
} from '../../zapier-app/src/creates/start-call-and-wait';
import { startCallStep } from '../../zapier-app/src/creates/start-call';
import { appTester, failureOf, makeBundle, runStep, type BundleOptions } from '../support/zapier';
import { replyCalls, startStandIn, standInAgentUuid, type StandIn } from '../support/dograh-stand-in';
import { replyJson, startLocalServer } from '../support/local-server';

const input = {
  agent: `workflow/${standInAgentUuid}`,
  environment: 'production',
  phone_number: '+14155550100',
};

const run = {
  id: 501,
  workflow_id: 7,
  name: 'WR-API-501',
  mode: 'twilio',
  created_at: '2026-08-22T03:04:05.123Z',
  call_type: 'outbound',
  is_completed: true,
  status: 'completed',
  transcript_url: 'transcripts/501.txt',
  recording_url: 'recordings/501.wav',
  transcript_public_url: '/api/v1/public/download/workflow/t/transcript',
  recording_public_url: '/api/v1/public/download/workflow/t/recording',
  usage_info: { llm: {}, tts: {}, stt: {}, call_duration_seconds: 42 },
  initial_context: { called_number: '+14155550100' },
  gathered_context: { call_disposition: 'user_hangup' },
};

let server: StandIn;

afterEach(async () => {
  await server.close();
});

function start(changes: Record<string, unknown> = {}, fields?: BundleOptions) {
  return runStep(startCallAndWaitStep, makeBundle(server.url, { ...input, ...changes }, fields));
}

const withCallbacks = ['idempotency-key', 'callback-url'];

describe('on a server that calls back', () => {
  beforeEach(async () => {
    server = await startStandIn({
      extensions: withCallbacks,
      list: (response) => {
        replyCalls(response, []);
      },
    });
  });

  test('the request has Zapier’s callback URL', async () => {
    expect(await start()).toMatchObject({ id: 501, status: 'initiated', already_placed: false });
    const [dial] = server.dials();
    expect(JSON.parse(dial?.body.toString('utf8') ?? '')).toEqual({
      phone_number: '+14155550100',
      initial_context: { [callMarker]: expect.any(String) as string },
      // The callback URL of the platform's own test harness.
      callback_url: expect.stringMatching(/^https:\/\//) as string,
    });
  });

  test('replays have the same key, which differs from the key of Start Call', async () => {
    const zap = { zapId: '77' };
    await start({}, zap);
    await start({}, zap);
    await runStep(startCallStep, makeBundle(server.url, input, zap));
    const [first, second, startCall] = server.dials().map(({ headers }) => headers['idempotency-key']);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toBe(first);
    expect(startCall).toMatch(/^[0-9a-f]{64}$/);
    expect(startCall).not.toBe(first);
  });

  test('in the editor the step returns the sample and places no call', async () => {
    expect(await start({}, { isLoadingSample: true })).toEqual(definition.operation.sample);
    expect(server.dials()).toEqual([]);
  });
});

const noCallback = 'cannot tell Zapier when a call has ended (`callback-url`)';
const noKeys = 'cannot recognize a step that Zapier replays (`idempotency-key`)';

test.each([
  [undefined, `This server ${noCallback} and ${noKeys}, so nothing was dialled.`],
  [['idempotency-key', 'hooks'], `This server ${noCallback}, so nothing was dialled.`],
  [['callback-url', 'hooks'], `This server ${noKeys}, so nothing was dialled.`],
])(
  'on a server with only the extensions %j the step fails before it dials, in the editor, too',
  async (extensions, message) => {
    server = await startStandIn({ extensions });
    for (const isLoadingSample of [false, true]) {
      expect(await failureOf(start({}, { isLoadingSample }))).toMatchObject({
        name: 'AppError',
        code: 'unsupported',
        message: expect.stringContaining(message) as string,
      });
    }
    expect(server.dials()).toEqual([]);
  },
);

describe('when the callback arrives', () => {
  const started = {
    id: 501,
    agent_name: 'Reminder',
    already_placed: false,
    status: 'initiated',
  };

  beforeEach(async () => {
    server = await startStandIn({ replies: { 'GET /api/v1/workflow/0/runs/501': run } });
  });

  function resume(
    outputData: object,
    url = server.url,
    posted: unknown = { type: 'call.completed', data: run },
  ) {
    return appTester(startCallAndWaitResume, {
      ...makeBundle(url, input),
      outputData,
      cleanedRequest: posted as object,
    });
  }

  test('the step returns the run from the server, together with the values of the start', async () => {
    expect(await resume(started)).toMatchObject({
      agent_name: 'Reminder',
      already_placed: false,
      id: 501,
      status: 'completed',
      disposition: 'user_hangup',
      duration_seconds: 42,
      transcript_url: `${server.url}/api/v1/public/download/workflow/t/transcript`,
      recording_file: expect.stringContaining('hydrators.downloadRecording') as string,
    });
  });

  test('a post about another call has no effect', async () => {
    const forged = { type: 'call.completed', data: { ...run, id: 999, status: 'failed' } };
    expect(await resume(started, server.url, forged)).toMatchObject({ id: 501, status: 'completed' });
  });

  const placed = {
    name: 'HaltedError',
    message: expect.stringMatching(
      /^The call was placed, but its result cannot be read: .* Find Call reads the call by its Run ID, 501\. A replay .* calls nobody for 12 hours/,
    ) as string,
  };

  test.each([
    [403, placed],
    [404, placed],
    [401, { name: 'ExpiredAuthError' }],
  ])('an answer of %i does not make Zapier run the step again', async (status, failure) => {
    const failing = await startLocalServer((_, response) => {
      replyJson(response, status, { detail: 'no' });
    });
    expect(await failureOf(resume(started, failing.url))).toMatchObject(failure);
    await failing.close();
  });

  test('a timeout does not make Zapier run the step again', async () => {
    // A clock that reaches the deadline after the step has read it once.
    const start = performance.now();
    jest
      .spyOn(performance, 'now')
      .mockReturnValueOnce(start)
      .mockReturnValue(start + 25_000);
    const failure = await failureOf(resume(started));
    jest.restoreAllMocks();
    expect(failure).toMatchObject(placed);
    expect(server.requests).toEqual([]);
  });

  test('a step without the id of its call halts with an explanation', async () => {
    expect(await failureOf(resume({}))).toEqual({
      name: 'HaltedError',
      message: 'The step does not know its call. Find Call finds it by the number that was called.',
    });
  });
});
