/** How long a call may still ring, for a carrier that documents no ring timeout. */
import { loadConfigurations } from '../../agents/resolve-trigger';
import { findProvider } from '../../carriers/registry';
import type { UnfinishedRun } from '../../runs/unfinished-runs';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import { defaultRingTimeoutSeconds } from '../carrier/answering';

/** A carrier that does end the ringing does so first, and reports why. */
const graceMilliseconds = 5000;

export type RingingRun = Pick<UnfinishedRun, 'mode' | 'status' | 'definition_id' | 'ringing_steady_at'>;

/** @returns milliseconds, negative once it has rung too long; null for a call that the server does not end. */
export async function ringTimeLeft(
  { clock }: Pick<Services, 'clock'>,
  session: Session,
  run: RingingRun,
): Promise<number | null> {
  if (run.status !== 'ringing' || run.ringing_steady_at === null) return null;
  if (findProvider(run.mode)?.needsRingTimer === undefined) return null;
  const configurations = await loadConfigurations(session, run.definition_id);
  const seconds = configurations.ring_timeout_seconds ?? defaultRingTimeoutSeconds;
  const endsAt = Date.parse(run.ringing_steady_at) + seconds * 1000 + graceMilliseconds;
  return endsAt - clock.steady().getTime();
}
