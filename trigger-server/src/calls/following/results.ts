/** Copies what is known of a followed call to its run. */
import type { FollowedCall } from '../../carriers/port/follow';
import { attemptOf, type UnfinishedRun } from '../../runs/unfinished-runs';
import type { Services } from '../../services';

/** Records what that server says. The recording first: after the end it would be awaited in vain. */
export async function reportFollowed(
  services: Pick<Services, 'callReports' | 'log'>,
  run: UnfinishedRun,
  { report, recording }: Pick<FollowedCall, 'report' | 'recording'>,
): Promise<void> {
  if (report.rawStatus === '') return;
  const omitted = report.conversation?.omitted.length ?? 0;
  if (omitted > 0) {
    services.log.warn(
      { runId: run.id, omitted },
      'some results of a call were too long to be copied; its run names them',
    );
  }
  const reports = services.callReports(run.mode);
  if (recording !== null) await reports.recorded(attemptOf(run), recording);
  await reports.report(attemptOf(run), [report]);
}
