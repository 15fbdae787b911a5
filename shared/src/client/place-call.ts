/**
 * Starts a call, at most once.
 *
 * A dial is repeated only when no phone can ring twice. These are the three cases: the answer says that nothing was
 * dialled and when to retry; the server keeps idempotency keys and the request has one; or the server keeps none
 * (Dograh ignores the header), and its list of calls shows that the first request placed no call.
 */
import { readRoutingHeaders, type CallRouting } from './call-routing';
import { wireRequest, type CallRequest } from './call-request';
import { throwIfCanceled, type Connection } from './connection';
import { callMarker, keyLifetime, triggerReply, type TriggerRequest } from '../contracts';
import { isBeingDialled, type ListedCall, type EarlierCallQuery } from './earlier-call';
import { TriggerError } from '../errors';
import { hasMarkOfKey, markOf } from './marks';
import { searchOnce, searchSeconds, searchTwice } from './search-before-dial';
import { Repeats } from './repeats';
import { isReplayed, locatedRun, networkError, readReply, type Sent } from './responses';
import { triggerPath } from '../trigger-url';
import type { HttpResponse } from './transport';

/** The answer to one request. */
type Answer = Omit<PlacedCall, 'placedBefore'>;

export interface PlacedCall extends CallRouting {
  runId: number;
  runName: string;
  /** `initiated`, or `queued` for a call that waits; for a call that was placed before its current status. */
  status: string;
  /** `null` on a server that does not report it (Dograh). */
  workflowId: number | null;
  /** Whether the server replayed the answer of an earlier request with this key, and dialled nothing now. */
  replayed: boolean;
  /** Whether the call was placed by another request than those of this `placeCall`. */
  placedBefore: boolean;
}

/** Failures that come before the server checks the key: they do not settle the outcome of an earlier try. */
const codesBeforeKey: ReadonlySet<string> = new Set([
  'unreachable',
  'invalid_key',
  'unexpected_response',
  'canceled',
]);

/**
 * @param keepsKeys Whether the server keeps idempotency keys. Called only when a repeat depends on it.
 * @throws TriggerError. After `outcome_unknown` a call may have been placed. After `telephony` a phone may ring
 *   unless `nothingDialled` is true.
 */
export async function placeCall(
  connection: Connection,
  call: CallRequest,
  keepsKeys: () => Promise<boolean>,
): Promise<PlacedCall> {
  const { signal, busyWaitSeconds = 0 } = call;
  const request = wireRequest(call);
  const dial = prepareDial(connection, call, request);
  const query = earlierCallQuery(call, request);
  const busy = new Repeats({ seconds: busyWaitSeconds }, connection.random);
  const transient = new Repeats({ tries: 2, seconds: 20 }, connection.random);
  const inProgress = new Repeats({ seconds: connection.dialTimeoutSeconds }, connection.random);
  let uncertain: TriggerError | undefined;
  let mayBeOwnCall = false;

  // One answer for all tries: a health reply that changes in between must not skip a search.
  let answer: Promise<boolean> | undefined;
  const serverKeepsKeys = () => (answer ??= keepsKeys());

  async function secondsBeforeRepeat(failure: TriggerError): Promise<number | undefined> {
    const { code, status, runId, retryAfterSeconds } = failure;
    if (code === 'busy' && status === 429) {
      const seconds = busy.next(retryAfterSeconds);
      if (seconds !== undefined || !isRateLimited(failure)) return seconds;
    }
    if (!connection.repeatsDials || signal?.aborted) return undefined;
    // Nothing was dialled, so a repeat needs no key.
    if (code === 'busy') return transient.next(retryAfterSeconds);
    if (query === undefined) return undefined;
    if (isInProgress(failure)) return inProgress.next(retryAfterSeconds);
    // An answer that names a run is final: the server would replay it.
    const isLost = (code === 'outcome_unknown' && runId === undefined) || code === 'unreachable';
    if (!isLost) return undefined;
    if (await serverKeepsKeys()) return transient.next(retryAfterSeconds);
    return uncertain && transient.next(Math.max(retryAfterSeconds ?? 0, searchSeconds));
  }

  /** @returns the call of an earlier try, on a server that does not recognize the key. */
  async function pauseAndSearch(seconds: number, failure: TriggerError): Promise<ListedCall | undefined> {
    const mustSearch = query && uncertain && !isInProgress(failure) && !(await serverKeepsKeys());
    if (mustSearch) return searchTwice(connection, query, seconds, uncertain);
    await connection.pause(seconds, signal);
    return undefined;
  }

  /** @returns the call of a try before the first one of this client. */
  async function searchBeforeFirstTry(query: EarlierCallQuery): Promise<ListedCall | undefined> {
    if (call.earlierTry === undefined) return undefined;
    const isPossible = call.earlierTry === 'possible';
    try {
      const look = isPossible || (await serverKeepsKeys()) ? searchOnce : searchTwice;
      const found = await look(connection, query);
      // While the dial is in progress, a server that keeps keys answers a repeat with the outcome.
      return found && isBeingDialled(found) && (await serverKeepsKeys()) ? undefined : found;
    } catch (error) {
      // The key already prevents a second call, so an unreadable or overlong list is no obstacle.
      const isUnreadable = error instanceof TriggerError && error.code === 'outcome_unknown';
      if (isPossible && isUnreadable && (await serverKeepsKeys())) return undefined;
      throw error;
    }
  }

  throwIfCanceled(signal);
  const earlier = query && (await searchBeforeFirstTry(query));
  if (earlier) return { ...answerFromListedCall(earlier), placedBefore: true };
  try {
    for (;;) {
      throwIfCanceled(signal);
      const result = await dial();
      if (!(result instanceof TriggerError)) {
        return { ...result, placedBefore: result.replayed && !mayBeOwnCall };
      }
      if (result.code === 'outcome_unknown') {
        uncertain = result;
        mayBeOwnCall ||= !isInProgress(result);
      }
      const seconds = await secondsBeforeRepeat(result);
      if (seconds === undefined) throw result;
      const earlier = await pauseAndSearch(seconds, result);
      if (earlier) return { ...answerFromListedCall(earlier), placedBefore: false };
    }
  } catch (error) {
    throw uncertain && !settlesEarlierTries(error) ? uncertain : error;
  }
}

