/**
 * Finds the call of an earlier request by its mark, in the list of calls. The mark names the idempotency key, and
 * the step for callers that have lost the key. Dograh stores and lists a call, with its whole `initial_context`,
 * before it dials.
 */
import * as z from 'zod';
import { callListPath, withLongContexts } from './call-list';
import type { Connection } from './connection';
import { notPlaced, usagePage, usageRun, type JsonObject, type Run } from '../contracts';
import { isDialFailure, mayRing } from '../dograh-words';
import { TriggerError } from '../errors';
import { firstAnswer } from './responses';

export interface EarlierCallQuery {
  /** Whether the mark in these variables matches. */
  isMarked: (variables: JsonObject | null | undefined) => boolean;
  /** In E.164. */
  phoneNumber: string;
  /** How far back to search. */
  withinSeconds: number;
  signal?: AbortSignal;
}

export type ListedCall = z.infer<typeof listedCall>;

/** The fields that are read from a row. Unexpected values in other fields must not make the list unreadable. */
const listedCall = usageRun
  .pick({
    id: true,
    name: true,
    workflow_id: true,
    mode: true,
    fallback_from: true,
    initial_context: true,
    gathered_context: true,
    omitted_fields: true,
    reason: true,
  })
  .extend({ created_at: z.string().optional().catch(undefined) });
const listedCalls = usagePage.pick({ total_pages: true }).extend({ runs: z.array(listedCall) });

const callsOfPage = 100;
const maximumPages = 10;

/**
 * @returns the call that was placed, or the error of the earlier request; undefined when the list has neither.
 * @throws TriggerError when the answer is not certain, because the list cannot be read or is too long.
 */
export async function findEarlierCall(
  connection: Connection,
  { isMarked, phoneNumber, withinSeconds, signal }: EarlierCallQuery,
): Promise<ListedCall | TriggerError | undefined> {
  const createdSince = new Date(connection.now() - withinSeconds * 1000);
  let refusal: TriggerError | undefined;
  for (let page = 1; page <= maximumPages; page += 1) {
    const path = callListPath({ page, limit: callsOfPage, createdSince, calledNumber: phoneNumber });
    const list = await connection.read(path, listedCalls, { signal });
    for (const call of await withLongContexts(connection, list.runs, signal)) {
      if (!isMarked(call.initial_context) || endedWithoutCarrier(call)) continue;
      const failure = failureBeforeCall(call);
      if (failure === undefined) return call;
      refusal ??= refusalError(call, failure);
    }
    if (page >= list.total_pages) return refusal;
  }
  throw new TriggerError({
    code: 'unexpected_response',
    message: `The list has more than ${String(maximumPages * callsOfPage)} calls to this number.`,
  });
}

/**
 * Why a call was not placed (Dograh: `mark_workflow_run_failed`). A call that a carrier accepted has the carrier's
 * `call_id`.
 */
function failureBeforeCall({
  gathered_context: gathered,
}: Pick<Run, 'gathered_context'>): string | undefined {
  const { error, call_disposition: disposition, call_id: callId } = gathered ?? {};
  const hasFailed = disposition === 'error' || disposition === 'failed';
  return typeof error === 'string' && hasFailed && callId === undefined ? error : undefined;
}

/**
 * Whether the call failed before any carrier was asked. Dograh checks credits after it has stored the call, and the
 * text of that failure is not fixed. No phone rang, and the account may have credits by now, so the call may be
 * tried again. The bundled server gives a reason. It is recognized by `triggered_by`, which it writes on every call.
 */
export function endedWithoutCarrier({ reason, ...call }: Pick<Run, 'gathered_context' | 'reason'>): boolean {
  if (reason === notPlaced) return true;
  const failure = failureBeforeCall(call);
  return (
    failure !== undefined && call.gathered_context?.triggered_by === undefined && !isDialFailure(failure)
  );
}

/** Whether the list shows no answer of the carrier yet. */
export function isBeingDialled({ gathered_context: gathered }: ListedCall): boolean {
  return gathered?.call_id === undefined && gathered?.call_disposition === undefined;
}

/** The error of an earlier run that the carrier refused: no phone rang. Undefined for any other run. */
export function refusalOfRun(run: Run): TriggerError | undefined {
  const failure = failureBeforeCall(run);
  return failure === undefined ? undefined : refusalError(run, failure);
}

function refusalError({ id }: { id: number }, failure: string): TriggerError {
  return new TriggerError({
    // The carrier of that Dograh may have called.
    code: mayRing({ detail: failure }) ? 'outcome_unknown' : 'telephony',
    message: `${failure.replace(/\.$/, '')}. ${firstAnswer}`,
    detail: failure,
    runId: id,
  });
}
