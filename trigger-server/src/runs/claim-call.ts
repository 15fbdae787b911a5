/** Which call at a carrier is a run's, where the carrier did not say so itself. */
import type { WriteSession } from '../storage/port';
import { identifyQuery, sameNumberQuery, type UnfinishedRun } from './store';

/** A call that was begun longer before is not at the carrier any more. */
const longestCallMilliseconds = 24 * 60 * 60_000;

/**
 * Gives a run one of these calls, where there is no doubt: exactly one belongs to no other run, and no other run to this
 * number could claim it.
 * @param candidates the carrier's ids. @returns the one that is the run's from now on, or null.
 */
export async function claimCall(
  session: WriteSession,
  run: UnfinishedRun,
  candidates: readonly string[],
): Promise<string | null> {
  // Two runs to one number would otherwise both find the call free.
  await session.lock('organization', run.organization_id);
  const others = await sameNumberQuery.all(session, {
    id: run.id,
    organizationId: run.organization_id,
    mode: run.mode,
    calledNumber: run.called_number,
    since: new Date(Date.parse(run.created_at) - longestCallMilliseconds).toISOString(),
  });
  const ids = others.map(({ provider_call_id }) => provider_call_id);
  const hasRival = others.some(
    ({ provider_call_id: id, completed_at, created_at }) =>
      (id === null || !candidates.includes(id)) && (completed_at === null || created_at >= run.created_at),
  );
  const free = candidates.filter((id) => !ids.includes(id));
  const [callId] = free;
  if (callId === undefined || free.length > 1 || hasRival) return null;
  await session.lock('run', run.id);
  return (await identifyQuery.changes(session, { id: run.id, callId })) > 0 ? callId : null;
}
