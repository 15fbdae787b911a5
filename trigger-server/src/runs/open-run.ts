/** Creates runs. */
import { countAgentRuns } from '../agents/known-agents';
import { countOpenedRuns } from '../accounts/organizations';
import type { WriteSession } from '../storage/port';
import { insertRun, type NewRun } from './store';

export type { NewRun } from './store';

/** @property takesSlot false for a run that is queued in the same transaction. */
export interface OpenedRun {
  run: NewRun;
  takesSlot: boolean;
}

/**
 * Inserts runs, and counts them for their agents and organizations. The caller holds the locks of the organizations.
 * @returns their ids, in order.
 */
export async function openRuns(session: WriteSession, opened: readonly OpenedRun[]): Promise<number[]> {
  const runs = opened.map(({ run }) => run);
  const ids = await Promise.all(runs.map((run) => insertRun(session, run)));
  const agents = countBy(runs, ({ agent_id: id }) => id);
  await Promise.all(Array.from(agents, ([id, count]) => countAgentRuns(session, id, count)));
  const ofOrganization = ({ organization_id: id }: NewRun) => id;
  const slots = countBy(
    opened.filter(({ takesSlot }) => takesSlot).map(({ run }) => run),
    ofOrganization,
  );
  for (const [id, count] of countBy(runs, ofOrganization)) {
    await countOpenedRuns(session, id, { runs: count, slots: slots.get(id) ?? 0 });
  }
  return ids;
}

function countBy(runs: readonly NewRun[], idOf: (run: NewRun) => number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const run of runs) counts.set(idOf(run), (counts.get(idOf(run)) ?? 0) + 1);
  return counts;
}
