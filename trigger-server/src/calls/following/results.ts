/** Copies what is known of a followed call to its run. */
import type { FollowedCall } from '../../carriers/port/follow';
import { attemptOf, type UnfinishedRun } from '../../runs/unfinished-runs';
import type { Services } from '../../services';

/** Reports what has changed. The recording first: after the end it would be awaited in vain. */
export async function reportFollowed(
  services: Pick<Services, 'callReports'>,
  run: UnfinishedRun,
  { report, recording }: Pick<FollowedCall, 'report' | 'recording'>,
): Promise<void> {
  if (report.status === 'unknown' || report.status === run.status) return;
  const reports = services.callReports(run.mode);
  if (recording !== null) await reports.recorded(attemptOf(run), recording);
  await reports.report(attemptOf(run), [report]);
}
