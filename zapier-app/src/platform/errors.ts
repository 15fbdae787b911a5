/**
 * What went wrong, as the class of error that makes Zapier do the right thing. The class decides what happens to the
 * user's Zap (Zapier: "Error handling" in the developer documentation):
 *
 * - `Error`: the run has failed, and Zapier switches off a Zap that fails often.
 * - `HaltedError`: the run stops, and the Zap stays on.
 * - `ThrottledError`: Zapier runs the step again after the delay.
 * - `ExpiredAuthError`: Zapier pauses the connection and asks its owner by e-mail to connect again.
 *
 * Zapier replays what has stopped up to five times, the last time 10 hours and 35 minutes after the run. Of a halted step
 * its help pages have said both that it does and that it does not, so no class keeps a replay away: that a replay calls
 * nobody is the work of the call's key.
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

/** Zapier shows one text: what happened and what to do, and then what was asked of which address. */
export function textOf({ message, exchange }: TriggerError): string {
  return exchange === undefined ? message : `${message} (${exchange})`;
}

const usualDelaySeconds = 60;
/** What a server asks for is kept between these: none at all would be a busy loop, and days would lose the run. */
const shortestDelaySeconds = 30;
const longestDelaySeconds = 6 * 3600;
/** So that the runs of a bulk import do not return at once. */
const spreadSeconds = 60;

function delaySeconds(retryAfterSeconds: number | undefined, random: () => number): number {
  const asked = retryAfterSeconds ?? usualDelaySeconds;
  const delay = Math.min(Math.max(asked, shortestDelaySeconds), longestDelaySeconds);
  return delay + Math.floor(random() * spreadSeconds);
}

const translations: Record<TriggerErrorCode, Translate> = {
  // The record's data is wrong; a replay sends the same data.
  invalid_input: halted,
  // Every step with this connection would fail.
  invalid_key: expired,
  // Wrong connection for this agent. Nothing was dialled, and somebody must change the Zap.
  forbidden: failed,
  // The agent or configuration is gone or not active. Nothing was dialled, and somebody must change the Zap.
  not_found: failed,
  // A Zap that is switched off for an empty account would stay off after it is filled.
  out_of_credits: halted,
  // Nothing was dialled by this request, and a replay asks again without harm.
  conflict: failed,
  // Nothing was dialled, and the same request may succeed later.
  busy: throttled,
  // A replay is harmless only where nothing was dialled, and of use only once the set-up is mended.
  telephony: (z, error, random) => (isSetupProblem(error) ? failed : halted)(z, error, random),
  // The phone may be ringing, and where the step is to call again a replay would be a second call.
  outcome_unknown: halted,
  // No connection was made. A replay is what the user wants.
  unreachable: failed,
  // Only requests that do not dial end so.
  server: failed,
  // Not this API: the connection's base URL is wrong or a proxy is in the way. Nothing was dialled.
  unexpected_response: failed,
  // The call exists; only its end was not seen.
  wait_timeout: halted,
  // Nobody is left to wait for it.
  canceled: halted,
};

/**
 * Returns the error to throw. What is no TriggerError is a fault of this app and is returned as it is.
 *
 * @param random numbers from 0 up to 1.
 */
export function toZapierError(z: ZObject, error: unknown, random: () => number = Math.random): unknown {
  return isTriggerError(error) ? withoutHistory(translations[error.code](z, error, random)) : error;
}

/** For a step that found its call placed before: nothing was dialled now, and only a person knows what is wanted. */
export function halt(z: ZObject, message: string): Error {
  return withoutHistory(new z.errors.HaltedError(message));
}

/** For a step that is to run again in a minute or two; nothing was dialled. */
export function throttle(z: ZObject, message: string, random: () => number = Math.random): Error {
  return withoutHistory(new z.errors.ThrottledError(message, delaySeconds(undefined, random)));
}

/** For a step that this server cannot do: nothing was dialled, and somebody must change the Zap. */
export function unsupported(z: ZObject, message: string): Error {
  return withoutHistory(new z.errors.Error(message, 'unsupported'));
}

/**
 * For what goes wrong after the call of a step was placed. A replay runs the whole step again, which calls a second time
 * where the step is to call again or the call's key is kept no longer: so everything but a dead key, for which Zapier holds
 * the run, is left to a person.
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
 * Keeps Zapier from appending a log of the step, with the phone number and all other input, to the message.
 * zapier-platform-core reads the flag from every error and sets it on some of its own (src/errors.js).
 */
export function withoutHistory(error: Error): Error {
  return Object.assign(error, { doNotContextify: true });
}

/** A refusal that lasts until somebody mends it, and not the carrier's no to one number. */
function isSetupProblem({ nothingDialled, problemCode }: TriggerError): boolean {
  const refusedByCarrier: ProblemCode = 'call_refused';
  return nothingDialled && problemCode !== refusedByCarrier;
}
