/** The list of numbers that are never called, on a server whose `/health` lists `do-not-call`. */
import type { Connection } from './connection';
import { doNotCallEntry, type AddToDoNotCallRequest, type DoNotCallEntry } from '../contracts';
import { isTriggerError } from '../errors';

/**
 * Adds a number. An entry that is there already is replaced only by one that lasts longer. Queued calls to the number
 * are canceled.
 *
 * @param number in E.164.
 * @returns the entry as it is now.
 * @throws TriggerError
 */
export function addToDoNotCall(
  connection: Connection,
  number: string,
  addition: AddToDoNotCallRequest,
): Promise<DoNotCallEntry> {
  return connection.replace(entryPath(number), addition, doNotCallEntry);
}

/** @returns the entry of a number, also one that is not active any more; null when it has none. @throws TriggerError */
export async function findDoNotCall(connection: Connection, number: string): Promise<DoNotCallEntry | null> {
  try {
    return await connection.read(entryPath(number), doNotCallEntry);
  } catch (error) {
    if (isTriggerError(error) && error.code === 'not_found') return null;
    throw error;
  }
}

function entryPath(number: string): string {
  return `/organizations/do-not-call/${encodeURIComponent(number)}`;
}
