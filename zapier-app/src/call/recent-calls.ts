/** The calls that have ended lately, for triggers. */
import { notPlaced, summarizeListedRun, type TriggerClient, type UsageRun } from '@dograh-trigger/shared';
import { readInstant } from '../platform/instant';

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

/** Newest first. A run for which nobody was called is none of them: its request comes again. @throws TriggerError */
export async function listEndedCalls(
  client: TriggerClient,
  { agentId, now, maximum = maximumCalls, settleSeconds = usualSettleSeconds }: RecentCalls,
): Promise<UsageRun[]> {
  const createdSince = new Date(now.getTime() - windowSeconds * 1000);
  const calls = await client.listNewestCalls(maximum, { createdSince, agentId, allowsPartialResult: true });
  return calls.filter((call) => call.reason !== notPlaced && hasSettled(call, now, settleSeconds));
}

function hasSettled(row: UsageRun, now: Date, settleSeconds: number): boolean {
  const secondsSince = (instant: string) => (now.getTime() - readInstant(instant).getTime()) / 1000;
  if (row.completed_at) return secondsSince(row.completed_at) >= settleSeconds;
  const ageSeconds = secondsSince(row.created_at);
  const { hasEnded, disposition } = summarizeListedRun(row);
  // On Dograh a row has its duration before its disposition, which may still come.
  const isOver =
    row.status === undefined ? disposition !== null || ageSeconds > longestCallSeconds : hasEnded;
  return isOver && ageSeconds >= row.call_duration_seconds + settleSeconds;
}
