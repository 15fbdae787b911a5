/**
 * The outbox: what is owed to receivers is written in the transaction that ends a run, or makes its files ready, so that
 * neither is ever without its events. Sending comes later (`delivery.ts`).
 */
import type { AgentNode, DeliverySource, JsonObject, WebhookEvent } from '@dograh-trigger/shared';
import { loadWebhookNodes } from '../agents/resolve-trigger';
import type { Services } from '../services';
import type { RunTable } from '../storage/schema';
import type { Session } from '../storage/port';
import { customHeaders } from './credentials/custom-headers';
import { bringForwardQuery, insertDelivery, isOwedToHook } from './deliveries/delivery-store';
import { forwardQuery } from './deliveries/due-store';
import { receiverOf } from './deliveries/receiver';
import { listCallbackUrls, listHooksFor } from './subscription-store';

/** What is known of a delivery's request before it is rendered. */
export interface DeliveryRequest {
  method: string;
  url: string;
  /** Beyond the common ones, by lower-case name. */
  headers: Record<string, string>;
  /** The stored credential that is opened at every attempt. */
  credentialUuid: string | null;
  /** Of a webhook node. Null: an event is sent. */
  payloadTemplate: JsonObject | null;
  /** Null for a webhook node. Absent in what was written while there was but one type. */
  event?: WebhookEvent | null;
  /** The webhook node or the hook it belongs to. */
  sourceId: string | null;
}

/** The type of the event that a delivery sends; null where a webhook node says what is sent. */
export function eventOf({ event, payloadTemplate }: DeliveryRequest): WebhookEvent | null {
  return payloadTemplate === null ? (event ?? 'call.completed') : null;
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

/**
 * Writes what the end of this run owes to everybody, in the transaction that ends it; where its files are ready with
 * that, what this owes, too.
 */
export async function enqueueRunEvents(
  services: Pick<Services, 'config' | 'chance'>,
  session: Session,
  run: EndedRun,
  at: Date,
): Promise<void> {
  const { extensions } = services.config;
  const callbackUrls = extensions.has('callback-url') ? await listCallbackUrls(session, run.id) : [];
  const due = eventDue(run, at);
  const envelopes: Envelope[] = [
    ...(await nodeEnvelopes(session, run.definition_id)),
    ...(await hookEnvelopes(services, session, run, 'call.completed')),
    ...callbackUrls.map(callbackEnvelope),
  ];
  for (const envelope of envelopes) await put(services, session, run, envelope, at, due);
  if (run.artifacts_ready_at !== null) await enqueueReadyEvents(services, session, run, at);
}

/**
 * Writes what is owed to those who asked to be told that the files of a run are ready, in the transaction that makes
 * them so. Who asked for the end of calls, too, gets the one event after the other: the second one waits, without a time
 * of its own, until the first one is settled.
 */
export async function enqueueReadyEvents(
  services: Pick<Services, 'config' | 'chance'>,
  session: Session,
  run: EndedRun,
  at: Date,
): Promise<void> {
  for (const envelope of await hookEnvelopes(services, session, run, 'call.artifacts_ready')) {
    const follows = envelope.hookId !== null && (await isOwedToHook(session, run.id, envelope.hookId));
    await put(services, session, run, envelope, at, follows ? null : at);
  }
}

/** Owes the event of an ended run to one more callback URL. */
export async function enqueueCallback(
  services: Pick<Services, 'clock' | 'chance'>,
  session: Session,
  run: EndedRun,
  url: string,
): Promise<void> {
  const at = services.clock.now();
  await put(services, session, run, callbackEnvelope(url), at, eventDue(run, at));
}

async function put(
  services: Pick<Services, 'chance'>,
  session: Session,
  run: EndedRun,
  { source, hookId, request }: Envelope,
  at: Date,
  due: Date | null,
): Promise<void> {
  await insertDelivery(session, {
    uuid: services.chance.uuid(),
    organization_id: run.organization_id,
    run_id: run.id,
    source,
    hook_id: hookId,
    receiver: receiverOf(run.organization_id, request.url),
    next_attempt_at: due?.toISOString() ?? null,
    created_at: at.toISOString(),
    request: JSON.stringify(request),
  });
}

/** Makes the run's deliveries due at once that wait for their time and have not been tried yet. */
export async function bringEventsForward(session: Session, runId: number, at: string): Promise<void> {
  await bringForwardQuery.changes(session, { runId, at });
}

/** Every delivery that waits for a time is due now. One whose attempt is under way is not begun twice. */
export function bringAllForward(session: Session, now: string): Promise<number> {
  return forwardQuery.changes(session, { now });
}

function callbackEnvelope(url: string): Envelope {
  return { source: 'callback_url', hookId: null, request: eventRequest(url, 'call.completed', null) };
}

async function hookEnvelopes(
  services: Pick<Services, 'config'>,
  session: Session,
  run: EndedRun,
  event: WebhookEvent,
): Promise<Envelope[]> {
  if (!services.config.extensions.has('hooks')) return [];
  const hooks = await listHooksFor(session, run.organization_id, run.agent_id);
  return hooks
    .filter(({ events }) => events.includes(event))
    .map((hook) => ({
      source: 'hook',
      hookId: hook.id,
      request: eventRequest(hook.target_url, event, String(hook.id)),
    }));
}

function eventRequest(url: string, event: WebhookEvent, sourceId: string | null): DeliveryRequest {
  return { method: 'POST', url, headers: {}, credentialUuid: null, payloadTemplate: null, event, sourceId };
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
    event: null,
    sourceId: id,
  };
}
