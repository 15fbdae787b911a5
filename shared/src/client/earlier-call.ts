/**
 * The call of an earlier request, found by its mark: with the same idempotency key, or of the same step, whose key nobody
 * knows any more. Dograh stores a call before it dials, with all of
 * `initial_context`, and lists it at once.
 */
import * as z from 'zod';
import { callListPath, withLongContexts } from './call-list';
import type { Connection } from './connection';
import { notPlaced, usagePage, usageRun, type JsonObject, type Run } from '../contracts';
import { isDialFailure } from '../dograh-words';
import { TriggerError } from '../errors';
import { firstAnswer } from './responses';

export interface EarlierCallQuery {
  /** Whether a call with these variables is the one. */
  isMarked: (variables: JsonObject | null | undefined) => boolean;
  /** In E.164. */
  phoneNumber: string;
  /** How long ago the call may have been made. */
  withinSeconds: number;
  signal?: AbortSignal;
}

export type ListedCall = z.infer<typeof listedCall>;

/** What is read of a row: a list with anything else in it must not count as one that cannot be read. */
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
 * @returns the call that was placed, or the error that the earlier request was answered with; undefined when the list
 *   has neither.
 * @throws TriggerError when that cannot be told: the list cannot be read, or is too long.
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
      if (!isMarked(call.initial_context) || call.reason === notPlaced) continue;
      const failure = failureBeforeCall(call);
      if (failure === undefined) return call;
      if (!wasRefusedWithoutCarrier(call, failure)) refusal ??= refusalError(call, failure);
    }
    if (page >= list.total_pages) return refusal;
  }
  throw new TriggerError({
    code: 'unexpected_response',
    message: `The list has more than ${String(maximumPages * callsOfPage)} calls to this number.`,
  });
}

/** What kept a call from being placed (Dograh: `mark_workflow_run_failed`). One that a carrier has taken has its id. */
function failureBeforeCall({
  gathered_context: gathered,
}: Pick<Run, 'gathered_context'>): string | undefined {
  const { error, call_disposition: disposition, call_id: callId } = gathered ?? {};
  const hasFailed = disposition === 'error' || disposition === 'failed';
  return typeof error === 'string' && hasFailed && callId === undefined ? error : undefined;
}

/**
 * Whether no carrier was asked: Dograh refuses for want of credits once the call is stored, and says so in words that it
 * may have from elsewhere. That rang nobody, and may be another story by now. The bundled server notes on each of its
 * calls what triggered it.
 */
function wasRefusedWithoutCarrier({ gathered_context: gathered }: ListedCall, failure: string): boolean {
  return gathered?.triggered_by === undefined && !isDialFailure(failure);
}

/** Whether its carrier has not answered yet, as far as the list says. */
export function isBeingDialled({ gathered_context: gathered }: ListedCall): boolean {
  return gathered?.call_id === undefined && gathered?.call_disposition === undefined;
}

/** What a run that was placed before says, where its carrier refused it: nobody was called. */
export function refusalOfRun(run: Run): TriggerError | undefined {
  const failure = failureBeforeCall(run);
  return failure === undefined ? undefined : refusalError(run, failure);
}

function refusalError({ id }: { id: number }, failure: string): TriggerError {
  return new TriggerError({
    code: 'telephony',
    message: `${failure.replace(/\.$/, '')}. ${firstAnswer}`,
    detail: failure,
    runId: id,
  });
}
