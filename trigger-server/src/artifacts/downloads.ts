/** Serves the files of a run, whole or a range, to callers with a download token of the run. */
import { Readable } from 'node:stream';
import { describeError } from '../describe-error';
import { sandboxPolicy } from '../http/reply-headers';
import { Problem } from '../problem';
import { listRunEvents } from '../runs/run-log';
import { findRun, type RunRow } from '../runs/runs';
import type { Services } from '../services';
import { StoreError, type ByteRange } from './artifact-files';
import { artifactTypes, transcriptKey, type ArtifactType } from '../runs/links';
import { readRange } from './byte-range';
import { readDownloadToken } from '../runs/download-tokens';
import { transcriptOf } from './transcript';

type Needs = Pick<Services, 'storage' | 'clock' | 'secrets' | 'artifacts' | 'log'>;

export interface DownloadRequest {
  token: string;
  artifactType: string;
  /** Whether a browser shows the file instead of saving it. */
  inline: boolean;
  /** The request headers `Range` and `If-Range`. */
  range: string | undefined;
  ifRange: string | undefined;
}

export interface Download {
  runId: number;
  /** Whether the reply is the whole file, not a range. */
  isWhole: boolean;
  contentType: string;
  headers: Record<string, string>;
  /** @throws Problem not_found when the file has been deleted meanwhile. */
  open: () => Promise<Readable>;
}

/** `Retry-After` while the store of recordings fails. */
const storePauseSeconds = 30;

interface File {
  /** The storage key. */
  key: string;
  bytes: number;
  /** Null when the file has been deleted meanwhile. */
  open(range: ByteRange): Promise<Readable | null>;
}

/** By the extension of a key. */
const contentTypes: Record<string, string> = {
  txt: 'text/plain; charset=utf-8',
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
};

/** @throws Problem not_found, bad_request, range_not_satisfiable. */
export async function findDownload(services: Needs, request: DownloadRequest): Promise<Download> {
  const { run, file } = await findFile(services, request);
  // A file can only grow, so name and length identify its state.
  const name = file.key.replace(/^.*\//, '');
  const tag = `"${name}-${String(file.bytes)}"`;
  const isRangeValid = request.ifRange === undefined || request.ifRange === tag;
  const range = isRangeValid ? readRange(request.range, file.bytes) : null;
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
      'Content-Disposition': `${request.inline ? 'inline' : 'attachment'}; filename="${request.artifactType}-${name}"`,
      ETag: tag,
      'Cache-Control': 'private',
      'Content-Security-Policy': sandboxPolicy,
      // Lets a page of another origin play a file whose address it has.
      'Cross-Origin-Resource-Policy': 'cross-origin',
    },
    open: async () => {
      const stream = end < start ? Readable.from([]) : await file.open({ start, end });
      if (stream === null) throw noSuchFile(request);
      return stream;
    },
  };
}

async function findFile(services: Needs, request: DownloadRequest): Promise<{ run: RunRow; file: File }> {
  const runId = readDownloadToken(services, request.token);
  const run = runId === null ? undefined : await findRun(services.storage.read, runId);
  if (run === undefined) throw new Problem('not_found', 'Invalid or expired token');
  if (!isArtifactType(request.artifactType)) throw new Problem('bad_request', 'Unsupported artifact type');
  const file = await fileOf(services, run, request.artifactType);
  if (file === null) throw noSuchFile(request);
  return { run, file };
}

function noSuchFile({ artifactType }: DownloadRequest): Problem {
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
    // This server has no separate recordings of the two sides.
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
  const found = await fromStore(services, run.id, () => artifacts.find(key));
  if (found === null) {
    log.error({ runId: run.id }, 'a recording is no longer where it was kept');
    return null;
  }
  const open = (range: ByteRange) => fromStore(services, run.id, () => artifacts.open(key, range));
  return { key, bytes: found.bytes, open };
}

/** @throws Problem unavailable while the store refuses or cannot be reached. */
async function fromStore<Result>(
  { log }: Pick<Services, 'log'>,
  runId: number,
  ask: () => Promise<Result>,
): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    log.error({ runId, error: describeError(error.cause) }, error.message);
    throw new Problem('unavailable', 'The recording cannot be read at the moment: try again later', {
      retryAfterSeconds: storePauseSeconds,
    });
  }
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
