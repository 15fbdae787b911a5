/**
 * Files and recordings that are to be deleted. They are noted in the transaction that makes the run forget them, and
 * deleted later (`worker.ts`): so a file is never lost while a run names it, and none is left behind.
 */
import { removeFilesOfRun } from '../../runs/removal/removal';
import type { RunEvent } from '../../runs/run-log';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import { maxDownloadMilliseconds } from '../../egress/download';
import { isUtterance } from '../transcript';
import { forgetAwaitedQuery, insertFileQuery, insertRecordingQuery } from './store';

/** The formats of recordings, which are the extensions of their keys. */
const formats = ['wav', 'mp3'] as const;

/** After this time, a fetch that is under way now has ended, and its file is written. */
const fetchedMilliseconds = maxDownloadMilliseconds + 60_000;

export function recordingKey(runId: number, format: (typeof formats)[number]): string {
  return `recordings/${String(runId)}.${format}`;
}

/** A run, and the carrier account that made its call. */
export interface CarrierRecordingOf {
  id: number;
  organization_id: number;
  telephony_configuration_id: number;
}

/** The file is deleted soon. Call it in the transaction after which no run names it. */
export function noteRemovedFile(
  { clock }: Pick<Services, 'clock'>,
  session: Session,
  key: string,
  inMilliseconds = 0,
): Promise<number> {
  const dueAt = new Date(clock.steady().getTime() + inMilliseconds).toISOString();
  return insertFileQuery.changes(session, { key, dueAt });
}

/** The recordings of the call are deleted at its carrier, where its API can do that. @param url the address of one there. */
export async function deleteAtCarrier(
  { clock }: Pick<Services, 'clock'>,
  session: Session,
  run: CarrierRecordingOf,
  url: string,
): Promise<void> {
  await insertRecordingQuery.changes(session, {
    runId: run.id,
    organizationId: run.organization_id,
    configurationId: run.telephony_configuration_id,
    url,
    at: clock.steady().toISOString(),
  });
}

/** Removes the recording and the transcript of a run. The recording stays with the carrier. */
export async function removeArtifacts(
  services: Pick<Services, 'clock'>,
  session: Session,
  run: { id: number; recording_key: string | null },
): Promise<void> {
  if (run.recording_key !== null) await noteRemovedFile(services, session, run.recording_key);
  await removeFilesOfRun(session, run.id, withoutWords);
}

function withoutWords(event: RunEvent): RunEvent | null {
  return isUtterance(event.payload) ? null : event;
}

/** Where the recording of a run is. */
type RecordedRun = CarrierRecordingOf & { recording_key: string | null; recording_source: string | null };

/** Deletes the recording of a run that is deleted: here, and at the carrier, whose copy nobody could find afterwards. */
export async function deleteRecordings(
  services: Pick<Services, 'clock'>,
  session: Session,
  run: RecordedRun,
): Promise<void> {
  if (run.recording_key !== null) await noteRemovedFile(services, session, run.recording_key);
  if (run.recording_source !== null) await deleteAtCarrier(services, session, run, run.recording_source);
}

/** The recording of an attempt that was followed by another one is not kept, here or at the carrier. */
export async function dropRecording(
  services: Pick<Services, 'clock'>,
  session: Session,
  run: RecordedRun,
): Promise<void> {
  await forgetAwaitedQuery.first(session, { runId: run.id });
  await deleteRecordings(services, session, run);
}

/** Deletes the recording of a run that is erased: here, at the carrier, and one that is being fetched now. */
export async function eraseRecording(
  services: Pick<Services, 'clock'>,
  session: Session,
  run: RecordedRun,
): Promise<void> {
  const awaited = await forgetAwaitedQuery.first(session, { runId: run.id });
  if (awaited !== undefined) {
    // A process may be fetching it now. Whatever becomes of that, there is no file once it is over.
    for (const format of formats) {
      await noteRemovedFile(services, session, recordingKey(run.id, format), fetchedMilliseconds);
    }
  }
  await deleteRecordings(services, session, run);
}
