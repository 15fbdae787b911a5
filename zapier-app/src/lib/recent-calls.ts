/** The calls that have ended lately, for triggers. */
import type { Run, TriggerClient, UsageRun } from '@dograh-trigger/shared';
import { endedRun } from './call-record';
import { readInstant } from './instant';

/** How far back a poll looks. A call is listed where it began, so one that has just ended may stand below later ones. */
const windowSeconds = 24 * 3600;
/** After the end recordings and transcripts are still being stored, and Zapier keeps what it sees first. */
const usualSettleSeconds = 120;
/** Dograh gives some calls no disposition, ever (those that no audio came of); no call lasts as long as this. */
const longestCallSeconds = 2 * 3600;
/** Of one poll. Zapier holds back a Zap for which a hundred new ones come at once. */
const maximumCalls = 1000;

export interface RecentCalls {
  agentId?: number;
  now: Date;
  /** How many calls to look at. */
  maximum?: number;
  /** How long ago a call must have ended. */
  settleSeconds?: number;
}

/** Newest first. @throws TriggerError */
export async function listEndedCalls(
  client: TriggerClient,
  { agentId, now, maximum = maximumCalls, settleSeconds = usualSettleSeconds }: RecentCalls,
): Promise<Run[]> {
  const createdSince = new Date(now.getTime() - windowSeconds * 1000);
  const calls = await client.listNewestCalls(maximum, { createdSince, agentId });
  return calls.filter((call) => hasSettled(call, now, settleSeconds)).map(endedRun);
}

function hasSettled(row: UsageRun, now: Date, settleSeconds: number): boolean {
  const ageSeconds = (now.getTime() - readInstant(row.created_at).getTime()) / 1000;
  const hasEnded = (row.disposition ?? '') !== '' || ageSeconds > longestCallSeconds;
  return hasEnded && ageSeconds >= row.call_duration_seconds + settleSeconds;
}
