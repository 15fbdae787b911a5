/** The store in a bucket, against a small fake of S3; `npm run test:s3` runs the same contract against a real server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openArtifactBucket } from '../../../trigger-server/src/artifacts/bucket';
import { StoreError } from '../../../trigger-server/src/artifacts/artifact-files';
import { readConfig, type BucketConfig } from '../../../trigger-server/src/config';
import { artifactStoreContract } from '../../contracts/artifact-store';
import { createSandbox } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { startFakeBucket, type FakeBucket } from '../../support/fake-bucket';
import { fetchDueRecordings } from '../../support/fetch-recordings';
import { startTestServer } from '../../support/test-server';
import { agentWith, pathOf } from './support';

beforeAll(() => {
  process.env.AWS_ACCESS_KEY_ID = 'a-key-of-the-tests';
  process.env.AWS_SECRET_ACCESS_KEY = 'its-secret';
});

function bucketAt(endpoint: string, changes: Record<string, string> = {}): BucketConfig {
  const config = readConfig({
    ARTIFACTS_S3_BUCKET: 'recordings-of-calls',
    ARTIFACTS_S3_ENDPOINT: endpoint,
    ...changes,
  });
  if (config.artifactsBucket === null) throw new Error('No bucket is configured');
  return config.artifactsBucket;
}

async function* chunks(...parts: (string | Buffer)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

artifactStoreContract('bucket', async () => {
  const fake = await startFakeBucket();
  return {
    open: () => openArtifactBucket(bucketAt(fake.url)),
    fileCount: () => fake.objects.size + fake.unfinished.size,
    remove: () => fake.close(),
  };
});

describe('a bucket', () => {
  let fake: FakeBucket;
  beforeEach(async () => {
    fake = await startFakeBucket();
  });
  afterEach(() => fake.close());

  test('a long file is sent in parts, each before the next is read, and is one file in the end', async () => {
    const store = openArtifactBucket(bucketAt(fake.url));
    const parts = Array.from({ length: 12 }, (_, index) => Buffer.alloc(1_000_000, index));
    expect(await store.write('recordings/1.wav', chunks(...parts), 20_000_000)).toEqual({
      bytes: 12_000_000,
    });
    const stored = fake.objects.get('/recordings-of-calls/recordings/1.wav');
    expect(stored?.equals(Buffer.concat(parts))).toBe(true);
    const sizes = fake.requests
      .filter(({ url }) => url.includes('partNumber'))
      .map(({ body }) => body.length);
    expect(sizes).toEqual([5_242_880, 5_242_880, 1_514_240]);
  });

  test('a long file that breaks leaves no part behind', async () => {
    const store = openArtifactBucket(bucketAt(fake.url));
    async function* breaking(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(11_000_000);
      throw new Error('the line broke');
    }
    await expect(store.write('recordings/1.wav', breaking(), 20_000_000)).rejects.toThrow('the line broke');
    expect([fake.objects.size, fake.unfinished.size]).toEqual([0, 0]);
  });

  test('prefix, encryption and its key go with each file', async () => {
    const store = openArtifactBucket(
      bucketAt(fake.url, {
        ARTIFACTS_S3_PREFIX: 'calls/production',
        ARTIFACTS_S3_ENCRYPTION: 'aws:kms',
        ARTIFACTS_S3_KMS_KEY: 'key-7',
      }),
    );
    await store.write('recordings/1.wav', chunks('sound'), 100);
    expect([...fake.objects.keys()]).toEqual(['/recordings-of-calls/calls/production/recordings/1.wav']);
    expect(fake.requests[0]?.headers).toMatchObject({
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'key-7',
    });
  });

  test('a bucket that refuses is named with its reason; no operation takes a refusal for a missing file', async () => {
    const store = openArtifactBucket(bucketAt(fake.url));
    fake.refusal = { status: 403, code: 'AccessDenied' };
    const asked = [
      () => store.write('recordings/1.wav', chunks('sound'), 100),
      () => store.open('recordings/1.wav', { start: 0, end: 1 }),
      () => store.delete('recordings/1.wav'),
    ];
    for (const ask of asked) {
      const refused = expect(ask()).rejects;
      await refused.toBeInstanceOf(StoreError);
      await refused.toThrow('the bucket that recordings are kept in refused a request (AccessDenied)');
    }
    // A reply to HEAD has no body, so that only its status is known.
    await expect(store.find('recordings/1.wav')).rejects.toThrow('refused a request');
  });

  test('a bucket that is not there is said to be out of reach', async () => {
    const store = openArtifactBucket(bucketAt('http://127.0.0.1:9'));
    await expect(store.find('recordings/1.wav')).rejects.toThrow(
      'the bucket that recordings are kept in cannot be reached',
    );
  });

  test('a bucket that accepts requests and sends nothing is given up, whatever it is asked', async () => {
    const store = openArtifactBucket(bucketAt(fake.url), 200);
    fake.silent = 'before the reply';
    const asked = [
      () => store.write('recordings/1.wav', chunks('sound'), 100),
      () => store.find('recordings/1.wav'),
      () => store.open('recordings/1.wav', { start: 0, end: 1 }),
      () => store.delete('recordings/1.wav'),
    ];
    for (const ask of asked) {
      const refused = expect(ask()).rejects;
      await refused.toBeInstanceOf(StoreError);
      await refused.toThrow('the bucket that recordings are kept in cannot be reached (TimeoutError)');
    }
  });

  test('a file whose bytes stop coming ends with an error', async () => {
    const store = openArtifactBucket(bucketAt(fake.url), 1000);
    await store.write('recordings/1.wav', chunks('sound'), 100);
    fake.silent = 'within the file';
    const file = await store.open('recordings/1.wav', { start: 0, end: 4 });
    await expect(file?.toArray()).rejects.toThrow('timed out after 1000 ms of inactivity');
  });

  test('a recording waits while the bucket refuses, then is kept there and served through the server, whole and in ranges', async () => {
    const server = await startTestServer({
      SANDBOX_STEP_MS: '0',
      SIGNUP_ENABLED: 'true',
      ARTIFACTS_DIR: '',
      ARTIFACTS_S3_BUCKET: 'recordings-of-calls',
      ARTIFACTS_S3_ENDPOINT: fake.url,
    });
    try {
      const account = await server.signUp();
      await createSandbox(server, account);
      const agent = await agentWith(server, account, { recording_enabled: true });
      const runId = await startCall(server, account, agent, { phone_number: '+14155550100' });
      await server.advance(100);
      fake.refusal = { status: 503, code: 'SlowDown' };
      await fetchDueRecordings(server.services);
      expect((await readRun(server, account, runId)).recording_url).toBeNull();
      fake.refusal = null;
      await server.advance(10_000);
      await fetchDueRecordings(server.services);
      const link = pathOf((await readRun(server, account, runId)).recording_public_url);
      const whole = (await server.request.get(link).buffer(true).expect(200)).body as Buffer;
      expect([...fake.objects.values()]).toEqual([whole]);
      const part = await server.request.get(link).set('Range', 'bytes=4-9').buffer(true).expect(206);
      expect(part.body).toEqual(whole.subarray(4, 10));
      fake.refusal = { status: 403, code: 'AccessDenied' };
      const refused = await server.request.get(link).expect(503);
      expect(refused.headers['retry-after']).toBe('30');
      expect(refused.body).toMatchObject({
        detail: 'The recording cannot be read at the moment: try again later',
      });
    } finally {
      await server.close();
    }
  });
});

describe('the environment', () => {
  test('a bucket of Amazon is addressed by its host’s name, one of another server by its path', () => {
    const amazon = readConfig({ ARTIFACTS_S3_BUCKET: 'calls', ARTIFACTS_S3_REGION: 'eu-central-1' });
    expect(amazon.artifactsBucket).toEqual({
      bucket: 'calls',
      prefix: '',
      endpoint: null,
      region: 'eu-central-1',
      isPathStyle: false,
      encryption: null,
      kmsKeyId: null,
    });
    expect(bucketAt('http://127.0.0.1:9000').isPathStyle).toBe(true);
    expect(bucketAt('http://127.0.0.1:9000', { ARTIFACTS_S3_PATH_STYLE: 'false' }).isPathStyle).toBe(false);
  });

  test('the container may use a bucket, and keeps recordings in its volume without one', () => {
    const dockerfile = readFileSync(join(__dirname, '../../../Dockerfile'), 'utf8');
    const [, variables = ''] = /^ENV (.+)$/m.exec(dockerfile) ?? [];
    const pairs = variables.split(' ').map((pair) => pair.split('=') as [string, string]);
    const ofImage = Object.fromEntries(pairs);
    expect(readConfig({ ...ofImage, ARTIFACTS_S3_BUCKET: 'calls' }).artifactsBucket?.bucket).toBe('calls');
    expect(readConfig(ofImage).artifactsFolder).toBe('/data/artifacts');
  });

  test.each([
    [{ ARTIFACTS_S3_ENDPOINT: 'http://127.0.0.1:9000' }, 'ARTIFACTS_S3_BUCKET: must be set'],
    [{ ARTIFACTS_S3_BUCKET: 'calls', ARTIFACTS_DIR: '/srv/files' }, 'in a folder or in a bucket'],
    [{ ARTIFACTS_S3_BUCKET: 'calls', ARTIFACTS_S3_PREFIX: '../other' }, 'ARTIFACTS_S3_PREFIX'],
    [{ ARTIFACTS_S3_BUCKET: 'calls', ARTIFACTS_S3_ENCRYPTION: 'rot13' }, 'ARTIFACTS_S3_ENCRYPTION'],
  ])('%j is refused', (environment, words) => {
    expect(() => readConfig(environment)).toThrow(words);
  });
});