/** The bundled server is still processing the first request with this key. So it keeps keys. */
function isInProgress({ problemCode }: TriggerError): boolean {
  return problemCode === 'call_in_progress';
}

/** The bundled server refused the request before it checked the key or the call slots. */
function isRateLimited({ problemCode }: TriggerError): boolean {
  return problemCode === 'rate_limited';
}

/** Whether a failure also settles the outcome of earlier tries with the same key. */
function settlesEarlierTries(error: unknown): boolean {
  if (!(error instanceof TriggerError) || codesBeforeKey.has(error.code)) return false;
  if (error.code !== 'busy') return true;
  // Without a code the answer is a gateway's. A 503 comes before the server checks the key.
  return error.problemCode !== undefined && error.status !== 503 && !isRateLimited(error);
}

function earlierCallQuery(call: CallRequest, request: TriggerRequest): EarlierCallQuery | undefined {
  const { idempotencyKey, keyLifetimeSeconds = keyLifetime.usual, signal } = call;
  if (idempotencyKey === undefined) return undefined;
  const withinSeconds = call.earlierTrySeconds ?? keyLifetimeSeconds;
  const isMarked: EarlierCallQuery['isMarked'] = (variables) => hasMarkOfKey(variables, idempotencyKey);
  return { isMarked, phoneNumber: request.phone_number, withinSeconds, signal };
}

/** The listed call of an earlier request, in the form of that request's answer. */
function answerFromListedCall(call: ListedCall): Answer {
  const { id, name, workflow_id: workflowId, mode = null, fallback_from: fallback } = call;
  return {
    runId: id,
    runName: name,
    status: 'initiated',
    workflowId,
    replayed: true,
    mode,
    fallbackFrom: fallback ? { name: fallback.name, reason: fallback.reason } : null,
  };
}

/** Validates a request. The returned function sends it once and returns a failure as a value. */
function prepareDial(
  connection: Connection,
  call: CallRequest,
  request: TriggerRequest,
): () => Promise<Answer | TriggerError> {
  const { target, environment, signal } = call;
  const path = triggerPath(target, environment);
  const headers = keyHeaders(call);
  const body = writeBody(request, call);
  const sent: Sent = { method: 'POST', url: connection.url(path), dials: true };
  return async () => {
    let reply: HttpResponse;
    try {
      reply = await connection.dial(path, body, headers, signal);
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
        ...readRoutingHeaders(reply),
      };
    } catch (error) {
      if (error instanceof TriggerError) return error;
      throw error;
    }
  };
}

/** A call with a key is marked on every server: whether the server keeps keys is known only after a failure. */
function writeBody(request: TriggerRequest, { idempotencyKey, step, isReference }: CallRequest): string {
  const variables = request.initial_context;
  const context =
    idempotencyKey === undefined
      ? variables
      : { ...variables, [callMarker]: markOf(idempotencyKey, step, isReference) };
  try {
    return JSON.stringify({ ...request, initial_context: context });
  } catch (error) {
    throw invalid(
      'The variables cannot be written as JSON: they refer to themselves or are nested too deeply.',
      error,
    );
  }
}

function keyHeaders({ idempotencyKey, keyLifetimeSeconds }: CallRequest): Record<string, string> {
  if (idempotencyKey === undefined) return {};
  if (!/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) {
    throw invalid('The idempotency key must have 1 to 255 visible ASCII characters and no spaces.');
  }
  if (keyLifetimeSeconds === undefined) return { 'idempotency-key': idempotencyKey };
  const { shortest, longest } = keyLifetime;
  if (!(
    Number.isInteger(keyLifetimeSeconds) &&
    keyLifetimeSeconds >= shortest &&
    keyLifetimeSeconds <= longest
  )) {
    throw invalid('An idempotency key is kept for a whole number of seconds, from an hour to 30 days.');
  }
  return {
    'idempotency-key': idempotencyKey,
    'idempotency-key-lifetime': String(keyLifetimeSeconds),
  };
}

function invalid(message: string, cause?: unknown): TriggerError {
  return new TriggerError({ code: 'invalid_input', message, cause });
}
