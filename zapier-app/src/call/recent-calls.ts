/** Lists recently ended calls, for the triggers. */
import { notPlaced, summarizeListedRun, type TriggerClient, type UsageRun } from '@dograh-trigger/shared';
import { readInstant } from '../platform/instant';

/**
 * How far back a poll reads. The list is ordered by start time, so a call that has just ended may be below later
 * ones.
 */
const windowSeconds = 24 * 3600;
/** How long before that window a call may have begun to wait, on a server where calls wait. */
const longestWaitSeconds = 31 * 24 * 3600;
/**
 * Recordings and transcripts are stored after the end of a call, and Zapier keeps only the first version of a
 * record.
 */
const usualSettleSeconds = 120;
/**
 * Longer than any call. Dograh never sets a disposition for calls without audio, so they count as ended after this
 * time.
 */
const longestCallSeconds = 2 * 3600;
/** Maximum number of calls to read in one poll. Zapier holds a Zap when a hundred new records arrive at once. */
const maximumCalls = 1000;

export interface RecentCalls {
  agentId?: number;
  campaignId?: number;
  now: Date;
  /** Maximum number of calls to read. */
  maximum?: number;
  /** Minimum time since the end of a call. */
  settleSeconds?: number;
}

/** Without runs that were not placed: their requests will be repeated. @throws TriggerError */
export async function listEndedCalls(
  client: TriggerClient,
  { agentId, campaignId, now, maximum = maximumCalls, settleSeconds = usualSettleSeconds }: RecentCalls,
): Promise<UsageRun[]> {
  const canWait = (await client.capabilities()).extensions.has('scheduling');
  // Calls that wait may be more than one poll reads, and would keep ended ones out of it.
  const ended = {
    agentId,
    campaignId,
    allowsPartialResult: true,
    ...(canWait && { hasEnded: true as const }),
  };
  const windowStart = now.getTime() - windowSeconds * 1000;
  const calls = await client.listNewestCalls(maximum, { ...ended, createdSince: new Date(windowStart) });
  if (canWait && calls.length < maximum) {
    const earlier = await client.listNewestCalls(maximum - calls.length, {
      ...ended,
      createdSince: new Date(windowStart - longestWaitSeconds * 1000),
      createdUntil: new Date(windowStart - 1),
    });
    calls.push(...earlier.filter((call) => endedSince(call, windowStart)));
  }
  return calls.filter((call) => call.reason !== notPlaced && hasSettled(call, now, settleSeconds));
}

/** @param start in milliseconds since 1970. */
function endedSince({ completed_at: completedAt }: UsageRun, start: number): boolean {
  return completedAt != null && readInstant(completedAt).getTime() >= start;
}

function hasSettled(row: UsageRun, now: Date, settleSeconds: number): boolean {
  const secondsSince = (instant: string) => (now.getTime() - readInstant(instant).getTime()) / 1000;
  if (row.completed_at) return secondsSince(row.completed_at) >= settleSeconds;
  const ageSeconds = secondsSince(row.created_at);
  const { hasEnded, disposition } = summarizeListedRun(row);
  // On Dograh a row gets its duration before its disposition.
  const isOver =
    row.status === undefined ? disposition !== null || ageSeconds > longestCallSeconds : hasEnded;
  return isOver && ageSeconds >= row.call_duration_seconds + settleSeconds;
}
