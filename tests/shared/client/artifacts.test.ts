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
  'a file is downloaded from the configured base URL, not from the host in the server’s link: %s',
  (link, path) => {
    const run = { ...ended, ...recorded, recording_public_url: link };
    expect(artifactDownloadUrl('https://voice.example', run, 'recording')).toBe(
      `https://voice.example${path}`,
    );
  },
);

test('a file on another host is downloaded from that host', () => {
  const run = { ...ended, ...recorded, recording_public_url: 'https://storage.example/12.wav' };
  expect(artifactDownloadUrl('https://voice.example', run, 'recording')).toBe(
    'https://storage.example/12.wav',
  );
});

test('a link without a storage key does not count: Dograh also returns one for a missing file', () => {
  const run = { ...ended, ...recorded, transcript_public_url: 'https://x.example/t' };
  expect(caughtFrom(() => artifactDownloadUrl('https://voice.example', run, 'transcript'))).toMatchObject({
    code: 'not_found',
    runId: 12,
  });
});

const answers = (...runs: Partial<Run>[]) => runs.map((run) => json(200, { ...ended, ...run }));

test('waitForArtifact reads the run every two seconds until the file exists', async () => {
  const { client, pauses } = scriptedClient(answers({ is_completed: false }, {}, recorded));
  const run = await client.waitForArtifact(12, 'recording', { timeoutSeconds: 60 });
  expect(run.recording_url).toBe('recordings/12.wav');
  expect(pauses).toEqual([2, 2]);
});

test('after the timeout the current run is returned', async () => {
  const { client, pauses } = scriptedClient(answers({}, {}, {}));
  const run = await client.waitForArtifact(12, 'recording', { timeoutSeconds: 3 });
  expect(run.recording_url).toBe(undefined);
  expect(pauses).toEqual([2, 1]);
});

test.each<[Partial<Run>]>([
  [{ status: 'completed', artifacts_ready: true }],
  [{ status: 'busy' }],
  [{ gathered_context: { call_disposition: 'no-answer' } }],
])('it does not wait when no file will follow, as with %j', async (fields) => {
  const { client, pauses } = scriptedClient(answers(fields));
  await client.waitForArtifact(12, 'recording', { timeoutSeconds: 60 });
  expect(pauses).toEqual([]);
});

test('it waits while the server reports that files are still being written', async () => {
  const writing = { status: 'completed', artifacts_ready: false } as const;
  const { client, pauses } = scriptedClient(answers(writing, { ...writing, artifacts_ready: true }));
  await client.waitForArtifact(12, 'recording', { timeoutSeconds: 60 });
  expect(pauses).toEqual([2]);
});
