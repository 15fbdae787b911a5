/** The contract of every store for the files of runs. */
import type { Readable } from 'node:stream';
import { TooLargeError, type ArtifactStore } from '../../trigger-server/src/artifacts/artifact-files';

export interface ArtifactStoreUnderTest {
  /** Opens the same store each time it is called. */
  open(): ArtifactStore;
  /** The number of files in it, finished or not. */
  fileCount(): number | Promise<number>;
  remove(): void | Promise<void>;
}

const key = 'recordings/501.wav';

async function* chunks(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

async function textOf(stream: Readable | null): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream ?? []) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

export function artifactStoreContract(
  name: string,
  make: () => ArtifactStoreUnderTest | Promise<ArtifactStoreUnderTest>,
): void {
  describe(`artifact store: ${name}`, () => {
    let place: ArtifactStoreUnderTest;
    let store: ArtifactStore;
    beforeEach(async () => {
      place = await make();
      store = place.open();
    });
    afterEach(async () => {
      await place.remove();
    });

    const keep = (text: string, maxBytes = 1000) => store.write(key, chunks(text), maxBytes);
    const whole = async () => {
      const { bytes } = (await store.find(key)) ?? { bytes: 0 };
      return textOf(await store.open(key, { start: 0, end: bytes - 1 }));
    };

    test('a file written in chunks is stored as a whole, with its length, and is there after opening the store again', async () => {
      expect(await store.write(key, chunks('one ', 'two ', 'three'), 1000)).toEqual({ bytes: 13 });
      store = place.open();
      expect(await store.find(key)).toEqual({ bytes: 13 });
      expect(await whole()).toBe('one two three');
    });

    test('any range of bytes can be read, including the last byte', async () => {
      await keep('0123456789');
      expect(await textOf(await store.open(key, { start: 2, end: 4 }))).toBe('234');
      expect(await textOf(await store.open(key, { start: 9, end: 9 }))).toBe('9');
    });

    test('a file that was deleted after it was found reads as missing', async () => {
      await keep('0123456789');
      await store.delete(key);
      expect(await store.open(key, { start: 0, end: 9 })).toBeNull();
    });

    test('a key has no file until the whole file is written', async () => {
      let during: unknown = 'not asked';
      async function* slowly(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('half');
        during = await store.find(key);
        yield Buffer.from(' and half');
      }
      await store.write(key, slowly(), 1000);
      expect(during).toBeNull();
      expect(await whole()).toBe('half and half');
    });

    test('a broken stream leaves the previous file unchanged, and nothing else', async () => {
      await keep('before');
      async function* breaking(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('afterwards');
        throw new Error('the line broke');
      }
      await expect(store.write(key, breaking(), 1000)).rejects.toThrow('the line broke');
      expect(await whole()).toBe('before');
      expect(await place.fileCount()).toBe(1);
    });

    test('a file of the maximum size is stored; one byte more is refused before the rest is read, and leaves nothing', async () => {
      await keep('12345', 5);
      const asked: number[] = [];
      async function* endless(): AsyncGenerator<Uint8Array> {
        for (let count = 1; ; count += 1) {
          asked.push(count);
          yield Buffer.alloc(4);
        }
      }
      const tooLarge = store.write('recordings/502.wav', endless(), 10);
      await expect(tooLarge).rejects.toBeInstanceOf(TooLargeError);
      expect(asked).toEqual([1, 2, 3]);
      expect(await store.find('recordings/502.wav')).toBeNull();
      expect(await place.fileCount()).toBe(1);
    });

    test('a chunk is read only after the one before was written, so that a slow disk slows down the sender', async () => {
      let unwritten = 0;
      let most = 0;
      async function* watched(): AsyncGenerator<Uint8Array> {
        for (let count = 0; count < 20; count += 1) {
          unwritten += 1;
          most = Math.max(most, unwritten);
          yield Buffer.alloc(100_000);
          unwritten -= 1;
        }
      }
      expect(await store.write(key, watched(), 10_000_000)).toEqual({ bytes: 2_000_000 });
      expect(most).toBe(1);
    });

    test('a deleted file no longer exists, and deleting it again is no error', async () => {
      await keep('gone');
      await store.delete(key);
      await store.delete(key);
      expect(await store.find(key)).toBeNull();
    });

    test.each([
      '../outside.wav',
      'recordings/../../outside.wav',
      '/etc/passwd',
      'recordings/..',
      'recordings/.hidden.wav',
      'recordings//1.wav',
      'recordings\\1.wav',
      'recordings/1.wav\0.txt',
      '.incoming/1.wav',
      '',
    ])('the key %j is refused by every operation, and nothing is written', async (bad) => {
      const words = 'cannot be kept under this key';
      await expect(store.write(bad, chunks('x'), 10)).rejects.toThrow(words);
      await expect(store.find(bad)).rejects.toThrow(words);
      await expect(store.open(bad, { start: 0, end: 0 })).rejects.toThrow(words);
      await expect(Promise.resolve().then(() => store.delete(bad))).rejects.toThrow(words);
      expect(await place.fileCount()).toBe(0);
    });
  });
}
