/** The options of a call, and their translation into the request body. Only this file translates them. */
import type { JsonObject, Metadata, Retry, TriggerRequest, Voicemail, WaitingChoice } from '../contracts';
import { TriggerError } from '../errors';
import { parsePhoneNumber } from '../forms/phone-number';
import { refuseReservedNames } from '../forms/reserved-names';
import type { CallTarget, Environment } from '../trigger-url';

export interface CallRequest {
  target: CallTarget;
  environment: Environment;
  /** E.164 with a leading `+`, as {@link parsePhoneNumber} accepts it. */
  phoneNumber: string;
  /** Values for the agent's prompts. Names reserved by the server are refused. */
  initialContext?: JsonObject;
  telephonyConfigurationId?: number;
  /** Id of the phone number to show as the caller ID. */
  fromPhoneNumberId?: number;
  /**
   * Refuses the call when the agent's texts use a variable that has neither a value nor a fallback (default: the
   * agent's own setting). Dograh ignores it.
   */
  strictVariables?: boolean;
  /** The language of this call as a BCP 47 tag (default: the agent's language). Dograh ignores it. */
  language?: string;
  /** The carrier's name of the voice (default: the agent's voice). Dograh ignores it. */
  voice?: string;
  /** What the call does if a machine answers (default: the agent's own setting). Dograh ignores it. */
  voicemail?: Voicemail;
  /** The call is placed at this instant or later: RFC 3339 with an offset. Needs the extension `scheduling`. */
  notBefore?: string;
  /** A call that has not been placed by this instant expires: RFC 3339 with an offset. Needs `scheduling`. */
  notAfter?: string;
  /** What happens when no slot is free (default: `refuse`). Needs `scheduling`. */
  whenBusy?: WaitingChoice;
  /** What happens outside the calling hours (default: `refuse`). Needs `scheduling`. */
  outsideHours?: WaitingChoice;
  /** The time zone of the person called, from the IANA database (default: by the number). Needs `scheduling`. */
  timeZone?: string;
  /** Whether a call that waits keeps the version of the agent that is current now. Needs `scheduling`. */
  pinVersion?: boolean;
  /** When a call that reached nobody is placed again (default: the agent's own setting). Needs `scheduling`. */
  retry?: Retry;
  /** The caller's own name of the call, up to 255 characters; lists are searched by it. Needs `scheduling`. */
  reference?: string;
  /** Up to 16 values of the caller's own, which the run returns. Needs `scheduling`. */
  metadata?: Metadata;
  /**
   * Receives one signed `call.completed` event when the call has ended. Works on servers whose `/health` lists
   * `callback-url`; Dograh ignores it.
   */
  callbackUrl?: string;
  /**
   * 1 to 255 visible ASCII characters. A server that keeps keys places one call per key. On other servers the
   * client searches the list of calls before it repeats the request.
   */
  idempotencyKey?: string;
  /**
   * Identifies the step of the host, such as one item of one workflow. It must be the same for every try, even when
   * the key differs. The call is marked with it, so that {@link TriggerClient.findCallOfStep} can find it. Ignored
   * without a key.
   */
  step?: string;
  /**
   * Whether the user chose the key as a reference. Two calls of one step with different references are different
   * calls.
   */
  isReference?: boolean;
  /**
   * How long the server keeps the key, in whole seconds from 3,600 (an hour) to 2,592,000 (30 days); default 24
   * hours. Only servers whose `/health` lists `key-lifetime` use it; the others keep no keys.
   */
  keyLifetimeSeconds?: number;
  /**
   * Whether this or another process may already have sent a request with this key. The client then searches the
   * list of calls before it sends anything. A `possible` earlier try is searched for once. An `unknown` one was
   * sent and its outcome is open; on a server that keeps no keys it is searched for twice, since the request may
   * still be on its way.
   *
   * The search also happens on a server that keeps keys: the key may have expired, and after a broken connection
   * the client cannot distinguish a replay of its own request from a replay of another process.
   */
  earlierTry?: 'possible' | 'unknown';
  /** How far back to search for an earlier try (default: the lifetime of the key). */
  earlierTrySeconds?: number;
  /** How long to wait in total while the server answers 429 (default 0: no wait). */
  busyWaitSeconds?: number;
  /** Aborting while the call is being placed leaves its outcome unknown. */
  signal?: AbortSignal;
}

/**
 * The body of the request, without the mark of its key. `callIdentity` of this body decides whether two requests
 * are the same call.
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
    language: call.language,
    voice: call.voice,
    voicemail: call.voicemail,
    not_before: call.notBefore,
    not_after: call.notAfter,
    when_busy: call.whenBusy,
    outside_hours: call.outsideHours,
    time_zone: call.timeZone,
    pin_version: call.pinVersion,
    retry: call.retry,
    reference: call.reference,
    metadata: call.metadata,
    callback_url: call.callbackUrl,
  };
}

/** JSON turns NaN into null, and the call would use another configuration. */
function optionalId(name: string, id: number | undefined): number | undefined {
  if (id === undefined || (Number.isSafeInteger(id) && id > 0)) return id;
  throw new TriggerError({
    code: 'invalid_input',
    message: `The id of the ${name} must be a whole number above 0.`,
  });
}
