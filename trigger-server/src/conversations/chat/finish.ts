/** The end of the run of a text chat. It frees no slot and is no call: only the webhook nodes of its agent hear of it. */
import type { JsonObject } from '@dograh-trigger/shared';
import { enqueueRunEvents, nobody, receiversOf } from '../../events/outbox';
import { findRunState, saveRunState, type RunState } from '../../runs/run-state';
import type { Services } from '../../services';
import type { WriteSession } from '../../storage/port';
import { rememberDisposition } from '../../usage/dispositions';
import { concluded } from '../engine/endings';
import type { TalkState } from '../engine/state';

/**
 * In the transaction that writes the last turn, under the lock of the run.
 * @param state has ended. @returns whether an event is due now.
 */
export async function finishRun(
  services: Pick<Services, 'config' | 'clock' | 'chance'>,
  session: WriteSession,
  runId: number,
  state: TalkState,
): Promise<boolean> {
  const run = await findRunState(session, runId);
  if (run === undefined || run.completed_at !== null) return false;
  const now = services.clock.now();
  const gathered = concluded(state);
  const { call_disposition: disposition } = gathered;
  const ended: RunState = {
    ...run,
    status: 'completed',
    disposition: typeof disposition === 'string' ? disposition : null,
    gathered_context: JSON.stringify({ ...(JSON.parse(run.gathered_context) as JsonObject), ...gathered }),
    call_duration_seconds: Math.round(secondsSince(services, run)),
    completed_at: now.toISOString(),
    artifacts_ready_at: now.toISOString(),
  };
  await saveRunState(session, ended, null);
  if (ended.disposition !== null) await rememberDisposition(session, runId, ended.disposition);
  const { nodes } = await receiversOf(services, session, ended, { hasEnded: true });
  return enqueueRunEvents(services, session, { run: ended, receivers: { ...nobody, nodes } }, now, null);
}

/** How long the chat has lasted, even if the wall clock has jumped. */
export function secondsSince(
  { clock }: Pick<Services, 'clock'>,
  { answered_steady_at: begun }: Pick<RunState, 'answered_steady_at'>,
): number {
  return begun === null ? 0 : Math.max(0, (clock.steady().getTime() - Date.parse(begun)) / 1000);
}
