/** One signed and bounded request to a receiver, and its outcome in words for the receiver's operator. */
import { describeError } from '../../describe-error';
import { Problem } from '../../problem';
import type { Services } from '../../services';
import { isRefusedTarget } from '../../egress/address-guard';
import { NoReplyError, NotSentError, type CarrierReply, type CarrierRequest } from '../../egress/client';
import { version } from '../../version';
import { maskedHeaders } from '../credentials/custom-headers';
import { privateTarget } from '../private-target';
import { signatureHeaders } from '../signing';

const keptReplyCharacters = 500;
/** The receiver wants no further events (Standard Webhooks: unsubscribe). */
export const gone = 410;

/** A failure that every further attempt would repeat. */
export class HopelessError extends Error {
  override readonly name = 'HopelessError';
}

export interface Message {
  organizationId: number;
  /** The delivery's UUID, the same at every attempt. */
  id: string;
  runId: number;
  /** Counted from 1. */
  attempt: number;
  method: CarrierRequest['method'];
  url: string;
  /** Headers beyond the common ones, by lower-case name. */
  headers: Record<string, string>;
  /** The authentication header of a stored credential, by lower-case name; `headers` replace it. */
  credential: Record<string, string>;
  body: string;
  /** The API key whose own secret signs it; null: the organization's. */
  signingKeyId: number | null;
  /** The headers of the trace that it belongs to; none without one. */
  trace: Record<string, string>;
}

export interface Outcome {
  statusCode: number | null;
  /** Null if it was delivered. */
  error: string | null;
  /** The first characters of the reply. */
  response: string | null;
  retryAfter: string | undefined;
  isHopeless: boolean;
  /** The headers without their secrets and the caller's `tracestate`; null if nothing was sent. */
  sentHeaders: Record<string, string> | null;
}

/**
 * Makes one attempt of at most 15 seconds, and never into the operator's own network. A failure is an outcome too, never an
 * exception.
 * @param prepare returns the message. If it throws, the attempt has failed.
 */
export async function attempt(
  services: Pick<Services, 'storage' | 'clock' | 'secrets' | 'carrier' | 'log'>,
  id: string,
  startedAt: Date,
  prepare: () => Promise<Message>,
): Promise<Outcome> {
  let sentHeaders: Outcome['sentHeaders'] = null;
  try {
    const message = await prepare();
    const request = await toRequest(services, message, startedAt);
    sentHeaders = withoutSecrets(request.headers, message.credential);
    const reply = await services.carrier.send(request, message.organizationId);
    return {
      statusCode: reply.status,
      error: refusal(reply),
      response: excerpt(reply.body),
      retryAfter: reply.retryAfter,
      isHopeless: reply.status === gone,
      sentHeaders,
    };
  } catch (error) {
    return {
      statusCode: null,
      error: describe(services, id, error),
      response: null,
      retryAfter: undefined,
      isHopeless: error instanceof HopelessError,
      sentHeaders: error instanceof NotSentError ? null : sentHeaders,
    };
  }
}

/** `tracestate` may hold anything of the caller's. */
function withoutSecrets(
  headers: Record<string, string>,
  credential: Record<string, string>,
): Record<string, string> {
  return maskedHeaders(
    headers,
    (name) => name === 'webhook-signature' || name === 'tracestate' || name in credential,
  );
}

async function toRequest(
  services: Pick<Services, 'storage' | 'clock' | 'secrets'>,
  message: Message,
  at: Date,
): Promise<CarrierRequest> {
  const { id, body } = message;
  return {
    method: message.method,
    url: message.url,
    headers: {
      'content-type': 'application/json',
      'user-agent': `dograh-trigger/${version}`,
      ...message.credential,
      ...message.headers,
      ...message.trace,
      ...(await signatureHeaders(services, message, at)),
      'x-dograh-delivery-id': id,
      'x-dograh-workflow-run-id': String(message.runId),
      'x-dograh-delivery-attempt': String(message.attempt),
    },
    ...(body === '' ? {} : { body }),
    guarded: true,
    keepReplyBytes: 4 * keptReplyCharacters,
  };
}

function refusal({ status }: CarrierReply): string | null {
  if (status >= 200 && status < 300) return null;
  if (status === gone) return 'The receiver answered 410: it does not want this any more';
  if (status >= 300 && status < 400) return `The receiver answered ${status}; redirects are not followed`;
  return `The receiver answered ${status}`;
}

function describe(services: Pick<Services, 'log'>, id: string, error: unknown): string {
  if (error instanceof HopelessError) return error.message;
  if (error instanceof Problem && typeof error.detail === 'string') return error.detail;
  if (error instanceof NotSentError) return notSent(error.cause);
  if (error instanceof NoReplyError)
    return 'The receiver did not answer in time, or broke the connection off';
  services.log.error({ delivery: id, error: describeError(error) }, 'an event could not be sent');
  return 'The server could not send it; its log has the reason';
}

function notSent(cause: unknown): string {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  return isRefusedTarget(cause) ? privateTarget : `No connection to the receiver could be made (${code})`;
}

/** Text that a database column can store. */
function excerpt(body: string): string | null {
  const text = body.replaceAll('\0', '').slice(0, keptReplyCharacters).toWellFormed();
  return text === '' ? null : text;
}
