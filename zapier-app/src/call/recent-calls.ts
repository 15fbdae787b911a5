/** Lists recently ended calls, for the triggers. */
import { notPlaced, summarizeListedRun, type TriggerClient, type UsageRun } from '@dograh-trigger/shared';
import { readInstant } from '../platform/instant';

/**
 * How far back a poll reads. The list is ordered by start time, so a call that has just ended may be below later
 * ones.
 */
const windowSeconds = 24 * 3600;
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
  now: Date;
  /** Maximum number of calls to read. */
  maximum?: number;
  /** Minimum time since the end of a call. */
  settleSeconds?: number;
}

/** Newest first, without runs that were not placed: their requests will be repeated. @throws TriggerError */
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
  // On Dograh a row gets its duration before its disposition.
  const isOver =
    row.status === undefined ? disposition !== null || ageSeconds > longestCallSeconds : hasEnded;
  return isOver && ageSeconds >= row.call_duration_seconds + settleSeconds;
}
