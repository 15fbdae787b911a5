/** Overdue calls that another server holds: only that server can end them, so they are followed on while it says that they go on. */
import type { Follow } from '../../carriers/port/follow';
import { attemptOf, dialTimeOf, type UnfinishedRun } from '../../runs/unfinished-runs';
import type { Services } from '../../services';
import type { CarrierAccount } from '../../telephony/open-account';
import { reportFollowed } from './results';

/** How long after its dial a call is followed. No Dograh lets one last a third as long: such a run was forgotten there. */
const longestMilliseconds = 60 * 60_000;

/**
 * Reads an overdue call, and copies what is new. An end is copied with all that is there of its results.
 * @returns `ended`, `goes on`, or in words why its end cannot be known.
 * @throws NotSentError, NoReplyError, CarrierFailure.
 */
export async function readOverdue(
  services: Pick<Services, 'clock' | 'log' | 'callReports'>,
  run: UnfinishedRun,
  callId: string,
  { provider, configuration, tools, follow }: CarrierAccount & { follow: Follow<Record<string, unknown>> },
): Promise<'ended' | 'goes on' | { reason: string }> {
  const call = { ...attemptOf(run), callId, record: run.is_recorded === 1, needsAll: false };
  const found = await follow.read(configuration, call, tools);
  await reportFollowed(services, run, found);
  const { status } = found.report;
  if (status === 'ended') return 'ended';
  const { displayName } = provider;
  if (status === 'unknown') {
    return {
      reason: `${displayName} did not say within the longest time of a call that this one was answered or has ended.`,
    };
  }
  const age = services.clock.now().getTime() - Date.parse(dialTimeOf(run));
  if (age < longestMilliseconds) return 'goes on';
  return {
    reason: `${displayName} still says '${status}' an hour after the dial. No call lasts so long there, so how this one ended is not known.`,
  };
}
