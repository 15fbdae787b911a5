/**
 * One attempt to deliver: render (the first time), send, record. What is sent is the same at every attempt, but for the
 * time and the number of the attempt.
 */
import { webhookUrl } from '@dograh-trigger/shared';
import type { Services } from '../../services';
import type { Session } from '../../storage/port';
import { endAttempt } from './attempt-store';
import { credentialHeader } from '../credentials/credentials';
import {
  cancelDeliveriesOfHook,
  freezeBody,
  releaseFollowing,
  settleDelivery,
  type DeliveryRow,
} from './delivery-store';
import type { DeliveryRequest } from '../outbox';
import { renderBody } from '../payload';
import { nextAttemptAt } from './retry-schedule';
import { attempt, gone, HopelessError, type Message, type Outcome } from './send';
import { deleteHook } from '../subscription-store';

/** What one attempt takes, from the first look at the run to the record of what came of it. */
export type DeliveryServices = Pick<
  Services,
  'config' | 'storage' | 'clock' | 'chance' | 'secrets' | 'carrier' | 'log'
>;

type RenderNeeds = Pick<Services, 'config' | 'storage' | 'clock' | 'secrets'>;

/** @param delivery as it was claimed for this attempt, which was written down then. */
export async function attemptDelivery(services: DeliveryServices, delivery: DeliveryRow): Promise<void> {
  const startedAt = services.clock.now();
  const outcome = await attempt(services, delivery.uuid, startedAt, () => prepare(services, delivery));
  await services.storage.write((session) => record(services, session, delivery, startedAt, outcome));
  services.log.info(
    {
      runId: delivery.run_id,
      delivery: delivery.uuid,
      attempt: delivery.attempt_count,
      status: outcome.statusCode,
    },
    outcome.error === null ? 'an event was delivered' : 'an event was not delivered',
  );
}

async function prepare(services: RenderNeeds, delivery: DeliveryRow): Promise<Message> {
  const request = JSON.parse(delivery.request) as DeliveryRequest;
  const url = webhookUrl.safeParse(request.url);
  if (!url.success)
    throw new HopelessError(`The address is not valid. ${url.error.issues[0]?.message ?? ''}`);
  const { organization_id: organizationId } = delivery;
  const body = delivery.body ?? (await freeze(services, delivery, request));
  return {
    organizationId,
    id: delivery.uuid,
    runId: delivery.run_id,
    attempt: delivery.attempt_count,
    method: request.method as Message['method'],
    url: url.data,
    headers: {
      ...(request.credentialUuid === null
        ? {}
        : await credentialHeader(services, organizationId, request.credentialUuid)),
      ...request.headers,
    },
    body,
  };
}

/** What the first attempt rendered is what every later one sends, whatever happens to the run or the agent. */
async function freeze(
  services: RenderNeeds,
  delivery: DeliveryRow,
  request: DeliveryRequest,
): Promise<string> {
  const { id, organization_id: organizationId, run_id: runId, created_at: owedSince } = delivery;
  let body: string;
  try {
    body = await renderBody(services, { organizationId, runId, owedSince }, request);
  } catch (error) {
    if (error instanceof RangeError) throw new HopelessError(`The payload is too large. ${error.message}`);
    throw error;
  }
  await services.storage.write((session) => freezeBody(session, id, body));
  return body;
}

async function record(
  services: Pick<Services, 'clock' | 'chance'>,
  session: Session,
  delivery: DeliveryRow,
  startedAt: Date,
  outcome: Outcome,
): Promise<void> {
  const now = services.clock.now();
  await endAttempt(session, {
    deliveryId: delivery.id,
    number: delivery.attempt_count,
    durationMilliseconds: now.getTime() - startedAt.getTime(),
    statusCode: outcome.statusCode,
    error: outcome.error,
    response: outcome.response,
  });
  const failures = delivery.attempt_count - delivery.attempts_before_retry;
  const next =
    outcome.error === null || outcome.isHopeless
      ? null
      : nextAttemptAt(services.chance, now, failures, outcome.retryAfter);
  await settleDelivery(session, {
    id: delivery.id,
    attempt: delivery.attempt_count,
    attemptsBeforeRetry: delivery.attempts_before_retry,
    status: next !== null ? 'pending' : outcome.error === null ? 'succeeded' : 'dead_letter',
    nextAttemptAt: next?.toISOString() ?? null,
    completedAt: next === null ? now.toISOString() : null,
    now: now.toISOString(),
  });
  const { hook_id: hookId, run_id: runId } = delivery;
  if (hookId === null) return;
  if (outcome.statusCode === gone) {
    await deleteHook(session, delivery.organization_id, hookId);
    await cancelDeliveriesOfHook(session, hookId, now.toISOString());
  } else if (next === null) {
    await releaseFollowing(session, { runId, hookId, at: now.toISOString() });
  }
}
