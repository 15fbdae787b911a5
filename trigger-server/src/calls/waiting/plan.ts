/** What the dial of a queued call needs of its request. It is kept while the call may still be placed. */
import type { TriggerRequest, Voicemail } from '@dograh-trigger/shared';
import type { RequestedSpeech } from '../../carriers/port/speech';
import type { Session } from '../../storage/port';
import type { Schedule } from './schedule';
import { changePlanQuery, claimPlanQuery, deletePlanQuery, insertPlanQuery, planQuery } from './plan-store';

export interface PlannedRequest extends Pick<
  TriggerRequest,
  | 'phone_number'
  | 'initial_context'
  | 'telephony_configuration_id'
  | 'from_phone_number_id'
  | 'strict_variables'
> {
  speech: RequestedSpeech;
  voicemail: Voicemail | null;
  /** Who made the request; null for a key without a creator. */
  userId: number | null;
}

export interface CallPlan {
  request: PlannedRequest;
  schedule: Schedule;
}

export async function insertPlan(session: Session, runId: number, plan: CallPlan): Promise<void> {
  await insertPlanQuery.changes(session, { runId, ...asText(plan) });
}

/** @property revision counts the changes of the plan, and its dials. */
export async function findPlan(
  session: Session,
  runId: number,
): Promise<(CallPlan & { revision: number }) | null> {
  const row = await planQuery.first(session, { runId });
  if (row === undefined) return null;
  return {
    request: JSON.parse(row.request) as PlannedRequest,
    schedule: JSON.parse(row.schedule) as Schedule,
    revision: row.revision,
  };
}

export async function changePlan(session: Session, runId: number, plan: CallPlan): Promise<void> {
  await changePlanQuery.changes(session, { runId, ...asText(plan) });
}

/**
 * Claims the plan for a dial, which is then known by the returned revision: of a later dial it is another one.
 * @param revision as it was read. @returns null if the plan has changed meanwhile.
 */
export async function claimPlan(session: Session, runId: number, revision: number): Promise<number | null> {
  const isClaimed = (await claimPlanQuery.changes(session, { runId, revision })) > 0;
  return isClaimed ? revision + 1 : null;
}

/** The call is never placed again. */
export async function deletePlan(session: Session, runId: number): Promise<void> {
  await deletePlanQuery.changes(session, { runId });
}

function asText({ request, schedule }: CallPlan) {
  return { request: JSON.stringify(request), schedule: JSON.stringify(schedule) };
}
