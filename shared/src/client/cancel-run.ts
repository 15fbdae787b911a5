/** Ends a call that is queued, ringing or answered, on a server whose `/health` lists `cancel`. */
import type { Connection } from './connection';
import { cancelReply } from '../contracts';
import { isTriggerError } from '../errors';
import { pathId } from './path-id';
import { readRun } from './read-run';
import { summarizeRun } from './run-summary';

/**
 * Asks the server to end the call. The run ends when the carrier reports the end.
 *
 * @returns false when the call had already ended.
 * @throws TriggerError `conflict` when the carrier has not yet identified the call, `not_found` when the run does
 *   not exist.
 */
export async function cancelRun(connection: Connection, runId: number): Promise<boolean> {
  try {
    // The server identifies the run by its run id alone.
    await connection.create(`/workflow/0/runs/${pathId('run', runId)}/cancel`, {}, cancelReply);
    return true;
  } catch (error) {
    if (!isTriggerError(error) || error.code !== 'conflict') throw error;
    if (!summarizeRun(await readRun(connection, runId, {})).hasEnded) throw error;
    return false;
  }
}
