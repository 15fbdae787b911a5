/** What a run knows of its files. */
import type { Session } from '../storage/port';
import { keepRecordingQuery, readyQuery } from './store';

/** @param key where the recording is kept. */
export function noteRecordingKey(session: Session, runId: number, key: string): Promise<number> {
  return keepRecordingQuery.changes(session, { runId, key });
}

/** Whether the run became ready by this: it has ended, and was not ready before. */
export async function markReady(session: Session, runId: number, at: string): Promise<boolean> {
  return (await readyQuery.changes(session, { runId, at })) > 0;
}
