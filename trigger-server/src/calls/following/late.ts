/** Results of a call that were not there when it ended, such as a transcript that its server stores minutes later. */
import type { CallAttempt } from '../../carriers/port/call-name';
import { findProvider } from '../../carriers/registry';
import type { RunState } from '../../runs/run-state';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import { awaitedQuery, awaitQuery } from './late-store';

/** The pauses are 10, 20, 40 … seconds, so the last try is about ten minutes after the end. */
const firstPauseMilliseconds = 10_000;
export const mostTries = 6;

/** @param tries so many have been made. */
export function nextTry({ clock }: Pick<Services, 'clock'>, tries: number): string {
  return new Date(clock.now().getTime() + firstPauseMilliseconds * 2 ** tries).toISOString();
}

/** Notes that the results of this attempt are read again. Call it in the transaction that ends it. */
export async function awaitResults(
  services: Pick<Services, 'clock'>,
  session: Session,
  { runId, attempt }: CallAttempt,
): Promise<void> {
  await awaitQuery.changes(session, { runId, attempt, nextTryAt: nextTry(services, 0) });
}

/** Whether results of the run's attempt are still awaited. Only another server that holds a call has them late. */
export async function areResultsAwaited(
  session: Session,
  { id: runId, attempt, mode }: Pick<RunState, 'id' | 'attempt' | 'mode'>,
): Promise<boolean> {
  if (findProvider(mode)?.follow === undefined) return false;
  return (await awaitedQuery.first(session, { runId }))?.attempt === attempt;
}
