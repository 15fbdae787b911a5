/** Subscriptions to events of calls, on a server whose `/health` lists `hooks`. */
import type { Connection } from './connection';
import { createdHook, type CreateHookRequest, type CreatedHook, type WebhookEvent } from '../contracts';
import { TriggerError } from '../errors';
import { pathId } from './path-id';

export interface CallSubscription {
  /** Receives one signed event of each type for every call. */
  targetUrl: string;
  /**
   * Default: only `call.completed`, which waits at most 60 s for a recording. `call.artifacts_ready` is sent when
   * the recording exists or the server has given it up, however long that takes.
   */
  events?: WebhookEvent[];
  /** Only calls of this agent (default: of every agent). */
  agentUuid?: string;
}

/** @returns the subscription's id, and the secret that signs its events. @throws TriggerError */
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

/** Ends a subscription. It is no error if the subscription no longer exists. @throws TriggerError */
export async function unsubscribeFromCalls(connection: Connection, id: number): Promise<void> {
  try {
    await connection.remove(`/hooks/${pathId('subscription', id)}`);
  } catch (error) {
    if (!(error instanceof TriggerError) || error.code !== 'not_found') throw error;
  }
}
