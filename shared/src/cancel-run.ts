/** Ends a call that is queued, ringing or answered, on a server whose `/health` lists `cancel`. */
import type { Connection } from './connection';
import { cancelReply } from './contracts';
import { pathId } from './path-id';

/**
 * The carrier is told to end it; the run ends when the carrier reports that.
 *
 * @throws TriggerError `conflict` for a call that has ended, `not_found` for a run that there is not.
 */
export async function cancelRun(connection: Connection, runId: number): Promise<void> {
  // The server finds the run by its own id.
  await connection.create(`/workflow/0/runs/${pathId('run', runId)}/cancel`, {}, cancelReply);
}
