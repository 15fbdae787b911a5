/**
 * Starts a call, at most once.
 *
 * A dial is never simply repeated. It is sent again only where nothing can ring twice: after a 429 (nothing was
 * recorded), or with an idempotency key to a server that keeps such keys (Dograh itself ignores the header).
 */
import { backoffSeconds } from './backoff';
import { throwIfCanceled, type Connection } from './connection';
import { triggerReply, type JsonObject, type TriggerRequest } from './contracts';
import { TriggerError } from './errors';
import { parsePhoneNumber } from './phone-number';
import { locatedRun, networkError, readReply, type Sent } from './responses';
import { triggerPath, type CallTarget, type Environment } from './trigger-url';
import type { HttpResponse } from './transport';

export interface CallRequest {
  target: CallTarget;
  environment: Environment;
  /** Read by {@link parsePhoneNumber}: E.164 with a leading `+`. */
  phoneNumber: string;
  /** Values for the agent's prompts. */
  initialContext?: JsonObject;
  telephonyConfigurationId?: number;
  /** Id of the phone number to show as the caller ID. */
  fromPhoneNumberId?: number;
  /** 1 to 255 visible ASCII characters. A server that keeps keys places one call per key. */
  idempotencyKey?: string;
  /** How long a 429 may be waited out, in total (default 0: not at all). */
  busyWaitSeconds?: number;
  /** Aborting while the call is being placed leaves its outcome unknown. */
  signal?: AbortSignal;
}

export interface PlacedCall {
  runId: number;
  runName: string;
  /** The server's word, `initiated`. */
  status: string;
  /** `null` on a server that does not say (Dograh). */
  workflowId: number | null;
  /** Whether the key was used before, so that this is the first request's answer and nothing was dialled now. */
  replayed: boolean;
}

const keyedRetries = 2;

/** Failures that come from before the server looks for the key: they say nothing about an earlier try with it. */
const codesBeforeKey: ReadonlySet<string> = new Set(['unreachable', 'invalid_key', 'unexpected_response', 'canceled']);

/**
 * @param keepsKeys Asks whether the server keeps idempotency keys. Called only when that decides about a repeat.
 * @throws TriggerError. Only `outcome_unknown` leaves open whether a call was placed, and `telephony` whether
 *   the carrier was asked.
 */
export async function placeCall(
  connection: Connection,
  call: CallRequest,
  keepsKeys: () => Promise<boolean>,
): Promise<PlacedCall> {
  const { signal, busyWaitSeconds = 0 } = call;
  const send = prepare(connection, call);
  /** The first failure after which a call may be ringing. */
  let unknown: TriggerError | undefined;
  let busyWaited = 0;
  let busyAttempts = 0;
  let conflictWaited = 0;
  let conflictAttempts = 0;
  let retries = 0;

  for (;;) {
    try {
      throwIfCanceled(signal);
      return await send();
    } catch (error) {
      if (!(error instanceof TriggerError)) throw error;
      if (unknown && codesBeforeKey.has(error.code)) throw unknown;
      throw error;
    }
  }
}
