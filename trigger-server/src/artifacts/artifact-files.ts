/** The port to the place where the files of runs are kept: a folder here, an object store elsewhere. */
import type { Readable } from 'node:stream';

export interface StoredFile {
  bytes: number;
}

/** From the first byte up to and including the last, counted from 0. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Keys are Dograh's storage keys, e.g. `recordings/501.wav`; one that could name anything else is refused. */
export interface ArtifactStore {
  /**
   * Writes the whole stream under the key, without holding it in memory. The key is taken only once everything is
   * there for good; until then, and after a failure, it is as it was before.
   * @throws TooLargeError as soon as more than `maxBytes` have come; StoreError when nothing can be kept now; whatever the
   * stream throws.
   */
  write(key: string, body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<StoredFile>;
  /** Null when there is no such file. */
  find(key: string): Promise<StoredFile | null>;
  /** The bytes of the range; null when there is no such file. Destroying the stream lets go of the file. */
  open(key: string, range: ByteRange): Promise<Readable | null>;
  /** Does nothing when there is no such file. */
  delete(key: string): Promise<void>;
}

export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** Nothing can be kept at the moment. The message is for people, and names no path. */
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
