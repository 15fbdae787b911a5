/** An artifact store in a folder. The folder belongs to one server: what an earlier one left half-written is removed. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { platform } from 'node:os';
import { dirname, join } from 'node:path';
import { makePrivateFolder } from '../private-files';
import { checkedKey, StoreError, TooLargeError, type ArtifactStore } from './artifact-files';

/** Recordings are private: only the server's own user reads them. */
const folderMode = 0o700;
const fileMode = 0o600;

/** Begins with a dot, which no key does. */
const incoming = '.incoming';
/** What the keys of recordings begin with. */
const recordings = 'recordings';

/** @param folder is made when it is not there, also later: a disk that is full now must not keep a server from its calls. */
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
        await keepName(dirname(path));
        return { bytes };
      } catch (error) {
        // What cannot be removed now is removed at the next start.
        await rm(part, { force: true }).catch(() => undefined);
        throw inWords(error);
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

/** One chunk at a time: the next is asked for when this one is with the operating system. */
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

/** A write may take less than it was given. */
async function writeChunk(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let written = 0;
  while (written < chunk.byteLength) {
    written += (await file.write(chunk, written, chunk.byteLength - written)).bytesWritten;
  }
}

/** A renamed file survives a power cut once its folder is written too. Windows cannot, and need not, be told to. */
async function keepName(folder: string): Promise<void> {
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

/** What the disk has against a write, for people; everything else is as it was. */
function inWords(error: unknown): unknown {
  const code = codeOf(error);
  if (noRoom.has(code)) return new StoreError('the disk that recordings are kept on is full', error);
  if (noFolder.has(code)) {
    return new StoreError(`the folder that recordings are kept in cannot be written (${code})`, error);
  }
  return error;
}

const noRoom = new Set(['ENOSPC', 'EDQUOT']);
/** Gone, something else, closed to this user, read-only, broken. */
const noFolder = new Set(['ENOENT', 'ENOTDIR', 'EEXIST', 'EACCES', 'EPERM', 'EROFS', 'EIO']);

/** Not `instanceof Error`: Node's own errors are of another realm in some runtimes. */
function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
