/** What a screen reader announces while the list of calls is open: the changes of calls that waited or were under way. */
import type { RunStatus, UsageRun } from '@dograh-trigger/shared';
import { isOpen, statusWords } from '../../ui/run-words';

export type KnownStatuses = ReadonlyMap<number, RunStatus>;

/** The calls of the list that wait or are under way, by id. */
export function openCalls(runs: readonly UsageRun[]): Map<number, RunStatus> {
  const statuses = new Map<number, RunStatus>();
  for (const run of runs) {
    if (run.status !== undefined && isOpen(run)) statuses.set(run.id, run.status);
  }
  return statuses;
}

/**
 * @param before the calls that were open when the list was read last.
 * @returns one sentence, or null when nothing worth a sentence has happened. Ringing is not announced.
 */
export function newsOf(before: KnownStatuses, runs: readonly UsageRun[]): string | null {
  const news: string[] = [];
  for (const { id, status } of runs) {
    const earlier = before.get(id);
    if (earlier === undefined || status === undefined || status === earlier) continue;
    if (status === 'answered') news.push(`Call ${String(id)} was answered.`);
    else if (!isOpen({ status })) news.push(`Call ${String(id)} has ended: ${statusWords[status]}.`);
  }
  if (news.length > 2) return `${String(news.length)} calls were answered or have ended.`;
  return news.length === 0 ? null : news.join(' ');
}
