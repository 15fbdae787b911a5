/**
 * The one error of the client. Its `code` comes from a closed list, so that a host (n8n, Zapier, your code)
 * decides by code and never by reading a message.
 */
import { plainError, type PlainError } from './plain-error';
import { redact } from './redact';

/**
 * - `invalid_input`: the request is wrong (422, or refused before it was sent). Nothing was dialled.
 * - `invalid_key`: the key is missing, unknown or archived (401, or 422 at the key's header). Nothing was dialled.
 * - `forbidden`: the key belongs to another organization (403). Nothing was dialled.
 * - `not_found`: no such agent, trigger, run or configuration, or it is not active (404). Nothing was dialled.
 * - `out_of_credits`: the account's quota refused the call (402). Nothing was dialled.
 * - `conflict`: the request clashes with another one (409), or its idempotency key was used for another call (422, with
 *   `runId` of that call). Nothing was dialled by this request.
 * - `busy`: nothing was dialled now, and the same request may succeed later: no call slot is free (429), the carrier
 *   cannot be reached (400 with `Retry-After`), the server is stopping or cannot write (503).
 * - `telephony`: telephony is not set up, or the carrier refused the call (400 without `Retry-After`, 501). Whether a
 *   phone may ring says `nothingDialled`.
 * - `outcome_unknown`: the call may have been placed; nobody can say (no answer, 5xx, or a 2xx that cannot be
 *   read after a trigger; a trigger that was canceled on its way; a key whose first request is still at work).
 * - `unreachable`: no answer to a request that does not dial, or no connection for one that does.
 *   Nothing was dialled.
 * - `server`: the server failed on a request that does not dial (5xx).
 * - `unexpected_response`: the answer is not this API's (HTML of a proxy, a redirect, wrong JSON).
 *   Nothing was dialled.
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
  /** What happened and what to do, in plain words; may be shown to a user. */
  message: string;
  /**
   * What was asked of which address, and how that ended, as a sentence. For whoever set the connection up, and no part of
   * `message`, which a language model may be given.
   */
  exchange?: string;
  /** HTTP status, absent when no answer came. */
  status?: number;
  /** Why, in the bundled server's own word for code (its list: `problemCodes`). Dograh has none. */
  problemCode?: string;
  /** The server's own `detail`, flattened to text. For people: code decides by `code` and `problemCode`. */
  detail?: string;
  /** Seconds to wait before another try, from `Retry-After`. */
  retryAfterSeconds?: number;
  /** The run, when the reply named one. */
  runId?: number;
  /** See TriggerError. Default: what `code` says, and false where that leaves it open. */
  nothingDialled?: boolean;
  cause?: unknown;
}

/** What these say of a phone depends on the answer. */
const openCodes: ReadonlySet<TriggerErrorCode> = new Set<TriggerErrorCode>(['telephony', 'outcome_unknown']);

/**
 * The error every method of the client throws. Keys and phone numbers are removed from `message`, `exchange`, `detail`
 * and `cause` here, where the error is born, so that no log line downstream can leak them.
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
  /** Whether it is certain that this request rang no phone. It says nothing about an earlier one with the same key. */
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

/** The same error with other words. */
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
 * Whether something thrown is a TriggerError. Compares `name` and `code` instead of the class, because a host may
 * hold two copies of this package.
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
