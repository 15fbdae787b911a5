/** The columns of a run about its files. */
import type { Session } from '../../storage/port';
import { readyQuery, setRecordingKeyQuery } from './store';

/** @param file the storage key of the recording, and its address at the carrier. */
export function noteRecordingKey(
  session: Session,
  runId: number,
  file: { key: string; source: string },
): Promise<number> {
  return setRecordingKeyQuery.changes(session, { runId, ...file });
}

/**
 * Marks the artifacts of an ended run as ready. @returns false when they were marked before, or the run has not ended.
 */
export async function markReady(session: Session, runId: number, at: string): Promise<boolean> {
  return (await readyQuery.changes(session, { runId, at })) > 0;
}
