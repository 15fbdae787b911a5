/** Ends a call that is queued, ringing or answered, on a server whose `/health` lists `cancel`. */
import type { Connection } from './connection';
import { cancelReply } from '../contracts';
import { isTriggerError } from '../errors';
import { pathId } from './path-id';
import { readRun } from './read-run';
import { summarizeRun } from './run-summary';

/**
 * The carrier is told to end it; the run ends when the carrier reports that.
 *
 * @returns false for a call that had ended by itself: whoever wants it to be over has that.
 * @throws TriggerError `conflict` where the server does not know yet which call it is, `not_found` for a run that there is
 *   not.
 */
export async function cancelRun(connection: Connection, runId: number): Promise<boolean> {
  try {
    // The server finds the run by its own id.
    await connection.create(`/workflow/0/runs/${pathId('run', runId)}/cancel`, {}, cancelReply);
    return true;
  } catch (error) {
    if (!isTriggerError(error) || error.code !== 'conflict') throw error;
    if (!summarizeRun(await readRun(connection, runId, {})).hasEnded) throw error;
    return false;
  }
}
