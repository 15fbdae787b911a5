/**
 * The outbox: what is owed to receivers is written in the transaction that ends a run, so that no end is ever without
 * its events. Sending comes later (`delivery.ts`).
 */
import type { AgentNode, DeliverySource, JsonObject } from '@dograh-trigger/shared';
import { loadWebhookNodes } from '../agents/resolve-trigger';
import type { Services } from '../services';
import type { RunTable } from '../storage/schema';
import type { Session } from '../storage/storage';
import { customHeaders } from './custom-headers';
import { insertDelivery } from './delivery-store';
import { receiverOf } from './receiver';
import { findCallbackUrl, listHooksFor } from './subscription-store';

export { bringForward as bringEventsForward } from './delivery-store';

/** What is known of a delivery's request before it is rendered. */
export interface DeliveryRequest {
  method: string;
  url: string;
  /** Beyond the common ones, by lower-case name. */
  headers: Record<string, string>;
  /** The stored credential that is opened at every attempt. */
  credentialUuid: string | null;
  /** Of a webhook node. Null: a call.completed event is sent. */
  payloadTemplate: JsonObject | null;
  /** The webhook node or the hook it belongs to. */
  sourceId: string | null;
}

interface Envelope {
  source: DeliverySource;
  hookId: number | null;
  request: DeliveryRequest;
}

/** What the outbox asks of a run that has ended. */
export type EndedRun = Pick<
  RunTable,
  'organization_id' | 'agent_id' | 'definition_id' | 'artifacts_ready_at'
> & {
  id: number;
};

/** How long events wait for a transcript or a recording. */
const longestWaitMilliseconds = 60_000;

/**
 * When an event of this run may be rendered: once everything is there that the run leaves behind, or it was waited for
 * long enough.
 * @param owedSince when the event was written.
 */
export function eventDue(run: EndedRun, owedSince: Date): Date {
  return run.artifacts_ready_at !== null
    ? owedSince
    : new Date(owedSince.getTime() + longestWaitMilliseconds);
}

/** Writes what the end of this run owes to everybody, in the transaction that ends it. */
export async function enqueueRunEvents(
  services: Services,
  session: Session,
  run: EndedRun,
  at: Date,
): Promise<void> {
  const { extensions } = services.config;
  const callbackUrl = extensions.has('callback-url') ? await findCallbackUrl(session, run.id) : null;
  const hooks = extensions.has('hooks') ? await listHooksFor(session, run.organization_id, run.agent_id) : [];
  const envelopes: Envelope[] = [
    ...(await nodeEnvelopes(session, run.definition_id)),
    ...hooks.map((hook) => ({
      source: 'hook' as const,
      hookId: hook.id,
      request: eventRequest(hook.target_url, String(hook.id)),
    })),
    ...(callbackUrl === null ? [] : [callbackEnvelope(callbackUrl)]),
  ];
  for (const envelope of envelopes) await put(services, session, run, envelope, at);
}

/** Owes the event of an ended run to one more callback URL. */
export async function enqueueCallback(
  services: Services,
  session: Session,
  run: EndedRun,
  url: string,
): Promise<void> {
  await put(services, session, run, callbackEnvelope(url), services.clock.now());
}

async function put(
  services: Services,
  session: Session,
  run: EndedRun,
  { source, hookId, request }: Envelope,
  at: Date,
): Promise<void> {
  await insertDelivery(session, {
    uuid: services.chance.uuid(),
    organization_id: run.organization_id,
    run_id: run.id,
    source,
    hook_id: hookId,
    receiver: receiverOf(run.organization_id, request.url),
    next_attempt_at: eventDue(run, at).toISOString(),
    created_at: at.toISOString(),
    request: JSON.stringify(request),
  });
}

function callbackEnvelope(url: string): Envelope {
  return { source: 'callback_url', hookId: null, request: eventRequest(url, null) };
}

function eventRequest(url: string, sourceId: string | null): DeliveryRequest {
  return { method: 'POST', url, headers: {}, credentialUuid: null, payloadTemplate: null, sourceId };
}

/** A draft may change before its events are sent, so its nodes are copied here. */
async function nodeEnvelopes(session: Session, definitionId: number): Promise<Envelope[]> {
  const nodes = await loadWebhookNodes(session, definitionId);
  return nodes.flatMap((node) => {
    const request = nodeRequest(node);
    return request === null ? [] : [{ source: 'webhook_node' as const, hookId: null, request }];
  });
}

const methods: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Null for a node that is switched off or has no address. What a saved definition holds is of any type. */
function nodeRequest({ id, data }: AgentNode): DeliveryRequest | null {
  const url = typeof data.endpoint_url === 'string' ? data.endpoint_url.trim() : '';
  const isOff = data.enabled !== undefined && !data.enabled;
  if (isOff || url === '') return null;
  const method = typeof data.http_method === 'string' ? data.http_method.toUpperCase() : 'POST';
  const template = data.payload_template;
  return {
    method: methods.has(method) ? method : 'POST',
    url,
    headers: customHeaders(data.custom_headers),
    credentialUuid: typeof data.credential_uuid === 'string' ? data.credential_uuid : null,
    payloadTemplate:
      typeof template === 'object' && template !== null && !Array.isArray(template) ? template : {},
    sourceId: id,
  };
}
