/**
 * Converts errors to Zapier's error classes. The class decides what happens to the user's Zap
 * (https://github.com/zapier/zapier-platform/blob/main/packages/cli/README.md#general-errors):
 *
 * - `Error`: the run has failed, and Zapier switches off a Zap that fails often.
 * - `HaltedError`: the run stops, and the Zap stays on.
 * - `ThrottledError`: Zapier runs the step again after the delay.
 * - `ExpiredAuthError`: Zapier pauses the connection and asks its owner by e-mail to connect again.
 *
 * Zapier replays a failed step up to five times, the last time 10 hours and 35 minutes after the run. Its help
 * pages contradict each other on whether it replays a halted step. So no class reliably prevents a replay; the
 * call's key prevents a second call.
 */
import {
  isTriggerError,
  type ProblemCode,
  type TriggerError,
  type TriggerErrorCode,
} from '@dograh-trigger/shared';
import type { ZObject } from 'zapier-platform-core';
import { ifPlacedBeforeChoices, ifPlacedBeforeLabel } from './if-placed-before';

type Translate = (z: ZObject, error: TriggerError, random: () => number) => Error;

const failed: Translate = (z, error) => new z.errors.Error(textOf(error), error.code, error.status);
const halted: Translate = (z, error) => new z.errors.HaltedError(textOf(error));
const expired: Translate = (z, error) => new z.errors.ExpiredAuthError(textOf(error));
const throttled: Translate = (z, error, random) =>
  new z.errors.ThrottledError(textOf(error), delaySeconds(error.retryAfterSeconds, random));

/** Zapier shows one text: the message, followed by the request and its address. */
export function textOf({ message, exchange }: TriggerError): string {
  return exchange === undefined ? message : `${message} (${exchange})`;
}

const usualDelaySeconds = 60;
/** Bounds for a server's Retry-After: 0 would cause a busy loop, and days would lose the run. */
const shortestDelaySeconds = 30;
const longestDelaySeconds = 6 * 3600;
/** Spreads the retries of a bulk import. */
const spreadSeconds = 60;

function delaySeconds(retryAfterSeconds: number | undefined, random: () => number): number {
  const asked = retryAfterSeconds ?? usualDelaySeconds;
  const delay = Math.min(Math.max(asked, shortestDelaySeconds), longestDelaySeconds);
  return delay + Math.floor(random() * spreadSeconds);
}

const translations: Record<TriggerErrorCode, Translate> = {
  // The record's data is wrong, and a replay would send the same data.
  invalid_input: halted,
  // Every step with this connection would fail.
  invalid_key: expired,
  // Wrong connection for this agent. Nothing was dialled, and the user must change the Zap.
  forbidden: failed,
  // The agent or configuration does not exist or is not active. Nothing was dialled, and the user must change the
  // Zap.
  not_found: failed,
  // `Error` would switch off the Zap, which would stay off after the account has credits again.
  out_of_credits: halted,
  // Nothing was dialled by this request, and a replay is harmless.
  conflict: failed,
  // Nothing was dialled, and the same request may succeed later.
  busy: throttled,
  // A replay is harmless only if nothing was dialled, and useful only after the setup was corrected.
  telephony: (z, error, random) => (isSetupProblem(error) ? failed : halted)(z, error, random),
  // The phone may be ringing. With "Call Again" a replay would place a second call.
  outcome_unknown: halted,
  // There was no connection. A replay is useful.
  unreachable: failed,
  // Only for requests that do not dial.
  server: failed,
  // Not this API: the connection's base URL is wrong, or a proxy answered. Nothing was dialled.
  unexpected_response: failed,
  // The call exists, but its end was not reported in time.
  wait_timeout: halted,
  // The step was canceled.
  canceled: halted,
};

/**
 * Returns the error to throw. An error that is not a TriggerError is a bug of this app and is returned unchanged.
 *
 * @param random random numbers from 0 up to 1.
 */
export function toZapierError(z: ZObject, error: unknown, random: () => number = Math.random): unknown {
  return isTriggerError(error) ? withoutHistory(translations[error.code](z, error, random)) : error;
}

/** For a step whose call was placed before. Nothing was dialled now, and a person has to decide what to do. */
export function halt(z: ZObject, message: string): Error {
  return withoutHistory(new z.errors.HaltedError(message));
}

/**
 * For a step that should run again later. Nothing was dialled.
 *
 * @param afterSeconds when, at least (default: in a minute or two).
 */
export function throttle(
  z: ZObject,
  message: string,
  afterSeconds?: number,
  random: () => number = Math.random,
): Error {
  return withoutHistory(new z.errors.ThrottledError(message, delaySeconds(afterSeconds, random)));
}

/** For a step that the server does not support. Nothing was dialled, and the user must change the Zap. */
export function unsupported(z: ZObject, message: string): Error {
  return withoutHistory(new z.errors.Error(message, 'unsupported'));
}

/** For a step with an unknown outcome that is safe to run again. Zapier replays it. */
export function replayed(z: ZObject, error: TriggerError): Error {
  return withoutHistory(failed(z, error, Math.random));
}

/**
 * For errors after the call of a step was placed. A replay would run the whole step again, and call a second time
 * if the step is set to "Call Again" or the call's key has expired. So the step is halted for a person to decide.
 * An invalid key is an exception, because Zapier then holds the run.
 */
export function afterCall(z: ZObject, error: unknown, runId: number): unknown {
  if (!isTriggerError(error) || error.code === 'invalid_key') return error;
  const message =
    `The call was placed, but its result cannot be read: ${error.message} ` +
    `Find Call reads the call by its Run ID, ${runId}. A replay with the same input calls nobody for 12 hours after the ` +
    `call (with a Call Reference: 30 days), unless ${ifPlacedBeforeLabel} is ${ifPlacedBeforeChoices.call_again}.`;
  return halt(z, message);
}

/**
 * Prevents Zapier from appending a log of the step, with the phone number and all other input, to the message.
 * zapier-platform-core reads this flag from every error (src/errors.js).
 */
export function withoutHistory(error: Error): Error {
  return Object.assign(error, { doNotContextify: true });
}

/** Whether the refusal persists until the setup is corrected, unlike a carrier's refusal of one number. */
function isSetupProblem({ nothingDialled, problemCode }: TriggerError): boolean {
  const refusedByCarrier: ProblemCode = 'call_refused';
  return nothingDialled && problemCode !== refusedByCarrier;
}
