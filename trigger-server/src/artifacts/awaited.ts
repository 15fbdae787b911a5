/** Recordings that are still awaited when a call ends. */
import { noteRecordingSource } from '../runs/artifacts/run-artifacts';
import type { Services } from '../services';
import type { Backlog } from '../storage/backlog';
import type { Session } from '../storage/port';
import { deleteAtCarrier, type CarrierRecordingOf } from './removal/removal';
import {
  announceRecording,
  awaitFromEnd,
  backlogQuery,
  fetchFromEnd,
  makeDueNowQuery,
  isAwaited,
} from './store';

/** How long after the end of a call its carrier has to report where the recording is. */
const reportLimitMilliseconds = 5 * 60_000;

export interface RecordedRun {
  id: number;
  is_recorded: number;
  recording_key: string | null;
  completed_at: string | null;
}

/** A run to whose recording its carrier has reported the address. */
export interface ReportedRun extends RecordedRun, CarrierRecordingOf {
  deadline_at: string;
  erased_at: string | null;
}

/**
 * Starts waiting for the recording of an ended run, in the transaction that ends it. Calling it again changes nothing.
 * @returns whether a recording is awaited, so that the artifacts are not ready yet.
 */
export async function awaitRecording(
  session: Session,
  run: RecordedRun & {
    answered_at: string | null;
    call_duration_seconds: number | null;
    earlier_seconds: number;
  },
): Promise<boolean> {
  if (run.completed_at === null || run.is_recorded === 0 || run.recording_key !== null) return false;
  // The report of the answer may have been lost. A call with billed seconds was answered.
  const wasAnswered = run.answered_at !== null || (run.call_duration_seconds ?? 0) > run.earlier_seconds;
  if (wasAnswered) {
    await awaitFromEnd(session, {
      runId: run.id,
      endedAt: run.completed_at,
      reportDueAt: new Date(Date.parse(run.completed_at) + reportLimitMilliseconds).toISOString(),
    });
  } else {
    // The carrier has named it all the same.
    await fetchFromEnd(session, { runId: run.id, endedAt: run.completed_at });
  }
  return isAwaited(session, run.id);
}

/**
 * Stores the address of a run's recording. Some carriers report it when the recording begins; it is fetched after the
 * end of the call. If the run was erased meanwhile, or the call is at another attempt, the recording is deleted at the carrier instead.
 *
 * @param isFormer whether the run is one as `findRunOfAttempt` returns it for a former attempt.
 */
export async function noteRecording(
  services: Pick<Services, 'clock'>,
  session: Session,
  run: ReportedRun,
  url: string,
  isFormer: boolean,
): Promise<void> {
  if (run.erased_at !== null || isFormer) return deleteAtCarrier(services, session, run, url);
  // An erasure deletes the carrier's copy, even if it was never fetched.
  await noteRecordingSource(session, run.id, url);
  // The carrier account may record every call; a recording that was not requested is not fetched.
  if (run.is_recorded === 0 || run.recording_key !== null) return;
  const { clock } = services;
  // The time until the deadline, in milliseconds.
  const wait = run.completed_at === null ? Date.parse(run.deadline_at) - clock.steady().getTime() : 0;
  const nextAttemptAt = new Date(clock.now().getTime() + wait).toISOString();
  await announceRecording(session, { runId: run.id, url, nextAttemptAt });
}

/** Whether the recording of a run is still awaited. */
export function isRecordingAwaited(session: Session, runId: number): Promise<boolean> {
  return isAwaited(session, runId);
}

/** Makes every awaited recording of an ended call due now. */
export function makeRecordingsDueNow(session: Session, now: string): Promise<number> {
  return makeDueNowQuery.changes(session, { now });
}

/** How many recordings are to be fetched, over all organizations. @param now by the wall clock. */
export async function recordingBacklog(session: Session, now: string): Promise<Backlog> {
  return (await backlogQuery.first(session, { now })) ?? { count: 0, oldest: null };
}
