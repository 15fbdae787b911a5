/** The columns of a run about its files. */
import type { Session } from '../../storage/port';
import { readyQuery, setRecordingKeyQuery, setRecordingSourceQuery } from './store';

/** @param key the storage key of the recording. */
export function noteRecordingKey(session: Session, runId: number, key: string): Promise<number> {
  return setRecordingKeyQuery.changes(session, { runId, key });
}

/** Keeps the address of the recording at its carrier, also when no file is made of it. Only the first address counts. */
export function noteRecordingSource(session: Session, runId: number, source: string): Promise<number> {
  return setRecordingSourceQuery.changes(session, { runId, source });
}

/**
 * Marks the artifacts of an ended run as ready. @returns false when they were marked before, or the run has not ended.
 */
export async function markReady(session: Session, runId: number, at: string): Promise<boolean> {
  return (await readyQuery.changes(session, { runId, at })) > 0;
}
