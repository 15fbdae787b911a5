/**
 * Fetches recordings from the carriers. Each awaited recording is a row in the database, so a restart loses none. An
 * attempt is counted before it starts, so an attempt that crashes the server is not repeated forever.
 */
import type { Readable } from 'node:stream';
import { describeError } from '../describe-error';
import { every } from '../every';
import { noteRecordingKey } from '../runs/artifacts/run-artifacts';
import { appendRunEvents, feedbackEvent } from '../runs/run-log';
import { findRun } from '../runs/runs';
import type { Services } from '../services';
import type { CarrierServices } from '../telephony/tools';
import { DownloadError, maxDownloadBytes } from '../egress/download';
import { openCallOf } from '../telephony/open-call';
import type { Worker } from '../workers/worker';
import { StoreError, TooLargeError } from './artifact-files';
import { recognizeAudio } from './audio-format';
import { recordingKey } from './removal/removal';
import { claimRecordings, deleteAwaited, scheduleAttempt, type AwaitedRecording } from './store';

type Needs = CarrierServices & Pick<Services, 'artifacts' | 'artifactsReady'>;

const roundMilliseconds = 2000;
/** How many recordings are fetched at the same time. */
const atOnce = 8;
/** An attempt that its process does not keep claimed counts as lost after this time. */
const leaseMilliseconds = 30_000;
const renewalMilliseconds = 10_000;
/** The pauses are 5, 10, 20 … seconds, so the last attempt is about ten minutes after the first. */
const firstPauseMilliseconds = 5000;
const maxAttempts = 8;

/** Starts what is due every 2 seconds. Its stop waits for the attempts under way. */
export function recordings(services: Needs): Worker {
  return {
    name: 'recordings',
    role: 'worker',
    start() {
      const underWay = new Map<number, Promise<void>>();
      const failure = 'looking for recordings failed; it goes on';
      // A round does not wait for its attempts, so that a slow carrier does not delay other recordings.
      const loop = every(services, roundMilliseconds, failure, () => beginDueRecordings(services, underWay));
      return {
        health: () => loop.health(),
        async stop() {
          await loop.stop();
          await Promise.all(underWay.values());
        },
      };
    },
  };
}

/** Begins an attempt for each recording that is due. @param underWay attempts by run, until they end. */
export async function beginDueRecordings(
  services: Needs,
  underWay: Map<number, Promise<void>>,
): Promise<void> {
  const limit = atOnce - underWay.size;
  if (limit <= 0) return;
  const now = services.clock.now().toISOString();
  const claimed = await services.storage.write((session) =>
    claimRecordings(session, { now, leaseEnd: instantIn(services, leaseMilliseconds), limit }),
  );
  for (const awaited of claimed) {
    const runId = awaited.run_id;
    const ended = attempt(services, awaited)
      .catch((error: unknown) => {
        const fields = { runId, error: describeError(error) };
        services.log.error(fields, 'a recording could not be taken up; it is tried again');
      })
      .finally(() => underWay.delete(runId));
    underWay.set(runId, ended);
  }
}

async function attempt(services: Needs, awaited: AwaitedRecording): Promise<void> {
  const { run_id: runId, url, attempts } = awaited;
  if (url === null) {
    await giveUp(services, awaited, 'its carrier did not say where it is');
    return;
  }
  // The last attempt was started, but a crash of the server ended it.
  if (attempts > maxAttempts) {
    await giveUp(services, awaited, 'the server stopped at every attempt');
    return;
  }
  const nextAttemptAt = instantIn(services, firstPauseMilliseconds * 2 ** (attempts - 1));
  try {
    const key = await whileClaimed(services, awaited, () => fetchRecording(services, runId, url));
    await services.storage.write(async (session) => {
      await session.lock('run', runId);
      if (!(await deleteAwaited(session, awaited))) return;
      await noteRecordingKey(session, runId, key);
      await services.artifactsReady(session, runId);
    });
  } catch (error) {
    const { reason, isFinal } = failureOf(error);
    services.log.warn({ runId, reason, error: describeError(error) }, 'a recording could not be fetched');
    if (isFinal || attempts === maxAttempts) await giveUp(services, awaited, reason);
    else await services.storage.write((session) => scheduleAttempt(session, awaited, nextAttemptAt));
  }
}

/** Keeps the claim of a recording while it is fetched, which may take minutes. */
async function whileClaimed<Result>(
  services: Needs,
  awaited: AwaitedRecording,
  fetching: () => Promise<Result>,
): Promise<Result> {
  const failure = 'the claim of a recording could not be kept; it is tried again';
  const renewal = every(services, renewalMilliseconds, failure, () =>
    services.storage.write((session) =>
      scheduleAttempt(session, awaited, instantIn(services, leaseMilliseconds)),
    ),
  );
  try {
    return await fetching();
  } finally {
    await renewal.stop();
  }
}

function instantIn({ clock }: Pick<Services, 'clock'>, milliseconds: number): string {
  return new Date(clock.now().getTime() + milliseconds).toISOString();
}

/** @returns the storage key of the recording. @throws DownloadError, TooLargeError, or what the store throws. */
async function fetchRecording(services: Needs, runId: number, url: string): Promise<string> {
  const stream = await openRecording(services, runId, url);
  try {
    const { format, body } = await recognizeAudio(stream);
    if (format === null) throw new DownloadError('what came is neither WAV nor MP3', false);
    const key = recordingKey(runId, format);
    await services.artifacts.write(key, body, maxDownloadBytes);
    return key;
  } finally {
    stream.destroy();
  }
}

async function openRecording(services: CarrierServices, runId: number, url: string): Promise<Readable> {
  const run = await findRun(services.storage.read, runId);
  if (run === undefined) throw new Error(`There is no run ${String(runId)}`);
  const open = await openCallOf(services, run);
  if (open?.provider.openRecording === undefined) {
    throw new DownloadError('the telephony configuration of the call is gone', true);
  }
  return open.provider.openRecording(open.configuration, { url }, open.tools);
}

/** The reason as a text for the run's log, which the organization reads. */
function failureOf(error: unknown): { reason: string; isFinal: boolean } {
  if (error instanceof DownloadError) return { reason: error.message, isFinal: error.isFinal };
  if (error instanceof StoreError) return { reason: error.message, isFinal: false };
  if (error instanceof TooLargeError) return { reason: 'it is larger than this server keeps', isFinal: true };
  return { reason: 'it broke off, or could not be kept', isFinal: false };
}

async function giveUp(
  services: Pick<Services, 'storage' | 'clock' | 'artifactsReady'>,
  awaited: AwaitedRecording,
  reason: string,
): Promise<void> {
  const { run_id: runId } = awaited;
  const at = services.clock.now().toISOString();
  await services.storage.write(async (session) => {
    await session.lock('run', runId);
    if (!(await deleteAwaited(session, awaited))) return;
    const event = feedbackEvent('rtf-recording-error', { error: `There is no recording: ${reason}.` }, at);
    await appendRunEvents(session, runId, [event], at);
    await services.artifactsReady(session, runId);
  });
}
