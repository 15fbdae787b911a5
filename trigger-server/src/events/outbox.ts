/**
 * The outbox. Events are inserted in the transaction that notes an answer, ends an attempt or a run, or makes its files
 * ready, so that none of these can happen without its events. They are sent later (`deliveries/delivery.ts`).
 */
import type { AgentNode, DeliverySource, JsonObject, WebhookEvent } from '@dograh-trigger/shared';
import { loadWebhookNodes } from '../agents/resolve-trigger';
import type { TraceContext } from '../http/request/trace-context';
import type { Services } from '../services';
import type { RunTable } from '../storage/tables/runs';
import type { Session } from '../storage/port';
import { customHeaders } from './credentials/custom-headers';
import { makeEventsDueNowQuery, insertDelivery, isOwedToHook } from './deliveries/delivery-store';
import { makeAllEventsDueNowQuery } from './deliveries/due-store';
import { receiverOf } from './deliveries/receiver';
import { listCallbackUrls, listHooksFor } from './subscription-store';

/** The request of a delivery before its body is rendered. */
export interface DeliveryRequest {
  method: string;
  url: string;
  /** Further headers, by lower-case name. */
  headers: Record<string, string>;
  /** The stored credential, which is decrypted at every attempt. */
  credentialUuid: string | null;
  /** The template of a webhook node; null for an event. */
  payloadTemplate: JsonObject | null;
  /** Null for a webhook node. Missing in rows from when there was only one type of event. */
  event?: WebhookEvent | null;
  /** The webhook node or the hook it belongs to. */
  sourceId: string | null;
  /** The API key whose own secret signs it. Left out: the organization's secret. */
  signingKeyId?: number;
  /** The number of the attempt that has ended, of a `call.attempt_ended`. */
  attempt?: number;
  /** The trace that the request for the call belongs to. Left out: none. */
  trace?: TraceContext;
}

/** @returns null if the stored text is damaged. */
export function readRequest(stored: string): DeliveryRequest | null {
  try {
    return JSON.parse(stored) as DeliveryRequest;
  } catch {
    return null;
  }
}

/** The type of the event that a delivery sends; null for a webhook node's request. */
export function eventOf({ event, payloadTemplate }: DeliveryRequest): WebhookEvent | null {
  return payloadTemplate === null ? (event ?? 'call.completed') : null;
}

interface Envelope {
  source: DeliverySource;
  hookId: number | null;
  request: DeliveryRequest;
}

/** The columns of a run that the outbox needs. */
export type EndedRun = Pick<
  RunTable,
  'organization_id' | 'agent_id' | 'definition_id' | 'artifacts_ready_at' | 'api_key_id' | 'trace'
> & {
  id: number;
};

/** How long events wait for a transcript or a recording, in milliseconds. */
const longestWaitMilliseconds = 60_000;

/**
 * When an event of this run may be rendered: once all files are there, or after the longest wait.
 * @param owedSince when the event was inserted.
 */
export function eventDue(run: EndedRun, owedSince: Date): Date {
  return run.artifacts_ready_at !== null
    ? owedSince
    : new Date(owedSince.getTime() + longestWaitMilliseconds);
}

type Hooks = Awaited<ReturnType<typeof listHooksFor>>;

/** Who hears of a run. */
interface Receivers {
  hooks: Hooks;
  callbackUrls: string[];
  nodes: Envelope[];
}

export const nobody: Receivers = { hooks: [], callbackUrls: [], nodes: [] };

/**
 * Who hears of a run, read once for all events of a transaction.
 * @param hasEnded whether it has; only then others than hooks hear of it.
 */
export async function receiversOf(
  { config: { extensions } }: Pick<Services, 'config'>,
  session: Session,
  run: EndedRun,
  { hasEnded }: { hasEnded: boolean },
): Promise<Receivers> {
  const [hooks, callbackUrls, nodes] = await Promise.all([
    extensions.has('hooks') ? listHooksFor(session, run) : nobody.hooks,
    hasEnded && extensions.has('callback-url') ? listCallbackUrls(session, run.id) : nobody.callbackUrls,
    hasEnded ? nodeEnvelopes(session, run.definition_id) : nobody.nodes,
  ]);
  return { hooks, callbackUrls, nodes };
}

/**
 * Inserts the events of the end of a run, in the transaction that ends it. If its files are ready already, inserts
 * those events as well.
 * @param receivers of `receiversOf`. @param endedAttempt the number of the attempt that has ended with it; null: the call had not been dialled again.
 * @returns whether any of them is due now.
 */
export async function enqueueRunEvents(
  services: Pick<Services, 'chance'>,
  session: Session,
  { run, receivers }: { run: EndedRun; receivers: Receivers },
  at: Date,
  endedAttempt: number | null,
): Promise<boolean> {
  const { hooks, callbackUrls, nodes } = receivers;
  const due = eventDue(run, at);
  const envelopes: Envelope[] = [
    ...nodes,
    ...hookEnvelopes(hooks, 'call.completed'),
    ...callbackUrls.map(callbackEnvelope),
  ];
  const attemptEnvelopes = endedAttempt === null ? [] : attemptEndedEnvelopes(hooks, endedAttempt);
  for (const envelope of attemptEnvelopes) await insertEvent(services, session, run, envelope, at, at);
  for (const envelope of envelopes) await insertEvent(services, session, run, envelope, at, due);
  if (run.artifacts_ready_at === null) return attemptEnvelopes.length > 0;
  const isReadyDue = await enqueueReadyEvents(services, session, { run, receivers }, at);
  return isReadyDue || attemptEnvelopes.length + envelopes.length > 0;
}

