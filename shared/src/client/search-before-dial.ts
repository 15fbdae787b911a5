/**
 * What a server is asked before a request is sent that may be the second with its key: the list of calls has the call of
 * the first one, unless that is still on its way. A server that keeps keys knows of that one by its key.
 */
import type { Connection } from './connection';
import { findEarlierCall, type ListedCall, type EarlierCallQuery } from './earlier-call';
import { reworded, TriggerError } from '../errors';
import { wasNeverSent } from './responses';

/** From the failure of the first request to the first look, and from there to the second. */
const pauseSeconds = 5;

/** How long {@link searchTwice} pauses at least. */
export const searchSeconds = 2 * pauseSeconds;

/**
 * For a try that is only possible: one look.
 *
 * @returns the call, if there is one.
 * @throws TriggerError: what the earlier request was answered with; `invalid_key`, `busy` or `unreachable`, after which
 *   the question may be put again; `outcome_unknown` when the list cannot be read.
 */
export function searchOnce(
  connection: Connection,
  wanted: EarlierCallQuery,
): Promise<ListedCall | undefined> {
  return find(connection, wanted, explainUnreadableList);
}

/**
 * For a step that was begun before and has forgotten what came of it: one look. A call that was refused rang nobody, so
 * it is none.
 *
 * @returns the newest call of the step, if there is one.
 * @throws TriggerError as {@link searchOnce}.
 */
export async function searchForStep(
  connection: Connection,
  wanted: EarlierCallQuery,
): Promise<ListedCall | undefined> {
  const found = await findEarlierCall(connection, wanted).catch(rethrowAs(explainUnreadableList));
  return found instanceof TriggerError ? undefined : found;
}

/**
 * For a try whose outcome is not known, and which may still be on its way: two looks.
 *
 * @param seconds how long to pause, from the failure of the try to the second look; at least {@link searchSeconds}.
 * @param unknownOutcome what the try ended with, when this client made it.
 * @returns the call, if there is one.
 * @throws TriggerError: what the earlier request was answered with, or `outcome_unknown` when the list cannot be read.
 */
export async function searchTwice(
  connection: Connection,
  wanted: EarlierCallQuery,
  seconds = searchSeconds,
  unknownOutcome?: TriggerError,
): Promise<ListedCall | undefined> {
  for (const pause of [Math.max(seconds - pauseSeconds, pauseSeconds), pauseSeconds]) {
    await connection.pause(pause, wanted.signal);
    const call = await find(connection, wanted, (failure) => explainStillUnknown(failure, unknownOutcome));
    if (call !== undefined) return call;
  }
  return undefined;
}

async function find(
  connection: Connection,
  wanted: EarlierCallQuery,
  explain: (failure: TriggerError) => TriggerError,
): Promise<ListedCall | undefined> {
  const found = await findEarlierCall(connection, wanted).catch(rethrowAs(explain));
  if (found instanceof TriggerError) throw found;
  return found;
}

function rethrowAs(explain: (failure: TriggerError) => TriggerError): (error: unknown) => never {
  return (error) => {
    throw error instanceof TriggerError && error.code !== 'canceled' ? explain(error) : error;
  };
}

/** After some failures the question may be put again. */
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
