/** Runs that are erased or deleted. An erased run stays, without anything about the person called. */
import { uncountOrganizationRuns } from '../../accounts/organizations';
import { uncountAgentRuns } from '../../agents/known-agents';
import { idList } from '../../storage/id-list';
import type { Session, WriteSession } from '../../storage/port';
import { deleteAttempts, eraseAttempts } from '../attempts/attempts';
import { correctRunEvents } from '../run-log';
import {
  agedQuery,
  deleteEventsQuery,
  deleteRunsQuery,
  eraseQuery,
  newestIdQuery,
  removeFilesQuery,
  toNumberQuery,
  type AgedRun,
  type RunPlace,
} from './store';

export type { AgedRun, RunPlace } from './store';

/** The runs that were created before an instant, oldest first. @param after the last run of the previous part. */
export function listAgedRuns(
  session: Session,
  organizationId: number,
  { after, before, limit }: { after: RunPlace; before: string; limit: number },
): Promise<AgedRun[]> {
  return agedQuery.all(session, {
    organizationId,
    afterTime: after.createdAt,
    afterId: after.id,
    before,
    limit,
  });
}

/**
 * Deletes runs with their logs, and takes them off the counts. Their events, keys and files must be gone already.
 * @param runs of one organization, at most `mostIds`.
 */
export async function deleteRuns(
  session: WriteSession,
  organizationId: number,
  runs: readonly Pick<AgedRun, 'id' | 'agent_id'>[],
): Promise<void> {
  const runIds = runs.map(({ id }) => id);
  const ids = idList(runIds);
  await deleteEventsQuery.changes(session, ids);
  await deleteAttempts(session, runIds);
  const deleted = await deleteRunsQuery.changes(session, ids);
  // In the order in which a new run counts: first its agent, then its organization.
  const agents = [...new Set(runs.map(({ agent_id: id }) => id))].sort((a, b) => a - b);
  for (const agent of agents) {
    await uncountAgentRuns(session, agent, runs.filter(({ agent_id: id }) => id === agent).length);
  }
  await uncountOrganizationRuns(session, organizationId, deleted);
}

/** The run has neither recording nor transcript any more. Its log keeps what `isKept` says. */
export async function removeFilesOfRun(
  session: Session,
  runId: number,
  isKept: Parameters<typeof correctRunEvents>[2],
): Promise<void> {
  await removeFilesQuery.changes(session, { id: runId });
  await correctRunEvents(session, runId, isKept);
}

/** Removes everything about the person called. What the carrier reported, without its words, stays in the log. */
export async function eraseRun(session: Session, runId: number, at: string): Promise<void> {
  await eraseQuery.changes(session, { id: runId, at });
  await eraseAttempts(session, runId);
  await correctRunEvents(session, runId, (event) => (event.kind === 'status_callback' ? event : null));
}

/** The ids of the runs that called this number and are not erased, in a slice of ids. @param calledNumber in E.164. */
export async function listRunsToNumber(
  session: Session,
  slice: { organizationId: number; calledNumber: string; after: number; upTo: number },
): Promise<number[]> {
  return (await toNumberQuery.all(session, slice)).map(({ id }) => id);
}

/** 0 when there are no runs. */
export async function newestRunId(session: Session): Promise<number> {
  return (await newestIdQuery.first(session, {}))?.id ?? 0;
}
