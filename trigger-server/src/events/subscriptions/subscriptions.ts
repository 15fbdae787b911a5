/** Subscriptions to the events of an organization's calls. */
import { webhookEvents, type CreatedHook, type CreateHookRequest, type Hook } from '@dograh-trigger/shared';
import { findAgentId } from '../../agents/known-agents';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import { cancelDeliveriesOfHook } from '../deliveries/delivery-store';
import { assertReachable } from '../private-target';
import { readSecret } from '../signing';
import { deleteHook, findSameHook, insertHook, listHooks, type HookRow } from '../subscription-store';

/** Each one adds a row to the transaction that ends a call. */
const mostHooks = 200;

/**
 * Subscribes an address. An identical subscription returns the existing one, so that a repeated request does not cause
 * double events.
 * @throws Problem not_found for an agent of another organization; conflict when there are too many; unprocessable for
 * an address in a private network.
 */
export async function subscribe(
  services: Pick<Services, 'storage' | 'clock' | 'secrets' | 'carrier'>,
  organizationId: number,
  request: CreateHookRequest,
): Promise<CreatedHook> {
  const { target_url: targetUrl } = request;
  assertReachable(services, 'target_url', targetUrl);
  const events = webhookEvents.filter((type) => [request.event].flat().includes(type));
  const { secret } = await readSecret(services, organizationId);
  const row = await services.storage.write(async (session) => {
    await session.lock('organization', organizationId);
    const uuid = request.workflow_uuid ?? null;
    const agentId = uuid === null ? null : await findAgentId(session, organizationId, uuid);
    if (uuid !== null && agentId === null) throw new Problem('not_found', 'Workflow not found');
    const hook = { organizationId, agentId, events, targetUrl };
    const existing = await findSameHook(session, hook);
    if (existing !== undefined) return existing;
    const hooks = await listHooks(session, organizationId);
    if (hooks.length >= mostHooks) {
      throw new Problem(
        'conflict',
        `An organization can have ${mostHooks} subscriptions. Delete one that is not used any more.`,
      );
    }
    const at = services.clock.now().toISOString();
    const id = await insertHook(session, hook, at);
    return {
      id,
      organization_id: organizationId,
      agent_id: agentId,
      events,
      target_url: targetUrl,
      created_at: at,
      workflow_uuid: uuid,
    };
  });
  return { ...present(row), secret };
}

/** The organization's subscriptions, oldest first. */
export async function listOwnHooks(
  services: Pick<Services, 'storage'>,
  organizationId: number,
): Promise<Hook[]> {
  return (await listHooks(services.storage.read, organizationId)).map(present);
}

/** Deletes a subscription. Its pending events are not sent. @throws Problem not_found. */
export async function unsubscribe(
  services: Pick<Services, 'storage' | 'clock'>,
  organizationId: number,
  id: number,
): Promise<void> {
  await services.storage.write(async (session) => {
    if (!(await deleteHook(session, organizationId, id))) throw new Problem('not_found', 'Hook not found');
    await cancelDeliveriesOfHook(session, id, services.clock.now().toISOString());
  });
}

function present(row: HookRow): Hook {
  return {
    id: row.id,
    target_url: row.target_url,
    events: row.events,
    workflow_uuid: row.workflow_uuid,
    created_at: row.created_at,
  };
}
