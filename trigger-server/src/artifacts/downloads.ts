/** The files of a run for whoever has a token of it: whole, or the part that was asked for. */
import { Readable } from 'node:stream';
import { Problem } from '../problem';
import { listRunEvents } from '../runs/run-log';
import { findRun, type RunRow } from '../runs/runs';
import type { Services } from '../services';
import type { ByteRange } from './artifact-files';
import { artifactTypes, transcriptKey, type ArtifactType } from '../runs/links';
import { readRange } from './byte-range';
import { readDownloadToken } from '../runs/download-tokens';
import { transcriptOf } from './transcript';

type Needs = Pick<Services, 'storage' | 'clock' | 'secrets' | 'artifacts' | 'log'>;

export interface DownloadWish {
  token: string;
  artifactType: string;
  /** Shown where it is opened, not saved. */
  inline: boolean;
  /** The headers of these names. */
  range: string | undefined;
  ifRange: string | undefined;
}

export interface Download {
  runId: number;
  /** Whether it is the whole file. */
  isWhole: boolean;
  contentType: string;
  headers: Record<string, string>;
  /** @throws Problem not_found when the file has gone meanwhile. */
  open: () => Promise<Readable>;
}

interface File {
  /** Its storage key. */
  key: string;
  bytes: number;
  /** Null when it has gone meanwhile. */
  open(range: ByteRange): Promise<Readable | null>;
}

/** By the ending of a key. */
const contentTypes: Record<string, string> = {
  txt: 'text/plain; charset=utf-8',
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
};

/** @throws Problem not_found, bad_request, range_not_satisfiable. */
export async function findDownload(services: Needs, wish: DownloadWish): Promise<Download> {
  const { run, file } = await findFile(services, wish);
  // A file never changes but by growing, so its name and its length tell one state from another.
  const name = file.key.replace(/^.*\//, '');
  const tag = `"${name}-${String(file.bytes)}"`;
  const isAsked = wish.ifRange === undefined || wish.ifRange === tag;
  const range = isAsked ? readRange(wish.range, file.bytes) : null;
  if (range === 'unsatisfiable') {
    throw new Problem('range_not_satisfiable', 'The file has no such bytes', {
      headers: { 'Content-Range': `bytes */${String(file.bytes)}` },
    });
  }
  const { start, end } = range ?? { start: 0, end: file.bytes - 1 };
  return {
    runId: run.id,
    isWhole: range === null,
    contentType: contentTypes[name.replace(/^.*\./, '')] ?? 'application/octet-stream',
    headers: {
      'Accept-Ranges': 'bytes',
      'Content-Length': String(end - start + 1),
      ...(range === null
        ? {}
        : { 'Content-Range': `bytes ${String(start)}-${String(end)}/${String(file.bytes)}` }),
      'Content-Disposition': `${wish.inline ? 'inline' : 'attachment'}; filename="${wish.artifactType}-${name}"`,
      ETag: tag,
      'Cache-Control': 'private',
      // A page elsewhere may play what it was given the address of.
      'Cross-Origin-Resource-Policy': 'cross-origin',
    },
    open: async () => {
      const stream = end < start ? Readable.from([]) : await file.open({ start, end });
      if (stream === null) throw notThere(wish);
      return stream;
    },
  };
}

async function findFile(services: Needs, wish: DownloadWish): Promise<{ run: RunRow; file: File }> {
  const runId = readDownloadToken(services, wish.token);
  const run = runId === null ? undefined : await findRun(services.storage.read, runId);
  if (run === undefined) throw new Problem('not_found', 'Invalid or expired token');
  if (!isArtifactType(wish.artifactType)) throw new Problem('bad_request', 'Unsupported artifact type');
  const file = await fileOf(services, run, wish.artifactType);
  if (file === null) throw notThere(wish);
  return { run, file };
}

function notThere({ artifactType }: DownloadWish): Problem {
  return new Problem('not_found', `No ${artifactType} available for this workflow run`);
}

function isArtifactType(text: string): text is ArtifactType {
  return (artifactTypes as readonly string[]).includes(text);
}

function fileOf(
  services: Pick<Services, 'storage' | 'artifacts' | 'log'>,
  run: RunRow,
  type: ArtifactType,
): Promise<File | null> {
  switch (type) {
    case 'recording':
      return recordingFile(services, run);
    case 'transcript':
      return transcriptFile(services, run);
    // This server records a call as a whole.
    case 'user_recording':
    case 'bot_recording':
      return Promise.resolve(null);
  }
}

async function recordingFile(
  services: Pick<Services, 'artifacts' | 'log'>,
  run: RunRow,
): Promise<File | null> {
  const { artifacts, log } = services;
  const key = run.recording_key;
  if (key === null) return null;
  const found = await artifacts.find(key);
  if (found === null) {
    log.error({ runId: run.id }, 'a recording is no longer where it was kept');
    return null;
  }
  return { key, bytes: found.bytes, open: (range) => artifacts.open(key, range) };
}

async function transcriptFile(services: Pick<Services, 'storage'>, run: RunRow): Promise<File | null> {
  const key = transcriptKey(run);
  if (key === null) return null;
  const events = await listRunEvents(services.storage.read, run.id);
  const text = Buffer.from(transcriptOf(events.map(({ payload }) => payload)));
  return {
    key,
    bytes: text.length,
    open: ({ start, end }) => Promise.resolve(Readable.from([text.subarray(start, end + 1)])),
  };
}
