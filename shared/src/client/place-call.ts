/**
 * Starts a call, at most once.
 *
 * A dial is never simply repeated. It is sent again only where nothing can ring twice: after an answer that says that
 * nothing was dialled and when to come again; with an idempotency key to a server that keeps such keys; or with one to
 * another server (Dograh ignores the header) once its list of calls shows that the first request made no call.
 */
import { readRoutingHeaders, type CallRouting } from './call-routing';
import { wireRequest, type CallRequest } from './call-request';
import { throwIfCanceled, type Connection } from './connection';
import { callMarker, keyLifetime, triggerReply, type TriggerRequest } from '../contracts';
import { isBeingDialled, type ListedCall, type EarlierCallQuery } from './earlier-call';
import { TriggerError } from '../errors';
import { hasMarkOfKey, markOf } from './idempotency';
import { searchOnce, searchSeconds, searchTwice } from './search-before-dial';
import { Repeats } from './repeats';
import { isReplayed, locatedRun, networkError, readReply, type Sent } from './responses';
import { triggerPath } from '../forms/trigger-url';
import type { HttpResponse } from './transport';

/** An answer to one request. */
type Answer = Omit<PlacedCall, 'placedBefore'>;

export interface PlacedCall extends CallRouting {
  runId: number;
  runName: string;
  /** The server's word, `initiated`. */
  status: string;
  /** `null` on a server that does not say (Dograh). */
  workflowId: number | null;
  /** Whether the key was used before, so that this is the first request's answer and nothing was dialled now. */
  replayed: boolean;
  /** Whether a request that this client has not made here placed it: an earlier one with the key, or another's. */
  placedBefore: boolean;
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
 * @throws TriggerError. `outcome_unknown` leaves open whether a call was placed; after `telephony` its `nothingDialled`
 *   says whether a phone may ring.
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

  // One answer for all tries: a health reply that changes in between must not skip a look.
  let answer: Promise<boolean> | undefined;
  const serverKeepsKeys = () => (answer ??= keepsKeys());

  async function secondsBeforeRepeat(failure: TriggerError): Promise<number | undefined> {
    const { code, status, runId, retryAfterSeconds } = failure;
    if (code === 'busy' && status === 429) {
      const seconds = busy.next(retryAfterSeconds);
      if (seconds !== undefined || !isRateLimited(failure)) return seconds;
    }
    if (!connection.repeatsDials || signal?.aborted) return undefined;
    // Nothing was dialled: no key is needed.
    if (code === 'busy') return transient.next(retryAfterSeconds);
    if (query === undefined) return undefined;
    if (isInProgress(failure)) return inProgress.next(retryAfterSeconds);
    // With a run, this is the server's last word: the key would only replay it.
    const isLost = (code === 'outcome_unknown' && runId === undefined) || code === 'unreachable';
    if (!isLost) return undefined;
    if (await serverKeepsKeys()) return transient.next(retryAfterSeconds);
    return uncertain && transient.next(Math.max(retryAfterSeconds ?? 0, searchSeconds));
  }

  /** @returns the call of an earlier try, where the server does not look for it itself. */
  async function pauseAndSearch(seconds: number, failure: TriggerError): Promise<ListedCall | undefined> {
    const mustSearch = query && uncertain && !isInProgress(failure) && !(await serverKeepsKeys());
    if (mustSearch) return searchTwice(connection, query, seconds, uncertain);
    await connection.pause(seconds, signal);
    return undefined;
  }

  /** @returns the call of a try that was made before this client's first. */
  async function searchBeforeFirstTry(query: EarlierCallQuery): Promise<ListedCall | undefined> {
    if (call.earlierTry === undefined) return undefined;
    const isPossible = call.earlierTry === 'possible';
    try {
      const look = isPossible || (await serverKeepsKeys()) ? searchOnce : searchTwice;
      const found = await look(connection, query);
      // What comes of a dial under way, a server that keeps keys tells whoever sends the key again.
      return found && isBeingDialled(found) && (await serverKeepsKeys()) ? undefined : found;
    } catch (error) {
      // There the key stands for the list: one that is too long, or cannot be read, keeps nobody from being called.
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

/** The bundled server: the first request with this key is still at work, so it keeps keys. */
function isInProgress({ problemCode }: TriggerError): boolean {
  return problemCode === 'call_in_progress';
}

/** The bundled server: no call slot is waited for, and the key was not looked for. */
function isRateLimited({ problemCode }: TriggerError): boolean {
  return problemCode === 'rate_limited';
}

/** Whether a failure tells of the earlier tries with the same key, too. */
function settlesEarlierTries(error: unknown): boolean {
  if (!(error instanceof TriggerError) || codesBeforeKey.has(error.code)) return false;
  if (error.code !== 'busy') return true;
  // Without a code this is a gateway's, and a 503 comes before the key is looked for.
  return error.problemCode !== undefined && error.status !== 503 && !isRateLimited(error);
}

function earlierCallQuery(call: CallRequest, request: TriggerRequest): EarlierCallQuery | undefined {
  const { idempotencyKey, keyLifetimeSeconds = keyLifetime.usual, signal } = call;
  if (idempotencyKey === undefined) return undefined;
  const withinSeconds = call.earlierTrySeconds ?? keyLifetimeSeconds;
  const isMarked: EarlierCallQuery['isMarked'] = (variables) => hasMarkOfKey(variables, idempotencyKey);
  return { isMarked, phoneNumber: request.phone_number, withinSeconds, signal };
}

/** The call of an earlier request as its reply would have told of it. */
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

/** Checks a request and gives the function that sends it once and returns its failure as a value. */
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

/** A call with a key carries its mark, on every server: which of them keeps keys is asked only after a failure. */
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
