/** Creates runs. */
import { countAgentRuns } from '../agents/known-agents';
import { countOpenedRuns } from '../accounts/organizations';
import type { WriteSession } from '../storage/port';
import { insertRun, type NewRun } from './store';

export type { NewRun } from './store';

/**
 * @property place what it takes: a slot, or a place in the queue of its organization or of its campaign. A text chat takes
 * nothing.
 */
export interface OpenedRun {
  run: NewRun;
  place: 'slot' | 'queue' | 'campaign' | 'nothing';
}

/**
 * Inserts runs, and counts them for their agents and organizations. The caller holds the locks of the organizations.
 * @returns their ids, in order.
 */
export async function openRuns(session: WriteSession, opened: readonly OpenedRun[]): Promise<number[]> {
  const runs = opened.map(({ run }) => run);
  const agents = countBy(runs, ({ agent_id: id }) => id);
  const [ids] = await Promise.all([
    Promise.all(runs.map((run) => insertRun(session, run))),
    Promise.all(Array.from(agents, ([id, count]) => countAgentRuns(session, id, count))),
  ]);
  const ofOrganization = ({ organization_id: id }: NewRun) => id;
  const countIn = (asked: OpenedRun['place']) =>
    countBy(
      opened.filter(({ place }) => place === asked).map(({ run }) => run),
      ofOrganization,
    );
  const [slots, queued] = [countIn('slot'), countIn('queue')];
  for (const [id, count] of countBy(runs, ofOrganization)) {
    const counts = { runs: count, slots: slots.get(id) ?? 0, queued: queued.get(id) ?? 0 };
    await countOpenedRuns(session, id, counts);
  }
  return ids;
}

function countBy(runs: readonly NewRun[], idOf: (run: NewRun) => number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const run of runs) counts.set(idOf(run), (counts.get(idOf(run)) ?? 0) + 1);
  return counts;
}
