/** What an event says: the run or the delivery as it is now. */
import type { ConsoleRunEvent, WebhookDelivery } from '@dograh-trigger/shared';
import { findDeliveryAsShown } from '../events/deliveries/deliveries';
import { findRunState } from '../runs/run-state';
import type { Session } from '../storage/port';
import type { Change } from './change-store';

/** @returns null when there is no such run or delivery any more. */
export function eventData(
  session: Session,
  { kind, subject_id: id }: Change,
): Promise<ConsoleRunEvent | WebhookDelivery | null> {
  return kind === 'run' ? runData(session, id) : findDeliveryAsShown(session, id);
}

/** Neither numbers nor contexts: who needs them reads the run. */
async function runData(session: Session, id: number): Promise<ConsoleRunEvent | null> {
  const run = await findRunState(session, id);
  if (run === undefined) return null;
  return {
    id: run.id,
    workflow_id: run.agent_id,
    status: run.status,
    disposition: run.disposition,
    reason: run.reason,
    answered_at: run.answered_at,
    completed_at: run.completed_at,
    call_duration_seconds: run.call_duration_seconds,
    artifacts_ready: run.artifacts_ready_at !== null,
  };
}
