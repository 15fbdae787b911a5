/** Subscriptions to events of calls, on a server whose `/health` lists `hooks`. */
import type { Connection } from './connection';
import { createdHook, type CreateHookRequest, type CreatedHook, type WebhookEvent } from '../contracts';
import { TriggerError } from '../errors';
import { pathId } from './path-id';

export interface CallSubscription {
  /** Gets one signed event of each type for every call. */
  targetUrl: string;
  /**
   * Default: `call.completed` alone, which waits 60 s at most for a recording. `call.artifacts_ready` comes when the
   * recording is there, however long it took, or was given up.
   */
  events?: WebhookEvent[];
  /** Only calls of this agent (default: of every agent). */
  agentUuid?: string;
}

/** @returns the subscription's id, and the secret that its events are signed with. @throws TriggerError */
export function subscribeToCalls(
  connection: Connection,
  { targetUrl, events, agentUuid }: CallSubscription,
): Promise<CreatedHook> {
  const hook: CreateHookRequest = {
    target_url: targetUrl,
    event: events ?? 'call.completed',
    workflow_uuid: agentUuid,
  };
  return connection.create('/hooks', hook, createdHook);
}

/** Ends a subscription. One that is gone already is no error. @throws TriggerError */
export async function unsubscribeFromCalls(connection: Connection, id: number): Promise<void> {
  try {
    await connection.remove(`/hooks/${pathId('subscription', id)}`);
  } catch (error) {
    if (!(error instanceof TriggerError) || error.code !== 'not_found') throw error;
  }
}