/** Inserts the events of an answer, in the transaction that notes it. @returns whether there are any, due now. */
export async function enqueueAnsweredEvents(
  services: Pick<Services, 'chance'>,
  session: Session,
  { run, receivers }: { run: EndedRun; receivers: Receivers },
  at: Date,
): Promise<boolean> {
  const envelopes = hookEnvelopes(receivers.hooks, 'call.answered');
  for (const envelope of envelopes) await insertEvent(services, session, run, envelope, at, at);
  return envelopes.length > 0;
}

/** Inserts the events of the end of an attempt that is followed by another one. @returns whether there are any, due now. */
export async function enqueueAttemptEvents(
  services: Pick<Services, 'chance'>,
  session: Session,
  { run, receivers }: { run: EndedRun & { attempt: number }; receivers: Receivers },
  at: Date,
): Promise<boolean> {
  const envelopes = attemptEndedEnvelopes(receivers.hooks, run.attempt);
  for (const envelope of envelopes) await insertEvent(services, session, run, envelope, at, at);
  return envelopes.length > 0;
}

/**
 * Inserts the `call.artifacts_ready` events of a run, in the transaction that makes its files ready. A subscription to
 * both events receives them in order: the second delivery has no time of its own until the first one is settled.
 * @returns whether any of them is due now.
 */
export async function enqueueReadyEvents(
  services: Pick<Services, 'chance'>,
  session: Session,
  { run, receivers }: { run: EndedRun; receivers: Receivers },
  at: Date,
): Promise<boolean> {
  let isAnyDue = false;
  for (const envelope of hookEnvelopes(receivers.hooks, 'call.artifacts_ready')) {
    const follows = envelope.hookId !== null && (await isOwedToHook(session, run.id, envelope.hookId));
    await insertEvent(services, session, run, envelope, at, follows ? null : at);
    isAnyDue ||= !follows;
  }
  return isAnyDue;
}

/** Inserts the event of an ended run for a further callback URL. */
export async function enqueueCallback(
  services: Pick<Services, 'clock' | 'chance'>,
  session: Session,
  run: EndedRun,
  url: string,
): Promise<void> {
  const at = services.clock.now();
  await insertEvent(services, session, run, callbackEnvelope(url), at, eventDue(run, at));
}

async function insertEvent(
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
    request: JSON.stringify(run.trace === null ? request : { ...request, trace: parseTrace(run.trace) }),
  });
}

/** Parses the column `trace`. */
function parseTrace(text: string): TraceContext {
  return JSON.parse(text) as TraceContext;
}

/** Makes all deliveries of the run due now that are scheduled for later and have had no attempt yet. */
export async function makeEventsDueNow(session: Session, runId: number, at: string): Promise<void> {
  await makeEventsDueNowQuery.changes(session, { runId, at });
}

/** Makes every scheduled delivery due now, except those whose attempt is under way. */
export function makeAllEventsDueNow(session: Session, now: string): Promise<number> {
  return makeAllEventsDueNowQuery.changes(session, { now });
}

function callbackEnvelope(url: string): Envelope {
  return { source: 'callback_url', hookId: null, request: eventRequest(url, 'call.completed', null) };
}

function attemptEndedEnvelopes(hooks: Hooks, attempt: number): Envelope[] {
  return hookEnvelopes(hooks, 'call.attempt_ended').map((envelope) => ({
    ...envelope,
    request: { ...envelope.request, attempt },
  }));
}

function hookEnvelopes(hooks: Hooks, event: WebhookEvent): Envelope[] {
  return hooks
    .filter(({ events }) => events.includes(event))
    .map((hook) => ({
      source: 'hook',
      hookId: hook.id,
      request: {
        ...eventRequest(hook.target_url, event, String(hook.id)),
        ...(hook.api_key_id === null ? {} : { signingKeyId: hook.api_key_id }),
      },
    }));
}

function eventRequest(url: string, event: WebhookEvent, sourceId: string | null): DeliveryRequest {
  return { method: 'POST', url, headers: {}, credentialUuid: null, payloadTemplate: null, event, sourceId };
}

/** The draft may change before the events are sent, so its nodes are copied. */
async function nodeEnvelopes(session: Session, definitionId: number): Promise<Envelope[]> {
  const nodes = await loadWebhookNodes(session, definitionId);
  return nodes.flatMap((node) => {
    const request = nodeRequest(node);
    return request === null ? [] : [{ source: 'webhook_node' as const, hookId: null, request }];
  });
}

const methods: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Null for a node that is disabled or has no address. In a saved definition every field may have any type. */
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
