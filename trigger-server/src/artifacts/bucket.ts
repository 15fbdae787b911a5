/**
 * An artifact store in a bucket of S3, or of a server that speaks its protocol. Every server of a database may use the
 * same bucket. It stays private: files leave it through the server, by the server's own links.
 */
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import type * as S3 from '@aws-sdk/client-s3';
import type * as Uploads from '@aws-sdk/lib-storage';
import type { BucketConfig } from '../config';
import { checkedKey, StoreError, TooLargeError, type ArtifactStore } from './artifact-files';

const connectMilliseconds = 5000;
const silenceMilliseconds = 20_000;
const tries = 3;

/** Loaded with the first file, and left out of the server's one file: most servers keep recordings in a folder. */
const load = createRequire(__filename);

interface Bucket {
  s3: typeof S3;
  uploads: typeof Uploads;
  client: S3.S3Client;
}

/**
 * Connects with the first file.
 * @param silence after how many milliseconds without a byte in either direction a request is given up, before the reply or
 *   within it. A long file may take as long as it needs.
 */
export function openArtifactBucket(config: BucketConfig, silence = silenceMilliseconds): ArtifactStore {
  let opened: Bucket | null = null;
  const bucket = () => (opened ??= connect(config, silence));
  const place = (key: string) => ({ Bucket: config.bucket, Key: `${config.prefix}${checkedKey(key)}` });
  return {
    async write(key, body, maxBytes) {
      const target = place(key);
      const { uploads, client } = bucket();
      let bytes = 0;
      async function* counted(): AsyncGenerator<Uint8Array> {
        for await (const chunk of body) {
          bytes += chunk.byteLength;
          if (bytes > maxBytes) throw new TooLargeError(`More than ${String(maxBytes)} bytes came`);
          yield chunk;
        }
      }
      const stream = Readable.from(counted(), { objectMode: false });
      const upload = new uploads.Upload({
        client,
        params: { ...target, Body: stream, ContentType: 'application/octet-stream', ...encryption(config) },
        // One part at a time, so that memory stays bounded. A file below the size of a part is sent as it is.
        queueSize: 1,
        leavePartsOnError: false,
      });
      try {
        await upload.done();
      } catch (error) {
        // The reason of the one who sends, not the store's view of it.
        throw stream.errored ?? toStoreError(error);
      } finally {
        stream.destroy();
      }
      return { bytes };
    },
    async find(key) {
      const target = place(key);
      const { s3, client } = bucket();
      return unlessMissing(async () => {
        const { ContentLength } = await client.send(new s3.HeadObjectCommand(target));
        return { bytes: ContentLength ?? 0 };
      });
    },
    async open(key, { start, end }) {
      const range = { ...place(key), Range: `bytes=${String(start)}-${String(end)}` };
      const { s3, client } = bucket();
      return unlessMissing(async () => {
        const { Body } = await client.send(new s3.GetObjectCommand(range));
        if (Body instanceof Readable) return Body;
        throw new Error('The store answered without a stream');
      });
    },
    async delete(key) {
      const target = place(key);
      const { s3, client } = bucket();
      await unlessMissing(() => client.send(new s3.DeleteObjectCommand(target)));
    },
  };
}

/** The keys come from where AWS's own tools look for them: `AWS_ACCESS_KEY_ID`, a profile, or the machine's role. */
function connect({ endpoint, region, isPathStyle }: BucketConfig, silence: number): Bucket {
  const s3 = load('@aws-sdk/client-s3') as typeof S3;
  const uploads = load('@aws-sdk/lib-storage') as typeof Uploads;
  const client = new s3.S3Client({
    region,
    forcePathStyle: isPathStyle,
    maxAttempts: tries,
    // Not `requestTimeout`: that counts from the start of a request, and only prints a warning.
    requestHandler: { connectionTimeout: connectMilliseconds, socketTimeout: silence },
    // Servers other than Amazon's often do not know the checksums that the library adds by itself.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint === null ? {} : { endpoint }),
  });
  return { s3, uploads, client };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html */
function encryption({ encryption, kmsKeyId }: BucketConfig) {
  if (encryption === null) return {};
  return { ServerSideEncryption: encryption, ...(kmsKeyId === null ? {} : { SSEKMSKeyId: kmsKeyId }) };
}

/** @returns null when the store has no such file. @throws StoreError when the store refuses or is not there. */
async function unlessMissing<Result>(ask: () => Promise<Result>): Promise<Result | null> {
  try {
    return await ask();
  } catch (error) {
    const name = nameOf(error);
    if (name === 'NoSuchKey' || name === 'NotFound') return null;
    throw toStoreError(error);
  }
}

/** Says who has to do something: the operator, whose keys or bucket are refused, or nobody, because it passes. */
function toStoreError(error: unknown): StoreError {
  const name = nameOf(error);
  const isAnswer = typeof error === 'object' && error !== null && '$response' in error;
  return new StoreError(
    isAnswer
      ? `the bucket that recordings are kept in refused a request (${name})`
      : `the bucket that recordings are kept in cannot be reached (${name})`,
    error,
  );
}

function nameOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'name' in error ? String(error.name) : 'unknown';
}
