/** Subscriptions to the events of an organization's calls. */
import { webhookEvents, type CreatedHook, type CreateHookRequest, type Hook } from '@dograh-trigger/shared';
import { findAgentId } from '../../agents/known-agents';
import { recordAudit } from '../../audit/audit';
import { limitedToCallsOf, mayUseAgent } from '../../http/access/key-scope';
import type { Identity } from '../../http/route';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import { cancelDeliveriesOfHook } from '../deliveries/delivery-store';
import { assertReachable } from '../private-target';
import { readSecretFor } from '../signing';
import {
  deleteHook,
  findHook,
  findSameHook,
  insertHook,
  listHooks,
  type HookRow,
} from '../subscription-store';

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
  identity: Identity,
  request: CreateHookRequest,
): Promise<CreatedHook> {
  const { organizationId } = identity;
  const apiKeyId = limitedToCallsOf(identity);
  const { target_url: targetUrl } = request;
  assertReachable(services, 'target_url', targetUrl);
  const events = webhookEvents.filter((type) => [request.event].flat().includes(type));
  const { secret } = await readSecretFor(services, identity);
  const row = await services.storage.write(async (session) => {
    await session.lock('organization', organizationId);
    const uuid = request.workflow_uuid ?? null;
    const agentId = uuid === null ? null : await findAgentId(session, organizationId, uuid);
    const isUnknown = uuid !== null && (agentId === null || !mayUseAgent(identity, agentId));
    if (isUnknown) throw new Problem('not_found', 'Workflow not found');
    const hook = { organizationId, agentId, events, targetUrl, apiKeyId };
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
    await recordAudit(services, session, identity, { action: 'hook.created', subjectId: id });
    return {
      id,
      organization_id: organizationId,
      agent_id: agentId,
      events,
      target_url: targetUrl,
      created_at: at,
      api_key_id: apiKeyId,
      workflow_uuid: uuid,
    };
  });
  return { ...present(row), secret };
}

/** The subscriptions that the caller may see, oldest first. */
export async function listOwnHooks(services: Pick<Services, 'storage'>, identity: Identity): Promise<Hook[]> {
  const hooks = await listHooks(services.storage.read, identity.organizationId);
  return hooks.filter((hook) => maySeeHook(identity, hook)).map(present);
}

/** A key with the scope `trigger` sees only its own subscriptions. */
export function maySeeHook(identity: Identity, hook: Pick<HookRow, 'api_key_id'>): boolean {
  const key = limitedToCallsOf(identity);
  return key === null || hook.api_key_id === key;
}

/** @throws Problem not_found. */
export async function requireVisibleHook(session: Session, identity: Identity, id: number): Promise<HookRow> {
  const hook = await findHook(session, identity.organizationId, id);
  if (hook === undefined || !maySeeHook(identity, hook)) throw new Problem('not_found', 'Hook not found');
  return hook;
}

/** Deletes a subscription. Its pending events are not sent. @throws Problem not_found. */
export async function unsubscribe(
  services: Pick<Services, 'storage' | 'clock'>,
  identity: Identity,
  id: number,
): Promise<void> {
  const { organizationId } = identity;
  await services.storage.write(async (session) => {
    await requireVisibleHook(session, identity, id);
    await deleteHook(session, organizationId, id);
    await recordAudit(services, session, identity, { action: 'hook.deleted', subjectId: id });
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
