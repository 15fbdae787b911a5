/**
 * Searches the list of calls before a request that may be the second one with its key. The list has the call of the
 * first request, unless that request is still on its way. A server that keeps keys recognizes that case by the key.
 */
import type { Connection } from './connection';
import { findEarlierCall, type ListedCall, type EarlierCallQuery } from './earlier-call';
import { reworded, TriggerError } from '../errors';
import { wasNeverSent } from './responses';

/** Between the failure of the first request and the first search, and between the two searches. */
const pauseSeconds = 5;

/** The minimum duration of {@link searchTwice}. */
export const searchSeconds = 2 * pauseSeconds;

/**
 * For an earlier try that is only possible: one search.
 *
 * @returns the call, if there is one.
 * @throws TriggerError: the error of the earlier request; `invalid_key`, `busy` or `unreachable`, after which the
 *   search may be repeated; `outcome_unknown` when the list cannot be read.
 */
export function searchOnce(connection: Connection, query: EarlierCallQuery): Promise<ListedCall | undefined> {
  return find(connection, query, explainUnreadableList);
}

/**
 * For a step that may have run before and has lost its result: one search. A refused call rang no phone and is not
 * returned.
 *
 * @returns the newest call of the step, if there is one.
 * @throws TriggerError as {@link searchOnce}.
 */
export async function searchForStep(
  connection: Connection,
  query: EarlierCallQuery,
): Promise<ListedCall | undefined> {
  const found = await findEarlierCall(connection, query).catch(rethrowAs(explainUnreadableList));
  return found instanceof TriggerError ? undefined : found;
}

/**
 * For an earlier try with an unknown outcome, whose request may still be on its way: two searches.
 *
 * @param seconds the time from the failure of the try to the second search; at least {@link searchSeconds}.
 * @param unknownOutcome the error of the try, if this client made it.
 * @returns the call, if there is one.
 * @throws TriggerError: the error of the earlier request, or `outcome_unknown` when the list cannot be read.
 */
export async function searchTwice(
  connection: Connection,
  query: EarlierCallQuery,
  seconds = searchSeconds,
  unknownOutcome?: TriggerError,
): Promise<ListedCall | undefined> {
  for (const pause of [Math.max(seconds - pauseSeconds, pauseSeconds), pauseSeconds]) {
    await connection.pause(pause, query.signal);
    const call = await find(connection, query, (failure) => explainStillUnknown(failure, unknownOutcome));
    if (call !== undefined) return call;
  }
  return undefined;
}

async function find(
  connection: Connection,
  query: EarlierCallQuery,
  explain: (failure: TriggerError) => TriggerError,
): Promise<ListedCall | undefined> {
  const found = await findEarlierCall(connection, query).catch(rethrowAs(explain));
  if (found instanceof TriggerError) throw found;
  return found;
}

function rethrowAs(explain: (failure: TriggerError) => TriggerError): (error: unknown) => never {
  return (error) => {
    throw error instanceof TriggerError && error.code !== 'canceled' ? explain(error) : error;
  };
}

/** After an invalid key, a busy or an unreachable server the search may be repeated: nothing was sent yet. */
function explainUnreadableList(failure: TriggerError): TriggerError {
  if (failure.code === 'invalid_key' || failure.code === 'busy' || wasNeverSent(failure)) {
    return reworded(failure, `${failure.message} This call was not placed.`);
  }
  return new TriggerError({
    code: 'outcome_unknown',
    message:
      'An earlier try of this call may have been placed, so it was not placed now. Look at the agent’s calls before ' +
      `calling again. ${unreadableListText(failure)}`,
  });
}

function explainStillUnknown(failure: TriggerError, unclear: TriggerError | undefined): TriggerError {
  const cannotTell = unreadableListText(failure);
  if (unclear) return reworded(unclear, `${unclear.message} ${cannotTell}`);
  return new TriggerError({
    code: 'outcome_unknown',
    message:
      'An earlier try of this call may have been placed, so it was not placed again. Look at the agent’s calls before ' +
      `calling again. ${cannotTell}`,
  });
}

function unreadableListText({ message }: TriggerError): string {
  return `The list of calls, which would show it, cannot be read: ${message}`;
}
