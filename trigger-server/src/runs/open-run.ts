/** Creates runs. */
import { countAgentRuns } from '../agents/known-agents';
import { countOpenedRuns } from '../accounts/organizations';
import type { WriteSession } from '../storage/port';
import { insertRun, type NewRun } from './store';

export type { NewRun } from './store';

/**
 * Inserts runs, and counts them for their agents and organizations. The caller holds the locks of the organizations.
 * @returns their ids, in order.
 */
export async function openRuns(session: WriteSession, runs: readonly NewRun[]): Promise<number[]> {
  const ids = await Promise.all(runs.map((run) => insertRun(session, run)));
  const agents = countBy(runs, ({ agent_id: id }) => id);
  await Promise.all(Array.from(agents, ([id, count]) => countAgentRuns(session, id, count)));
  for (const [id, count] of countBy(runs, ({ organization_id: id }) => id)) {
    await countOpenedRuns(session, id, count);
  }
  return ids;
}

function countBy(runs: readonly NewRun[], idOf: (run: NewRun) => number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const run of runs) counts.set(idOf(run), (counts.get(idOf(run)) ?? 0) + 1);
  return counts;
}
