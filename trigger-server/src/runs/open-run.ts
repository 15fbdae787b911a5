/** Creates a run. */
import { countAgentRun } from '../agents/known-agents';
import { countOrganizationRun } from '../accounts/organizations';
import type { Session } from '../storage/port';
import { insertRun, type NewRun } from './store';

/** Inserts the run, and increments the counters of its agent and its organization. */
export async function openRun(session: Session, run: NewRun): Promise<number> {
  await countAgentRun(session, run.agent_id);
  await countOrganizationRun(session, run.organization_id);
  return insertRun(session, run);
}
