/**
 * The end of a call that talks. The carrier's report is kept until the conversation is finished, so that the run ends
 * with all its values; any process finishes it, as a follow-up.
 */
import type { CallReports } from '../../carriers/port/call';
import type { CallAttempt } from '../../carriers/port/call-name';
import type { StatusReport } from '../../carriers/port/report';
import { findProvider } from '../../carriers/registry';
import { heldEndOf, holdEnd, progressOf, type HeldEnd } from '../../conversations/talk/talks';
import { planFollowUp } from '../../runs/due/follow-ups';
import { findRunState } from '../../runs/run-state';
import { answererOf } from '../../runs/transitions';
import { attemptOf, type UnfinishedRun } from '../../runs/unfinished-runs';
import type { Services } from '../../services';
import type { WriteSession } from '../../storage/port';

/** How long to wait for a turn, or for values, that another one has under way. */
const busyMilliseconds = 1000;

function holdsTalks(providerName: string): boolean {
  return findProvider(providerName)?.callbacks?.readHeard !== undefined;
}

/**
 * Keeps the reports that end a conversation, and plans to finish it now. A machine has held none.
 * @returns the other reports.
 */
export async function holdTalkEnds(
  { clock }: Pick<Services, 'clock'>,
  session: WriteSession,
  call: CallAttempt,
  reports: readonly StatusReport[],
): Promise<readonly StatusReport[]> {
  const isEnd = (report: StatusReport) => report.status === 'ended' && report.conversation === undefined;
  const end = reports.find(isEnd);
  if (end === undefined) return reports;
  await session.lock('run', call.runId);
  const run = await findRunState(session, call.runId);
  if (run?.attempt !== call.attempt || run.completed_at !== null || !holdsTalks(run.mode)) return reports;
  const answerer = answererOf(run);
  if (answerer === 'machine' || answerer === 'fax') return reports;
  const at = clock.steady().toISOString();
  if (!(await holdEnd(session, call, { report: end, at }))) return reports;
  await planFollowUp(session, call, at);
  return reports.filter((report) => !isEnd(report));
}

/** Finishes a conversation whose call has ended. @returns false for a run that has none to finish. */
export async function finishTalk(
  services: Pick<Services, 'storage' | 'clock'>,
  run: UnfinishedRun,
  reports: CallReports,
): Promise<boolean> {
  if (!holdsTalks(run.mode)) return false;
  const call = attemptOf(run);
  const end = await heldEndOf(services.storage.read, call);
  if (end === null) return false;
  const report = await finishedReport(services, call, end, reports);
  if (report === null) await reports.followUpIn(call, busyMilliseconds);
  else await reports.report(call, [report]);
  return true;
}

/** @returns null while another one has a turn or values under way. */
async function finishedReport(
  { storage, clock }: Pick<Services, 'storage' | 'clock'>,
  call: CallAttempt,
  { report, at }: HeldEnd,
  reports: CallReports,
): Promise<StatusReport | null> {
  const progress = await progressOf(storage.read, call);
  if (progress !== null && progress.reply?.then !== 'hang_up') {
    if ((await reports.hear(call, progress.turn, { kind: 'hung_up' })) === null) return null;
  }
  const talk = await reports.endTalk(call);
  if (talk === null) return null;
  const { conversation, error } = talk;
  const waited = (clock.steady().getTime() - Date.parse(at)) / 1000;
  return {
    ...report,
    lateSeconds: (report.lateSeconds ?? 0) + waited,
    conversation,
    ...(error === null ? {} : { error }),
  };
}
