/** A call as a caller asks for it, and as it is sent: the one place where the one becomes the other. */
import type { JsonObject, TriggerRequest } from '../contracts';
import { TriggerError } from '../errors';
import { parsePhoneNumber } from '../forms/phone-number';
import { refuseReservedNames } from '../forms/reserved-names';
import type { CallTarget, Environment } from '../forms/trigger-url';

export interface CallRequest {
  target: CallTarget;
  environment: Environment;
  /** Read by {@link parsePhoneNumber}: E.164 with a leading `+`. */
  phoneNumber: string;
  /** Values for the agent's prompts. Names that belong to the server are refused. */
  initialContext?: JsonObject;
  telephonyConfigurationId?: number;
  /** Id of the phone number to show as the caller ID. */
  fromPhoneNumberId?: number;
  /**
   * Refuses the call when the agent's texts use a variable that nobody filled and that has no fallback (default: what
   * the agent says). Dograh ignores it.
   */
  strictVariables?: boolean;
  /**
   * Gets one signed `call.completed` event when the call has ended, on a server whose `/health` lists
   * `callback-url`. Dograh ignores it.
   */
  callbackUrl?: string;
  /**
   * 1 to 255 visible ASCII characters. A server that keeps keys places one call per key; on another one the client
   * looks for the call of the key before it sends the request once more.
   */
  idempotencyKey?: string;
  /**
   * Which step of the host's work this is, in any words that are the same at each of its tries, also where a try has
   * another key. Marks a call that has a key, so that {@link TriggerClient.findCallOfStep} finds it.
   */
  step?: string;
  /** Whether the key is a reference of the user: two calls of one step with two references are two calls. */
  isReference?: boolean;
  /**
   * For how many seconds the key is kept: a whole number from 3,600 (an hour) to 2,592,000 (30 days); default 24 hours.
   * Only a server whose `/health` lists `key-lifetime` reads it; any other keeps no keys at all.
   */
  keyLifetimeSeconds?: number;
  /**
   * Whether a request with this key may have been sent before, by this process or by another. Then the list of calls is
   * asked before anything is sent: once for a try that is only `possible`. On a server that keeps no keys a try whose
   * outcome is `unknown` is looked for as before every second try of this client, since it may still be on its way.
   *
   * A server that keeps keys is asked, too: the key may have expired, and a repeat that this client makes after a broken
   * connection is not told from one of somebody else.
   */
  earlierTry?: 'possible' | 'unknown';
  /** How long ago an earlier try may have been (default: as long as the key is kept). */
  earlierTrySeconds?: number;
  /** How long a 429 may be waited out, in total (default 0: not at all). */
  busyWaitSeconds?: number;
  /** Aborting while the call is being placed leaves its outcome unknown. */
  signal?: AbortSignal;
}

/**
 * The body of the request, but for the mark of its key. What makes a call another call is `callIdentity` of this.
 *
 * @throws TriggerError `invalid_input`
 */
export function wireRequest(call: CallRequest): TriggerRequest {
  const number = parsePhoneNumber(call.phoneNumber);
  if (!number.ok) throw new TriggerError({ code: 'invalid_input', message: number.reason });
  refuseReservedNames(call.initialContext ?? {});
  return {
    phone_number: number.e164,
    initial_context: call.initialContext,
    telephony_configuration_id: optionalId('telephony configuration', call.telephonyConfigurationId),
    from_phone_number_id: optionalId('caller ID', call.fromPhoneNumberId),
    strict_variables: call.strictVariables,
    callback_url: call.callbackUrl,
  };
}

/** JSON would turn NaN into null, and the call would go out through another configuration. */
function optionalId(name: string, id: number | undefined): number | undefined {
  if (id === undefined || (Number.isSafeInteger(id) && id > 0)) return id;
  throw new TriggerError({
    code: 'invalid_input',
    message: `The id of the ${name} must be a whole number above 0.`,
  });
}
