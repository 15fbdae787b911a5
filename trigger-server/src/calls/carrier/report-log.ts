/** How a carrier's reports stand in the log of a run. */
import type { CallAttempt } from '../../carriers/port/call-name';
import { outcomes } from '../../carriers/port/outcomes';
import type { StatusReport } from '../../carriers/port/report';
import { listRunEvents, type RunEvent } from '../../runs/run-log';
import type { Session } from '../../storage/port';

/**
 * How many different reports the log of a run keeps. Beyond that, only a report that moves the run is kept: a carrier, or
 * a stranger, may send any number.
 */
export const mostKeptReports = 50;

/** The number of an attempt is logged from the second one on. */
export function toLogEntry(report: StatusReport, at: Date, { attempt }: CallAttempt): RunEvent {
  return {
    kind: 'status_callback',
    payload: {
      status: report.status === 'ended' ? outcomes[report.outcome].status : report.status,
      raw_status: report.rawStatus,
      timestamp: at.toISOString(),
      call_id: report.callId ?? null,
      duration: report.durationSeconds === undefined ? null : String(report.durationSeconds),
      ...(attempt === 1 ? {} : { attempt }),
    },
  };
}

/** The reports in the log of a run, and those about to be written to it. */
export async function loggedReports(
  session: Session,
  runId: number,
  unwritten: readonly RunEvent[],
): Promise<Set<string>> {
  const events = [...(await listRunEvents(session, runId)), ...unwritten];
  return new Set(events.filter(({ kind }) => kind === 'status_callback').map(saidBy));
}

/** The report without its time, to recognize a repeat. */
export function saidBy({ payload }: RunEvent): string {
  return JSON.stringify({ ...payload, timestamp: null });
}
