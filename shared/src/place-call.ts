/**
 * Starts a call, at most once.
 *
 * A dial is never simply repeated. It is sent again only where nothing can ring twice: after a 429 (nothing was
 * recorded), or with an idempotency key to a server that keeps such keys (Dograh itself ignores the header).
 */
import { readCallFacts, type CallFacts } from './call-facts';
import { throwIfCanceled, type Connection } from './connection';
import { triggerReply, type JsonObject, type TriggerRequest } from './contracts';
import { TriggerError } from './errors';
import { parsePhoneNumber } from './phone-number';
import { Repeats } from './repeats';
import { refuseReservedNames } from './reserved-names';
import { isReplayed, locatedRun, networkError, readReply, type Sent } from './responses';
import { triggerPath, type CallTarget, type Environment } from './trigger-url';
import type { HttpResponse } from './transport';

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
   * Gets one signed `call.completed` event when the call has ended, on a server whose `/health` lists
   * `callback-url`. Dograh ignores it.
   */
  callbackUrl?: string;
  /** 1 to 255 visible ASCII characters. A server that keeps keys places one call per key. */
  idempotencyKey?: string;
  /** How long a 429 may be waited out, in total (default 0: not at all). */
  busyWaitSeconds?: number;
  /** Aborting while the call is being placed leaves its outcome unknown. */
  signal?: AbortSignal;
}

export interface PlacedCall extends CallFacts {
  runId: number;
  runName: string;
  /** The server's word, `initiated`. */
  status: string;
  /** `null` on a server that does not say (Dograh). */
  workflowId: number | null;
  /** Whether the key was used before, so that this is the first request's answer and nothing was dialled now. */
  replayed: boolean;
}

/** Failures from before the server looks for the key: they say nothing about an earlier try with it. */
const codesBeforeKey: ReadonlySet<string> = new Set([
  'unreachable',
  'invalid_key',
  'unexpected_response',
  'canceled',
]);

/**
 * @param keepsKeys Asks whether the server keeps idempotency keys. Called only when a repeat depends on it.
 * @throws TriggerError. `outcome_unknown` leaves open whether a call was placed; after `telephony` the carrier may
 *   have been asked, but there is no call.
 */
export async function placeCall(
  connection: Connection,
  call: CallRequest,
  keepsKeys: () => Promise<boolean>,
): Promise<PlacedCall> {
  const { signal, idempotencyKey, busyWaitSeconds = 0 } = call;
  const dial = prepareDial(connection, call);
  const busy = new Repeats({ seconds: busyWaitSeconds }, connection.random);
  const lost = new Repeats({ tries: 2, seconds: 20 }, connection.random);
  const underWay = new Repeats({ seconds: connection.dialTimeoutSeconds }, connection.random);

  async function secondsBeforeRepeat(failure: TriggerError): Promise<number | undefined> {
    const { code, status, runId, retryAfterSeconds } = failure;
    if (code === 'busy' && status === 429) return busy.next(retryAfterSeconds);
    if (idempotencyKey === undefined || !connection.repeatsDials || signal?.aborted) return undefined;
    if (code === 'outcome_unknown' && status === 409) return underWay.next(retryAfterSeconds);
    // A server that stops has dialled nothing.
    if (code === 'busy') return lost.next(retryAfterSeconds);
    // With a run, this is the server's last word: the key would only replay it.
    const isLost = (code === 'outcome_unknown' && runId === undefined) || code === 'unreachable';
    return isLost && (await keepsKeys()) ? lost.next(retryAfterSeconds) : undefined;
  }

  let uncertain: TriggerError | undefined;
  try {
    for (;;) {
      throwIfCanceled(signal);
      const result = await dial();
      if (!(result instanceof TriggerError)) return result;
      if (result.code === 'outcome_unknown') uncertain = result;
      const seconds = await secondsBeforeRepeat(result);
      if (seconds === undefined) throw result;
      await connection.pause(seconds, signal);
    }
  } catch (error) {
    const isSettled = error instanceof TriggerError && !codesBeforeKey.has(error.code);
    throw uncertain && !isSettled ? uncertain : error;
  }
}

/** Checks a request and gives the function that sends it once and returns its failure as a value. */
function prepareDial(connection: Connection, call: CallRequest): () => Promise<PlacedCall | TriggerError> {
  const path = triggerPath(call.target, call.environment);
  const body = writeBody(call);
  const headers = keyHeader(call.idempotencyKey);
  const sent: Sent = { method: 'POST', url: connection.url(path), dials: true };
  return async () => {
    let reply: HttpResponse;
    try {
      reply = await connection.dial(path, body, headers, call.signal);
    } catch (error) {
      return networkError(error, sent);
    }
    try {
      const placed = readReply(reply, triggerReply, sent);
      return {
        runId: placed.workflow_run_id,
        runName: placed.workflow_run_name,
        status: placed.status,
        workflowId: locatedRun(reply)?.workflowId ?? null,
        replayed: isReplayed(reply),
        ...readCallFacts(reply),
      };
    } catch (error) {
      if (error instanceof TriggerError) return error;
      throw error;
    }
  };
}

function writeBody(call: CallRequest): string {
  const number = parsePhoneNumber(call.phoneNumber);
  if (!number.ok) throw invalid(number.reason);
  refuseReservedNames(call.initialContext ?? {});
  const body: TriggerRequest = {
    phone_number: number.e164,
    initial_context: call.initialContext,
    telephony_configuration_id: optionalId('telephony configuration', call.telephonyConfigurationId),
    from_phone_number_id: optionalId('caller ID', call.fromPhoneNumberId),
    callback_url: call.callbackUrl,
  };
  try {
    return JSON.stringify(body);
  } catch (error) {
    throw invalid(
      'The variables cannot be written as JSON: they refer to themselves or are nested too deeply.',
      error,
    );
  }
}

/** JSON would turn NaN into null, and the call would go out through another configuration. */
function optionalId(name: string, id: number | undefined): number | undefined {
  if (id === undefined || (Number.isSafeInteger(id) && id > 0)) return id;
  throw invalid(`The id of the ${name} must be a whole number above 0.`);
}

function keyHeader(idempotencyKey: string | undefined): Record<string, string> {
  if (idempotencyKey === undefined) return {};
  if (!/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) {
    throw invalid('The idempotency key must have 1 to 255 visible ASCII characters and no spaces.');
  }
  return { 'idempotency-key': idempotencyKey };
}

function invalid(message: string, cause?: unknown): TriggerError {
  return new TriggerError({ code: 'invalid_input', message, cause });
}
