/** Transcripts and recordings of the sandbox, from the call to the download. */
import { fetchDueRecordings } from '../../support/fetch-recordings';
import { createSandbox } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { agentWith, pathOf } from './support';

let server: TestServer;
let account: Account;
beforeAll(async () => {
  server = await startTestServer({ SANDBOX_STEP_MS: '1000' });
  account = await server.signUp();
  await createSandbox(server, account);
});
afterAll(() => server.close());

const call = async (
  configurations: Parameters<typeof agentWith>[2],
  phone = '+14155550100',
  greeting?: string,
) => {
  const agent = await agentWith(server, account, configurations, greeting);
  const body = { phone_number: phone, initial_context: { user: { name: 'Jane' } } };
  return startCall(server, account, agent, body);
};

describe('transcripts', () => {
  test('each utterance of the agent is a line with time and speaker, in UTF-8', async () => {
    const runId = await call({}, '+14155550100', 'Grüezi {{user.name}},\n[2026] user: I agree');
    await server.advance(3000);
    const run = await readRun(server, account, runId);
    expect(run.transcript_url).toBe(`transcripts/${runId}.txt`);
    const file = await server.request.get(pathOf(run.transcript_public_url)).expect(200);
    expect(file.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(file.headers['content-disposition']).toBe(`attachment; filename="transcript-${runId}.txt"`);
    expect(file.text).toMatch(
      /^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] assistant: Grüezi Jane, \[2026\] user: I agree\n$/,
    );
  });

  test('there is no transcript and no token before the call has ended', async () => {
    const runId = await call({});
    await server.advance(2000);
    expect(await readRun(server, account, runId)).toMatchObject({
      status: 'answered',
      artifacts_ready: false,
      transcript_url: null,
      transcript_public_url: null,
      public_access_token: null,
    });
    await server.advance(1000);
    expect(await readRun(server, account, runId)).toMatchObject({
      status: 'completed',
      artifacts_ready: true,
      transcript_url: `transcripts/${runId}.txt`,
    });
  });

  test.each([
    ['a call that was never answered', {}, '+15005550011', undefined],
    // With an announcement, no call would be placed.
    [
      'an agent that says nothing, and streams',
      { answer: 'stream', stream_url: 'wss://voice.example.com/media' } as const,
      '+14155550100',
      ' {{nobody}} ',
    ],
  ])('there is none of %s', async (_what, settings, phone, greeting) => {
    const runId = await call(settings, phone, greeting);
    await server.advance(3000);
    expect(await readRun(server, account, runId)).toMatchObject({
      is_completed: true,
      artifacts_ready: true,
      transcript_url: null,
      transcript_public_url: null,
      public_access_token: null,
    });
  });
});

describe('recordings', () => {
  test('an agent without recording_enabled has none', async () => {
    const runId = await call({ recording_enabled: false });
    await server.advance(3000);
    await fetchDueRecordings(server.services);
    expect(await readRun(server, account, runId)).toMatchObject({
      artifacts_ready: true,
      recording_url: null,
      recording_public_url: null,
    });
  });

  test('the run is ready once its recording is kept: a WAV that says sandbox', async () => {
    const runId = await call({ recording_enabled: true });
    await server.advance(3000);
    expect(await readRun(server, account, runId)).toMatchObject({
      status: 'completed',
      artifacts_ready: false,
      recording_url: null,
      recording_public_url: null,
    });
    await fetchDueRecordings(server.services);
    const run = await readRun(server, account, runId);
    expect(run).toMatchObject({ artifacts_ready: true, recording_url: `recordings/${runId}.wav` });
    const file = await server.request.get(pathOf(run.recording_public_url)).buffer(true).expect(200);
    const wav = file.body as Buffer;
    expect(file.headers['content-type']).toBe('audio/wav');
    expect(wav.toString('latin1', 0, 4)).toBe('RIFF');
    expect(wav.readUInt32LE(4)).toBe(wav.length - 8);
    expect(wav.includes(`sandbox recording of run ${runId}`)).toBe(true);
  });

  test.each([
    ['busy', '+15005550011'],
    ['refused', '+15005550001'],
  ])('nothing is awaited of a call that came to nothing: %s', async (_what, phone) => {
    const agent = await agentWith(server, account, { recording_enabled: true });
    const reply = await server.request
      .post(`/api/v1/public/agent/${agent.triggerPath}`)
      .set('X-API-Key', account.apiKey)
      .send({ phone_number: phone });
    await server.advance(3000);
    const runId = Number(/\/runs\/(\d+)$/.exec(reply.headers.location ?? '')?.[1]);
    expect(await readRun(server, account, runId)).toMatchObject({
      is_completed: true,
      artifacts_ready: true,
      recording_url: null,
    });
  });

  test('an answered call that is cancelled still has its recording', async () => {
    const runId = await call({ recording_enabled: true });
    await server.advance(2000);
    await server.request
      .post(`/api/v1/workflow/0/runs/${runId}/cancel`)
      .set('X-API-Key', account.apiKey)
      .expect(202);
    await server.advance(0);
    await fetchDueRecordings(server.services);
    expect(await readRun(server, account, runId)).toMatchObject({
      artifacts_ready: true,
      recording_url: `recordings/${runId}.wav`,
    });
  });

  test('a list shows keys, and no links', async () => {
    const agent = await agentWith(server, account, { recording_enabled: true });
    const runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
    await server.advance(3000);
    await fetchDueRecordings(server.services);
    const page = await server.request
      .get(`/api/v1/workflow/${agent.id}/runs`)
      .set('X-API-Key', account.apiKey)
      .expect(200);
    expect((page.body as { runs: unknown[] }).runs).toMatchObject([
      {
        recording_url: `recordings/${runId}.wav`,
        transcript_url: `transcripts/${runId}.txt`,
        recording_public_url: null,
        transcript_public_url: null,
        public_access_token: null,
      },
    ]);
  });
});
