/**
 * One attempt to deliver: render (the first time), send, record. Every attempt sends the same message, except for its time,
 * its number and its span of a trace.
 */
import { webhookUrl } from '@dograh-trigger/shared';
import { recordAudit, serverActor } from '../../audit/audit';
import { traceHeaders } from '../../http/request/trace-context';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import { endAttempt } from './attempt-store';
import { credentialHeader } from '../credentials/credentials';
import { cancelDeliveriesOfHook, releaseFollowing, settleDelivery, type DeliveryRow } from './delivery-store';
import { readRequest, type DeliveryRequest } from '../outbox';
import { renderBody } from '../payload';
import { nextAttemptAt } from './retry-schedule';
import { attempt, gone, HopelessError, type Message, type Outcome } from './send';
import type { Answer } from './room';
import { deleteHook } from '../subscription-store';

/** The services that an attempt needs, from rendering to recording. */
export type DeliveryServices = Pick<
  Services,
  'config' | 'storage' | 'clock' | 'chance' | 'secrets' | 'carrier' | 'log'
>;

type RenderNeeds = Pick<Services, 'config' | 'storage' | 'clock' | 'secrets'>;

/** The body of the next attempt of a delivery. */
export interface RenderedDelivery {
  id: number;
  body: string | null;
  /** Why there is no body. */
  failure: unknown;
}

/**
 * Renders the body for the first attempt. It is stored with the claim and sent again by every later attempt, even if the
 * run or the agent changes.
 */
export async function renderDelivery(
  services: RenderNeeds,
  delivery: DeliveryRow,
): Promise<RenderedDelivery> {
  const { id, body: kept } = delivery;
  if (kept !== null) return { id, body: kept, failure: null };
  const { organization_id: organizationId, run_id: runId, created_at: owedSince } = delivery;
  try {
    const request = intact(readRequest(delivery.request));
    const body = await renderBody(services, { organizationId, runId, owedSince }, request);
    return { id, body, failure: null };
  } catch (error) {
    const failure =
      error instanceof RangeError ? new HopelessError(`The payload is too large. ${error.message}`) : error;
    return { id, body: null, failure };
  }
}

/** @throws HopelessError if the stored request is damaged. */
function intact(request: DeliveryRequest | null): DeliveryRequest {
  if (request === null) throw new HopelessError('The stored request is damaged, so it cannot be sent');
  return request;
}

/** The result of an attempt, not yet recorded. */
export interface EndedAttempt extends Answer {
  delivery: DeliveryRow;
  endedAt: Date;
  outcome: Outcome;
  /** The time of the next attempt; null if there is none. */
  next: Date | null;
  /** Of the trace that its request belongs to. */
  traceId: string | undefined;
}

/** A delivery that was claimed for an attempt. The same transaction recorded the attempt. */
export interface ClaimedDelivery {
  delivery: DeliveryRow;
  /** Why it has no body. */
  failure: unknown;
}

export async function attemptDelivery(
  services: DeliveryServices,
  claimed: ClaimedDelivery,
): Promise<EndedAttempt> {
  const { delivery } = claimed;
  const request = readRequest(delivery.request);
  const startedAt = services.clock.now();
  const outcome = await attempt(services, delivery.uuid, startedAt, () =>
    prepare(services, claimed, intact(request)),
  );
  const endedAt = services.clock.now();
  const failures = delivery.attempt_count - delivery.attempts_before_retry;
  return {
    delivery,
    endedAt,
    outcome,
    isGood: outcome.error === null,
    durationMilliseconds: endedAt.getTime() - startedAt.getTime(),
    traceId: request?.trace?.traceId,
    next:
      outcome.error === null || outcome.isHopeless
        ? null
        : nextAttemptAt(services.chance, endedAt, failures, outcome.retryAfter),
  };
}

async function prepare(
  services: DeliveryServices,
  { delivery, failure }: ClaimedDelivery,
  request: DeliveryRequest,
): Promise<Message> {
  const url = webhookUrl.safeParse(request.url);
  if (!url.success)
    throw new HopelessError(`The address is not valid. ${url.error.issues[0]?.message ?? ''}`);
  const { organization_id: organizationId, body } = delivery;
  if (body === null) throw failure;
  return {
    organizationId,
    id: delivery.uuid,
    runId: delivery.run_id,
    attempt: delivery.attempt_count,
    method: request.method as Message['method'],
    url: url.data,
    headers: request.headers,
    credential:
      request.credentialUuid === null
        ? {}
        : await credentialHeader(services, organizationId, request.credentialUuid),
    body,
    signingKeyId: request.signingKeyId ?? null,
    trace: request.trace === undefined ? {} : traceHeaders(request.trace, services.chance),
  };
}

export function logAttempt(
  { log }: Pick<Services, 'log'>,
  { delivery, outcome, traceId }: EndedAttempt,
): void {
  log.info(
    {
      runId: delivery.run_id,
      ...(traceId === undefined ? {} : { traceId }),
      delivery: delivery.uuid,
      attempt: delivery.attempt_count,
      status: outcome.statusCode,
    },
    outcome.error === null ? 'an event was delivered' : 'an event was not delivered',
  );
}

/** Records the result of an attempt, and what follows from it for the subscription. */
export async function recordAttempt(
  services: Pick<Services, 'clock'>,
  session: Session,
  { delivery, endedAt, outcome, durationMilliseconds, next }: EndedAttempt,
): Promise<void> {
  const now = endedAt.toISOString();
  const isSettled = await settleDelivery(session, {
    id: delivery.id,
    attempt: delivery.attempt_count,
    attemptsBeforeRetry: delivery.attempts_before_retry,
    status: next !== null ? 'pending' : outcome.error === null ? 'succeeded' : 'dead_letter',
    nextAttemptAt: next?.toISOString() ?? null,
    completedAt: next === null ? now : null,
    now,
  });
  await endAttempt(session, {
    deliveryId: delivery.id,
    number: delivery.attempt_count,
    durationMilliseconds,
    statusCode: outcome.statusCode,
    error: outcome.error,
    response: outcome.response,
    sentHeaders: outcome.sentHeaders === null ? null : JSON.stringify(outcome.sentHeaders),
  });
  const { hook_id: hookId, run_id: runId } = delivery;
  if (hookId === null) return;
  if (outcome.statusCode === gone) {
    const { organization_id: organizationId } = delivery;
    if (await deleteHook(session, organizationId, hookId)) {
      const ended = { action: 'hook.refused', subjectId: hookId } as const;
      await recordAudit(services, session, serverActor(organizationId), ended);
    }
    await cancelDeliveriesOfHook(session, hookId, now);
  } else if (isSettled && next === null) {
    await releaseFollowing(session, { runId, hookId, at: now });
  }
}
