import { artifactDownloadUrl, type Run } from '@dograh-trigger/shared';
import { caughtFrom } from '../../support/caught';
import { json, scriptedClient } from '../../support/scripted-client';

const ended: Run = {
  id: 12,
  workflow_id: 7,
  name: 'WR-API-1234',
  mode: 'twilio',
  created_at: '2026-08-22T03:04:05Z',
  call_type: 'outbound',
  is_completed: true,
};
const recorded = {
  recording_url: 'recordings/12.wav',
  recording_public_url: '/api/v1/public/download/workflow/t/recording',
};

test('a link from the server’s root is made absolute', async () => {
  const { client } = scriptedClient([json(200, { ...ended, ...recorded })]);
  expect((await client.getRun(12)).recording_public_url).toBe(
    'https://api.example.test/api/v1/public/download/workflow/t/recording',
  );
});

test.each([
  [
    'http://localhost:8000/api/v1/public/download/workflow/t/recording',
    '/api/v1/public/download/workflow/t/recording',
  ],
  [
    'http://in.docker/sub/api/v1/public/download/workflow/t/recording?x=1',
    '/api/v1/public/download/workflow/t/recording?x=1',
  ],
])(
  'a file is downloaded from the server that is talked to, not from where it believes to be: %s',
  (link, path) => {
    const run = { ...ended, ...recorded, recording_public_url: link };
    expect(artifactDownloadUrl('https://voice.example', run, 'recording')).toBe(
      `https://voice.example${path}`,
    );
  },
);

test('a file elsewhere is downloaded from there', () => {
  const run = { ...ended, ...recorded, recording_public_url: 'https://storage.example/12.wav' };
  expect(artifactDownloadUrl('https://voice.example', run, 'recording')).toBe(
    'https://storage.example/12.wav',
  );
});

test('the link alone, which Dograh also gives for a file that is not there, is not enough', () => {
  const run = { ...ended, ...recorded, transcript_public_url: 'https://x.example/t' };
  expect(caughtFrom(() => artifactDownloadUrl('https://voice.example', run, 'transcript'))).toMatchObject({
    code: 'not_found',
    runId: 12,
  });
});

const answers = (...runs: Partial<Run>[]) => runs.map((run) => json(200, { ...ended, ...run }));

test('a file is waited for, every two seconds, until it is there', async () => {
  const { client, pauses } = scriptedClient(answers({ is_completed: false }, {}, recorded));
  const run = await client.waitForArtifact(12, 'recording', { timeoutSeconds: 60 });
  expect(run.recording_url).toBe('recordings/12.wav');
  expect(pauses).toEqual([2, 2]);
});

test('after the time the run is given as it is', async () => {
  const { client, pauses } = scriptedClient(answers({}, {}, {}));
  const run = await client.waitForArtifact(12, 'recording', { timeoutSeconds: 3 });
  expect(run.recording_url).toBe(undefined);
  expect(pauses).toEqual([2, 1]);
});

test.each<[Partial<Run>]>([
  [{ status: 'completed', artifacts_ready: true }],
  [{ status: 'busy' }],
  [{ gathered_context: { call_disposition: 'no-answer' } }],
])('where nothing will come, as with %j, nothing is waited for', async (facts) => {
  const { client, pauses } = scriptedClient(answers(facts));
  await client.waitForArtifact(12, 'recording', { timeoutSeconds: 60 });
  expect(pauses).toEqual([]);
});

test('a server that says that files are still being written is believed', async () => {
  const writing = { status: 'completed', artifacts_ready: false } as const;
  const { client, pauses } = scriptedClient(answers(writing, { ...writing, artifacts_ready: true }));
  await client.waitForArtifact(12, 'recording', { timeoutSeconds: 60 });
  expect(pauses).toEqual([2]);
});
