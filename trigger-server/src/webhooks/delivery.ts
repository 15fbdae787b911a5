/**
 * One attempt to deliver: render (the first time), sign, send, record. What is sent is the same at every attempt, but
 * for the time and the number of the attempt.
 */
import { webhookUrl } from '@dograh-trigger/shared';
import { describeError } from '../describe-error';
import { Problem } from '../problem';
import type { Services } from '../services';
import type { Session } from '../storage/storage';
import { isRefusedTarget } from '../telephony/carrier/address-guard';
import {
  NoReplyError,
  NotSentError,
  type CarrierReply,
  type CarrierRequest,
} from '../telephony/carrier/http';
import { version } from '../version';
import { endAttempt } from './attempt-store';
import { credentialHeader } from './credentials';
import { cancelDeliveriesOfHook, freezeBody, settleDelivery, type DeliveryRow } from './delivery-store';
import type { DeliveryRequest } from './outbox';
import { renderBody } from './payload';
import { nextAttemptAt } from './retry-schedule';
import { signatureHeaders } from './signing';
import { deleteHook } from './subscription-store';

const keptReplyCharacters = 500;
/** The receiver says that it will never want this again (Standard Webhooks: unsubscribe). */
const gone = 410;

/** It will fail the same way at every attempt. */
class HopelessError extends Error {
  override readonly name = 'HopelessError';
}

interface Outcome {
  statusCode: number | null;
  /** Null when it was delivered. */
  error: string | null;
  response: string | null;
  retryAfter: string | undefined;
  isHopeless: boolean;
}

/** @param delivery as it was claimed for this attempt, which was written down then. */
export async function attemptDelivery(services: Services, delivery: DeliveryRow): Promise<void> {
  const startedAt = services.clock.now();
  const outcome = await outcomeOf(services, delivery, startedAt);
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

async function outcomeOf(services: Services, delivery: DeliveryRow, at: Date): Promise<Outcome> {
  try {
    const reply = await services.carrier.send(await prepare(services, delivery, at));
    return {
      statusCode: reply.status,
      error: refusal(reply),
      response: excerpt(reply.body),
      retryAfter: reply.retryAfter,
      isHopeless: reply.status === gone,
    };
  } catch (error) {
    return {
      statusCode: null,
      error: describe(services, delivery, error),
      response: null,
      retryAfter: undefined,
      isHopeless: error instanceof HopelessError,
    };
  }
}

function refusal({ status }: CarrierReply): string | null {
  if (status >= 200 && status < 300) return null;
  if (status === gone) return 'The receiver answered 410: it does not want this any more';
  if (status >= 300 && status < 400) return `The receiver answered ${status}; redirects are not followed`;
  return `The receiver answered ${status}`;
}

async function prepare(services: Services, delivery: DeliveryRow, at: Date): Promise<CarrierRequest> {
  const request = JSON.parse(delivery.request) as DeliveryRequest;
  const url = webhookUrl.safeParse(request.url);
  if (!url.success)
    throw new HopelessError(`The address is not valid. ${url.error.issues[0]?.message ?? ''}`);
  const body = delivery.body ?? (await freeze(services, delivery, request));
  const { organization_id: organizationId } = delivery;
  return {
    method: request.method as CarrierRequest['method'],
    url: url.data,
    headers: {
      'content-type': 'application/json',
      'user-agent': `dograh-trigger/${version}`,
      ...(request.credentialUuid === null
        ? {}
        : await credentialHeader(services, organizationId, request.credentialUuid)),
      ...request.headers,
      ...(await signatureHeaders(services, organizationId, { id: delivery.uuid, body, at })),
      'x-dograh-delivery-id': delivery.uuid,
      'x-dograh-workflow-run-id': String(delivery.run_id),
      'x-dograh-delivery-attempt': String(delivery.attempt_count),
    },
    ...(body === '' ? {} : { body }),
    guarded: true,
    keepReplyBytes: 4 * keptReplyCharacters,
  };
}

/** What the first attempt rendered is what every later one sends, whatever happens to the run or the agent. */
async function freeze(services: Services, delivery: DeliveryRow, request: DeliveryRequest): Promise<string> {
  const { id, organization_id: organizationId, run_id: runId } = delivery;
  let body: string;
  try {
    body = await renderBody(services, { organizationId, runId }, request);
  } catch (error) {
    if (error instanceof RangeError) throw new HopelessError(`The payload is too large. ${error.message}`);
    throw error;
  }
  await services.storage.write((session) => freezeBody(session, id, body));
  return body;
}

/** In plain words for those who look after the receiver. */
function describe(services: Services, delivery: DeliveryRow, error: unknown): string {
  if (error instanceof HopelessError) return error.message;
  if (error instanceof Problem && typeof error.detail === 'string') return error.detail;
  if (error instanceof NotSentError) return notSent(error.cause);
  if (error instanceof NoReplyError)
    return 'The receiver did not answer in time, or broke the connection off';
  services.log.error({ delivery: delivery.uuid, error: describeError(error) }, 'an event could not be sent');
  return 'The server could not send it; its log has the reason';
}

function notSent(cause: unknown): string {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  return isRefusedTarget(cause)
    ? 'The address leads into a private network, and the operator has not allowed that (ALLOWED_PRIVATE_TARGETS)'
    : `No connection to the receiver could be made (${code})`;
}

/** Text that a column can keep. */
function excerpt(body: string): string | null {
  const text = body.replaceAll('\0', '').slice(0, keptReplyCharacters).toWellFormed();
  return text === '' ? null : text;
}

async function record(
  services: Services,
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
  if (outcome.statusCode === gone && delivery.hook_id !== null) {
    await deleteHook(session, delivery.organization_id, delivery.hook_id);
    await cancelDeliveriesOfHook(session, delivery.hook_id, now.toISOString());
  }
}
