/**
 * The error of the client. Its `code` comes from a closed list, so that a host (n8n, Zapier, your code) never has
 * to interpret a message.
 */
import { plainError, type PlainError } from './plain-error';
import { redact } from './redact';

/**
 * - `invalid_input`: the request is not valid (422, or refused before it was sent). Nothing was dialled.
 * - `invalid_key`: the key is missing, unknown or archived (401, or 422 at the key's header). Nothing was dialled.
 * - `forbidden`: the key belongs to another organization, has another scope, or is limited to other agents (403).
 *   Nothing was dialled.
 * - `not_found`: no such agent, trigger, run or configuration, or it is not active (404). Nothing was dialled.
 * - `out_of_credits`: the account's quota refused the call (402). Nothing was dialled.
 * - `conflict`: the request clashes with another one (409), or its idempotency key was used for another call (422,
 *   with `runId` of that call). Nothing was dialled by this request.
 * - `busy`: nothing was dialled now, and the same request may succeed later: no call slot is free (429), the
 *   carrier cannot be reached (400 with `Retry-After`), the server is stopping or cannot write (503).
 * - `telephony`: telephony is not set up, or the carrier refused the call (400 without `Retry-After`, 501).
 *   `nothingDialled` tells whether a phone may ring.
 * - `outcome_unknown`: the call may have been placed. A trigger got no answer, a 5xx or an unreadable 2xx; or it
 *   was canceled on its way; or the first request with its key is still in progress.
 * - `unreachable`: no answer to a request that does not dial, or no connection for one that does. Nothing was
 *   dialled.
 * - `server`: the server failed on a request that does not dial (5xx).
 * - `unexpected_response`: the answer is not this API's (HTML of a proxy, a redirect, wrong JSON). Nothing was
 *   dialled.
 * - `wait_timeout`: a run did not end within the wait.
 * - `canceled`: the caller's signal ended the wait or the request. Nothing was dialled by this request.
 */
export const triggerErrorCodes = [
  'invalid_input',
  'invalid_key',
  'forbidden',
  'not_found',
  'out_of_credits',
  'conflict',
  'busy',
  'telephony',
  'outcome_unknown',
  'unreachable',
  'server',
  'unexpected_response',
  'wait_timeout',
  'canceled',
] as const;
export type TriggerErrorCode = (typeof triggerErrorCodes)[number];

export interface TriggerErrorOptions {
  code: TriggerErrorCode;
  /** What happened and what to do. May be shown to a user. */
  message: string;
  /**
   * The request and its result in one sentence, with the address. It helps the person who set up the connection. It
   * is not part of `message`, which a language model may see.
   */
  exchange?: string;
  /** HTTP status; absent without an answer. */
  status?: number;
  /** The bundled server's reason, one of `problemCodes`. Dograh sends none. */
  problemCode?: string;
  /** The server's `detail` as text, for display only. Programs decide by `code` and `problemCode`. */
  detail?: string;
  /** Seconds to wait before another try, from `Retry-After`. */
  retryAfterSeconds?: number;
  /** The run, when the reply named one. */
  runId?: number;
  /** See TriggerError. By default it follows from `code`; false for a code that leaves it open. */
  nothingDialled?: boolean;
  cause?: unknown;
}

/** Codes that do not decide whether a phone may ring. */
const openCodes: ReadonlySet<TriggerErrorCode> = new Set<TriggerErrorCode>(['telephony', 'outcome_unknown']);

/**
 * The error that every method of the client throws. Its constructor removes keys and phone numbers from `message`,
 * `exchange`, `detail` and `cause`, so that no log line can leak them.
 */
export class TriggerError extends Error {
  override readonly name = 'TriggerError';
  readonly code: TriggerErrorCode;
  readonly exchange?: string;
  readonly status?: number;
  readonly problemCode?: string;
  readonly detail?: string;
  readonly retryAfterSeconds?: number;
  readonly runId?: number;
  /** Whether this request certainly rang no phone. It does not cover an earlier request with the same key. */
  readonly nothingDialled: boolean;
  declare readonly cause?: PlainError;

  constructor(options: TriggerErrorOptions) {
    super(
      redact(options.message),
      options.cause === undefined ? undefined : { cause: plainError(options.cause) },
    );
    this.code = options.code;
    this.exchange = options.exchange === undefined ? undefined : redact(options.exchange);
    this.status = options.status;
    this.problemCode = options.problemCode;
    this.detail = options.detail === undefined ? undefined : redact(options.detail);
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.runId = options.runId;
    this.nothingDialled = options.nothingDialled ?? !openCodes.has(options.code);
  }
}

/** The same error with another message. */
export function reworded(error: TriggerError, message: string): TriggerError {
  const { code, exchange, status, problemCode, detail, retryAfterSeconds, runId, nothingDialled, cause } =
    error;
  return new TriggerError({
    code,
    message,
    exchange,
    status,
    problemCode,
    detail,
    retryAfterSeconds,
    runId,
    nothingDialled,
    cause,
  });
}

/**
 * Whether a thrown value is a TriggerError. Compares `name` and `code` instead of the class, because a host may
 * load two copies of this package.
 */
export function isTriggerError(error: unknown): error is TriggerError {
  return (
    typeof error === 'object' &&
    error !== null &&
    'name' in error &&
    error.name === 'TriggerError' &&
    'code' in error &&
    triggerErrorCodes.some((code) => code === error.code)
  );
}
