/** Results of a call that were not there when it ended, such as a transcript that its server stores minutes later. */
import type { CallAttempt } from '../../carriers/port/call-name';
import { findProvider } from '../../carriers/registry';
import type { RunState } from '../../runs/run-state';
import type { Services } from '../../services';
import { parseObject } from '../../storage/columns';
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

/**
 * Notes that the results of a conversation are concluded at once: its call ends, and nothing has ended it. Call it in the
 * transaction that ends the attempt.
 */
export async function awaitConversation(
  { clock }: Pick<Services, 'clock'>,
  session: Session,
  run: Pick<RunState, 'id' | 'attempt' | 'mode' | 'gathered_context'>,
): Promise<void> {
  if (!hasTalked(run)) return;
  const { id: runId, attempt } = run;
  await awaitQuery.changes(session, { runId, attempt, nextTryAt: clock.now().toISOString() });
}

/** A conversation that this server holds notes its steps with the run from its opening on. */
function hasTalked({
  mode,
  gathered_context: gathered,
}: Pick<RunState, 'mode' | 'gathered_context'>): boolean {
  return !isFollowed(mode) && parseObject(gathered)?.nodes_visited !== undefined;
}

/** Whether another server holds the calls of this provider. */
export function isFollowed(mode: string): boolean {
  return findProvider(mode)?.follow !== undefined;
}

/** Whether results of the run's attempt are still awaited: those of another server, or of a conversation. */
export async function areResultsAwaited(
  session: Session,
  run: Pick<RunState, 'id' | 'attempt' | 'mode' | 'gathered_context'>,
): Promise<boolean> {
  if (!isFollowed(run.mode) && !hasTalked(run)) return false;
  const { id: runId, attempt } = run;
  return (await awaitedQuery.first(session, { runId }))?.attempt === attempt;
}
