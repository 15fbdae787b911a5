/** Deletes files that no run names any more, and recordings of removed runs at their carriers. */
import { describeError } from '../../describe-error';
import { every } from '../../every';
import type { Services } from '../../services';
import { openAccountOfRun } from '../../telephony/open-account';
import type { CarrierServices } from '../../telephony/tools';
import type { Worker } from '../../workers/worker';
import { noteRemovedFile } from './removal';
import {
  beginDeletionQuery,
  deleteFileQuery,
  deleteRecordingQuery,
  dueFilesQuery,
  dueRecordingsQuery,
  type UnwantedRecording,
} from './store';

type Needs = CarrierServices & Pick<Services, 'artifacts'>;

const roundMilliseconds = 10_000;
/** How many are deleted in a round. */
const filesAtOnce = 100;
const recordingsAtOnce = 8;
/** After a file could not be deleted. */
const filePauseMilliseconds = 10 * 60_000;
/** The pauses are 1, 2, 4 … minutes, up to 6 hours, so the last attempt is about three days after the first. */
const firstPauseMilliseconds = 60_000;
const longestPauseMilliseconds = 6 * 60 * 60_000;
const maxAttempts = 20;

export function removals(services: Needs): Worker {
  return {
    name: 'removals',
    role: 'worker',
    start() {
      const failure = 'files and recordings could not be deleted; it is tried again';
      return every(services, roundMilliseconds, failure, () => deleteDue(services));
    },
  };
}

/** One round. Deleting twice does no harm, so processes do not have to agree on the files. */
export async function deleteDue(services: Needs): Promise<void> {
  const now = services.clock.steady().toISOString();
  const { read } = services.storage;
  for (const { key } of await dueFilesQuery.all(read, { now, limit: filesAtOnce })) {
    await deleteFile(services, key);
  }
  for (const recording of await dueRecordingsQuery.all(read, { now, limit: recordingsAtOnce })) {
    await deleteRecording(services, recording);
  }
}

async function deleteFile(services: Needs, key: string): Promise<void> {
  const { artifacts, storage, log } = services;
  try {
    await artifacts.delete(key);
  } catch (error) {
    log.error(
      { error: describeError(error) },
      'a file could not be deleted; it is tried again in ten minutes',
    );
    await storage.write((session) => noteRemovedFile(services, session, key, filePauseMilliseconds));
    return;
  }
  await storage.write((session) => deleteFileQuery.changes(session, { key }));
}

async function deleteRecording(services: Needs, recording: UnwantedRecording): Promise<void> {
  const { clock, storage, log } = services;
  const { run_id: runId, attempts, url } = recording;
  const pause = Math.min(firstPauseMilliseconds * 2 ** attempts, longestPauseMilliseconds);
  const claim = {
    runId,
    attempts: attempts + 1,
    seen: attempts,
    nextAttemptAt: new Date(clock.steady().getTime() + pause).toISOString(),
  };
  // Another process makes this attempt.
  if ((await storage.write((session) => beginDeletionQuery.changes(session, claim))) === 0) return;
  const forget = () => storage.write((session) => deleteRecordingQuery.changes(session, { runId }));
  try {
    const account = await openAccountOfRun(services, recording);
    if (account?.provider.deleteRecording === undefined) {
      log.warn(
        { runId },
        'the recording of a removed call stays with its carrier, which cannot delete it for us',
      );
    } else {
      await account.provider.deleteRecording(account.configuration, { url }, account.tools);
      log.info({ runId }, 'the recording of a removed call was deleted at its carrier');
    }
    await forget();
  } catch (error) {
    const isLast = attempts + 1 >= maxAttempts;
    const failure = isLast
      ? 'the recording of a removed call could not be deleted at its carrier: delete it there by hand'
      : 'the recording of a removed call could not be deleted at its carrier; it is tried again';
    log.error({ runId, error: describeError(error) }, failure);
    if (isLast) await forget();
  }
}
