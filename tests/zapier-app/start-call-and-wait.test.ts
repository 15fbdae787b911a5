import {
  startCallAndWait as definition,
  startCallAndWaitResume,
  startCallAndWaitStep,
} from '../../zapier-app/src/creates/start_call_and_wait';
import { appTester, failureOf, makeBundle, runStep, type RunFacts } from '../support/zapier';
import { startStandIn, standInAgentUuid, type StandIn } from '../support/dograh-stand-in';

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

function start(changes: Record<string, unknown> = {}, facts?: RunFacts) {
  return runStep(startCallAndWaitStep, makeBundle(server.url, { ...input, ...changes }, facts));
}

const withCallbacks = ['idempotency-key', 'callback-url'];

describe('on a server that calls back', () => {
  beforeEach(async () => {
    server = await startStandIn({ extensions: withCallbacks });
  });

  test('the call goes out with the address that Zapier waits at', async () => {
    expect(await start()).toMatchObject({ id: 501, workflow_run_id: 501, status: 'initiated' });
    const [dial] = server.dials();
    expect(JSON.parse(dial?.body.toString('utf8') ?? '')).toEqual({
      phone_number: '+14155550100',
      initial_context: {},
      // What the platform's own test harness gives out.
      callback_url: expect.stringMatching(/^https:\/\//) as string,
    });
  });

  test('replays carry one key, which is not the key of Start Call', async () => {
    const zap = { zapId: '77' };
    await start({}, zap);
    await start({}, zap);
    const keys = server.dials().map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  test('the editor gets the sample, and no call is placed', async () => {
    expect(await start({}, { isLoadingSample: true })).toEqual(definition.operation.sample);
    expect(server.dials()).toEqual([]);
  });
});

test.each([undefined, ['idempotency-key', 'hooks']])(
  'on a server with the extensions %j the step says so before anything is dialled, in the editor too',
  async (extensions) => {
    server = await startStandIn({ extensions });
    for (const isLoadingSample of [false, true]) {
      expect(await failureOf(start({}, { isLoadingSample }))).toMatchObject({
        name: 'AppError',
        code: 'unsupported',
        message: expect.stringContaining('nothing was dialled') as string,
      });
    }
    expect(server.dials()).toEqual([]);
  },
);

describe('when the callback comes', () => {
  const started = {
    id: 501,
    workflow_run_id: 501,
    agent_name: 'Reminder',
    replayed: false,
    status: 'initiated',
  };

  function resume(outputData: object, posted: unknown = { type: 'call.completed', data: run }) {
    return appTester(startCallAndWaitResume, {
      ...makeBundle(server.url, input),
      outputData,
      cleanedRequest: posted as object,
    });
  }

  test('the step gives the call as the server has it, beside what it was started with', async () => {
    server = await startStandIn({ replies: { 'GET /api/v1/workflow/0/runs/501': run } });
    expect(await resume(started)).toMatchObject({
      workflow_run_id: 501,
      agent_name: 'Reminder',
      replayed: false,
      id: 501,
      status: 'completed',
      disposition: 'user_hangup',
      duration_seconds: 42,
      transcript_url: `${server.url}/api/v1/public/download/workflow/t/transcript`,
      recording: expect.stringContaining('hydrators.downloadRecording') as string,
    });
  });

  test('what was posted about another call changes nothing', async () => {
    server = await startStandIn({ replies: { 'GET /api/v1/workflow/0/runs/501': run } });
    const forged = { type: 'call.completed', data: { ...run, id: 999, status: 'failed' } };
    expect(await resume(started, forged)).toMatchObject({ id: 501, status: 'completed' });
  });

  test('a call that is gone is an error', async () => {
    server = await startStandIn();
    expect(await failureOf(resume(started))).toMatchObject({ name: 'AppError', code: 'not_found' });
  });

  test('a step that does not know its call says so', async () => {
    server = await startStandIn();
    expect(await failureOf(resume({}))).toMatchObject({ message: 'The step does not know its call.' });
  });
});
