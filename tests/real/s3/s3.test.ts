/** The store of recordings in a bucket of a real object store. */
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { StoreError } from '../../../trigger-server/src/artifacts/artifact-files';
import { openArtifactBucket } from '../../../trigger-server/src/artifacts/bucket';
import { readConfig } from '../../../trigger-server/src/config';
import { artifactStoreContract } from '../../contracts/artifact-store';
import { accessKeyId, secretAccessKey, startSwift, type Swift } from './swift';

let swift: Swift;
let client: S3Client;
beforeAll(async () => {
  process.env.AWS_ACCESS_KEY_ID = accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = secretAccessKey;
  swift = await startSwift();
  client = new S3Client({ endpoint: swift.url, region: 'us-east-1', forcePathStyle: true });
}, 900_000);
afterAll(async () => {
  client.destroy();
  await swift.stop();
});

let buckets = 0;

async function makeBucket(): Promise<string> {
  buckets += 1;
  const name = `calls-${String(buckets)}`;
  await client.send(new CreateBucketCommand({ Bucket: name }));
  return name;
}

function openBucket(name: string) {
  const { artifactsBucket } = readConfig({
    ARTIFACTS_S3_BUCKET: name,
    ARTIFACTS_S3_ENDPOINT: swift.url,
    ARTIFACTS_S3_PREFIX: 'of/this/server',
  });
  if (artifactsBucket === null) throw new Error('No bucket is configured');
  return openArtifactBucket(artifactsBucket);
}

/** Swift keeps the parts of unfinished uploads in a bucket beside it. */
async function countObjects(bucket: string): Promise<number> {
  const { KeyCount = 0 } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
  return KeyCount;
}

artifactStoreContract('a bucket of Swift', async () => {
  const bucket = await makeBucket();
  return { open: () => openBucket(bucket), fileCount: () => countObjects(bucket), remove: () => undefined };
});

test('a recording of 30 MB is sent in parts, and read back in ranges that lie in several of them', async () => {
  const store = openBucket(await makeBucket());
  const megabytes = Array.from({ length: 30 }, (_, index) => Buffer.alloc(1_000_000, index));
  async function* sound(): AsyncGenerator<Uint8Array> {
    yield* megabytes;
  }
  expect(await store.write('recordings/1.wav', sound(), 100_000_000)).toEqual({ bytes: 30_000_000 });
  expect(await store.find('recordings/1.wav')).toEqual({ bytes: 30_000_000 });
  const parts: Buffer[] = [];
  for await (const part of (await store.open('recordings/1.wav', { start: 4_999_999, end: 11_000_000 })) ??
    []) {
    parts.push(part as Buffer);
  }
  expect(Buffer.concat(parts).equals(Buffer.concat(megabytes).subarray(4_999_999, 11_000_001))).toBe(true);
});

test('a bucket that does not exist is said so, and not taken for a missing file', async () => {
  const store = openBucket('nobody-made-it');
  async function* sound(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('sound');
  }
  await expect(store.write('recordings/1.wav', sound(), 100)).rejects.toThrow('NoSuchBucket');
  await expect(store.open('recordings/1.wav', { start: 0, end: 1 })).rejects.toBeInstanceOf(StoreError);
});
