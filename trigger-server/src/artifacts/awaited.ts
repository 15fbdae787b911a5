/** What is still to come of a call when it ends: a recording that its carrier was asked for. */
import type { Services } from '../services';
import type { Session } from '../storage/storage';
import { announceRecording, insertAwaited, isAwaited } from './store';

/** How long after the end of a call its carrier may take to say where the recording is. */
const announcementMilliseconds = 5 * 60_000;

export interface EndedRun {
  id: number;
  is_recorded: number;
  recording_key: string | null;
  answered_at: string | null;
  call_duration_seconds: number | null;
}

/** For the transaction that ends a run: whether anything is awaited of it, and so its artifacts are not ready. */
export async function awaitRecording(session: Session, run: EndedRun, endedAt: Date): Promise<boolean> {
  if (run.is_recorded === 0 || run.recording_key !== null) return false;
  // The report of the answer may have been lost: who was billed for seconds was talking.
  if (run.answered_at !== null || (run.call_duration_seconds ?? 0) > 0) {
    await insertAwaited(
      session,
      run.id,
      new Date(endedAt.getTime() + announcementMilliseconds).toISOString(),
    );
  }
  return isAwaited(session, run.id);
}

/** A carrier has said where the recording of a run is. */
export async function noteRecording(
  services: Services,
  session: Session,
  run: { id: number; is_recorded: number; recording_key: string | null },
  url: string,
): Promise<void> {
  // Some accounts record every call; nobody asked for this one.
  if (run.is_recorded === 0 || run.recording_key !== null) return;
  await announceRecording(session, { runId: run.id, url, nextAttemptAt: services.clock.now().toISOString() });
}
