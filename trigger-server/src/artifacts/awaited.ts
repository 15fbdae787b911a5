/** What is still to come of a call when it ends: a recording that its carrier was asked for. */
import type { Services } from '../services';
import type { Session } from '../storage/port';
import { announceRecording, awaitFromEnd, forwardQuery, isAwaited } from './store';

/** How long after the end of a call its carrier may take to say where the recording is. */
const patienceMilliseconds = 5 * 60_000;

export interface RecordedRun {
  id: number;
  is_recorded: number;
  recording_key: string | null;
  completed_at: string | null;
}

/**
 * Whether anything is awaited of a run that has ended, so that its artifacts are not ready: for the transaction that
 * ends it, and bears being asked again.
 */
export async function awaitRecording(
  session: Session,
  run: RecordedRun & { answered_at: string | null; call_duration_seconds: number | null },
): Promise<boolean> {
  if (run.completed_at === null || run.is_recorded === 0 || run.recording_key !== null) return false;
  // The report of the answer may have been lost: who was billed for seconds was talking.
  const wasAnswered = run.answered_at !== null || (run.call_duration_seconds ?? 0) > 0;
  if (wasAnswered) {
    await awaitFromEnd(session, {
      runId: run.id,
      endedAt: run.completed_at,
      patienceEndsAt: new Date(Date.parse(run.completed_at) + patienceMilliseconds).toISOString(),
    });
  }
  return isAwaited(session, run.id);
}

/** A carrier has said where the recording of a run is: some do so when it begins. It is fetched after the end. */
export async function noteRecording(
  services: Pick<Services, 'clock'>,
  session: Session,
  run: RecordedRun & { deadline_at: string },
  url: string,
): Promise<void> {
  // Some accounts record every call; nobody asked for this one.
  if (run.is_recorded === 0 || run.recording_key !== null) return;
  const { clock } = services;
  // What is left until the deadline, from now on.
  const wait = run.completed_at === null ? Date.parse(run.deadline_at) - clock.steady().getTime() : 0;
  const nextAttemptAt = new Date(clock.now().getTime() + wait).toISOString();
  await announceRecording(session, { runId: run.id, url, nextAttemptAt });
}

/** Every recording of an ended call that waits for a time is due now. */
export function bringRecordingsForward(session: Session, now: string): Promise<number> {
  return forwardQuery.changes(session, { now });
}
