/** The circuit breaker of a campaign. As in Dograh, busy and no answer are no failures of the campaign. */
import type { CampaignBreaker, RunStatus } from '@dograh-trigger/shared';

const failures: ReadonlySet<RunStatus> = new Set(['failed', 'error']);

/** @param ended calls of the window, by status. @returns null while the campaign may go on. */
export function failureRate(
  breaker: CampaignBreaker,
  ended: readonly { status: RunStatus; count: number }[],
): { words: string; details: Record<string, number> } | null {
  if (!breaker.enabled) return null;
  const sum = (rows: typeof ended) => rows.reduce((total, { count }) => total + count, 0);
  const total = sum(ended);
  const failed = sum(ended.filter(({ status }) => failures.has(status)));
  if (total < breaker.min_calls_in_window || failed === 0) return null;
  if (failed / total < breaker.failure_threshold) return null;
  return {
    words: `${String(failed)} of ${String(total)} calls failed in ${String(breaker.window_seconds)} seconds`,
    details: {
      failure_rate: failed / total,
      failure_count: failed,
      success_count: total - failed,
      threshold: breaker.failure_threshold,
      window_seconds: breaker.window_seconds,
    },
  };
}
