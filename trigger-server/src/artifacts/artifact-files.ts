/** The port to the store of run files: a folder, or an object store. */
import type { Readable } from 'node:stream';

export interface StoredFile {
  bytes: number;
}

/** Both ends are inclusive, and the first byte is 0. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Keys are Dograh's storage keys, e.g. `recordings/501.wav`. A key of any other form is refused. */
export interface ArtifactStore {
  /**
   * Writes the whole stream under the key, without holding it in memory. The file appears under its key only when it is
   * complete and durable. Until then, and after a failure, nothing changes.
   * @throws TooLargeError as soon as more than `maxBytes` have arrived; StoreError when the store cannot be written;
   * whatever the stream throws.
   */
  write(key: string, body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<StoredFile>;
  /** Null when there is no such file. */
  find(key: string): Promise<StoredFile | null>;
  /** Opens a stream of the range; null when there is no such file. Destroying the stream closes the file. */
  open(key: string, range: ByteRange): Promise<Readable | null>;
  /** Does nothing when there is no such file. */
  delete(key: string): Promise<void>;
}

export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** The store cannot be written at the moment. The message is for people, and contains no path. */
export class StoreError extends Error {
  override readonly name = 'StoreError';

  constructor(message: string, cause: unknown) {
    super(message, { cause });
  }
}

const safeKey = /^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*\.[a-z0-9]+$/;

/** @throws Error for a key that could lead out of the store. */
export function checkedKey(key: string): string {
  if (!safeKey.test(key)) throw new Error('A file of a run cannot be kept under this key');
  return key;
}
