/**
 * An artifact store in a folder. The folder belongs to one server process, so partial files of an earlier process are
 * removed.
 */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { platform } from 'node:os';
import { dirname, join } from 'node:path';
import { makePrivateFolder } from '../private-files';
import { checkedKey, StoreError, TooLargeError, type ArtifactStore } from './artifact-files';

/** Only the server's own user may read recordings. */
const folderMode = 0o700;
const fileMode = 0o600;

/** Begins with a dot, so it cannot collide with a key. */
const incoming = '.incoming';
/** The prefix of recordings' keys. */
const recordings = 'recordings';

/**
 * @param folder is created if missing, and again before each write: a full disk at the start must not stop the server
 * from placing calls.
 */
export function openArtifactFolder(folder: string): ArtifactStore {
  const incomingFolder = join(folder, incoming);
  rmSync(incomingFolder, { recursive: true, force: true });
  makePrivateFolder(folder, [incoming, recordings]);
  const pathOf = (key: string) => join(folder, checkedKey(key));
  return {
    async write(key, body, maxBytes) {
      const path = pathOf(key);
      const part = join(incomingFolder, randomUUID());
      try {
        await mkdir(incomingFolder, { recursive: true, mode: folderMode });
        const bytes = await writeWhole(part, body, maxBytes);
        await mkdir(dirname(path), { recursive: true, mode: folderMode });
        await rename(part, path);
        await syncFolder(dirname(path));
        return { bytes };
      } catch (error) {
        // A partial file that cannot be removed now is removed at the next start.
        await rm(part, { force: true }).catch(() => undefined);
        throw toStoreError(error);
      }
    },
    async find(key) {
      try {
        const { size } = await stat(pathOf(key));
        return { bytes: size };
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    async open(key, { start, end }) {
      try {
        return (await open(pathOf(key), 'r')).createReadStream({ start, end });
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    delete: (key) => rm(pathOf(key), { force: true }),
  };
}

/** Writes one chunk at a time, and reads the next one only after that, so that memory stays bounded. */
async function writeWhole(part: string, body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<number> {
  const file = await open(part, 'wx', fileMode);
  try {
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw new TooLargeError(`More than ${String(maxBytes)} bytes came`);
      await writeChunk(file, chunk);
    }
    await file.sync();
    return bytes;
  } finally {
    await file.close();
  }
}

/** The system may write only a part of the chunk, so the rest is written again. */
async function writeChunk(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let written = 0;
  while (written < chunk.byteLength) {
    written += (await file.write(chunk, written, chunk.byteLength - written)).bytesWritten;
  }
}

/**
 * A renamed file survives a power cut only once its folder is synced. Windows has no way to do that, and needs none.
 */
async function syncFolder(folder: string): Promise<void> {
  if (platform() === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/** Turns an error of the disk into a StoreError with a text for people; other errors stay unchanged. */
function toStoreError(error: unknown): unknown {
  const code = codeOf(error);
  if (noRoom.has(code)) return new StoreError('the disk that recordings are kept on is full', error);
  if (noFolder.has(code)) {
    return new StoreError(`the folder that recordings are kept in cannot be written (${code})`, error);
  }
  return error;
}

const noRoom = new Set(['ENOSPC', 'EDQUOT']);
/** Missing, not a folder, no permission, read-only, or an I/O error. */
const noFolder = new Set(['ENOENT', 'ENOTDIR', 'EEXIST', 'EACCES', 'EPERM', 'EROFS', 'EIO']);

/** Not by `instanceof Error`: in some runtimes Node's own errors belong to another realm. */
function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
