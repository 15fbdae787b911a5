/**
 * What this execution has dialled. Retry On Fail runs the whole node again with every item, and a retry from the
 * editor does so with the saved execution. The ledger lives in the node's context, which survives both: an item
 * that was dialled is not dialled again. It does not survive an execution that crashed: a retry of one asks the server.
 */
import {
  callOfRun,
  isTriggerError,
  keyLifetime,
  refusalOfRun,
  reworded,
  summarizeRun,
  TriggerError,
  type CallOfStep,
  type CallRequest,
  type PlacedCall,
  type ProblemCode,
  type Run,
  type StepOfCall,
  type TriggerClient,
} from '@dograh-trigger/shared';
import type { IExecuteFunctions } from 'n8n-workflow';
import { hashOfCallee, keyOfExecution, keyOfReference, stepOf, type Callee } from './call-names';
import { sleepInSlices } from './sleep';
import { startOfWorkflow } from './workflow-start';

/** How this node waits, which is of each try its own. */
type WaitSettings = Pick<CallRequest, 'busyWaitSeconds' | 'signal'>;

/**
 * What is sent of a call. A repeat must say it again word for word: a server that keeps keys refuses a key that comes with
 * another request, and an expression such as `$now` gives something else at each try.
 */
type SentCall = Omit<CallRequest, keyof WaitSettings>;

type LedgerEntry =
  /**
   * Written before the request leaves. Found on a retry, nobody here knows whether a phone rang; then its call is looked
   * for, and it is sent as it was, so that a server that keeps keys takes it for the same request.
   */
  | { state: 'pending'; sent: SentCall; reason: string | null }
  /**
   * @property call null where something else than this execution has placed it.
   * @property item that placed it, or found it placed.
   * @property callee whom, in a hash.
   */
  | { state: 'done'; runId: number; call: PlacedCall | null; item: string; callee: string };

/** `call` is null where something else than this item has placed it. */
type Outcome = Pick<Extract<LedgerEntry, { state: 'done' }>, 'runId' | 'call'>;

type Ledger = Record<string, LedgerEntry | undefined>;

/** Executions are kept for weeks, and may be retried as long as they are. */
const retriedWithinSeconds = keyLifetime.longest;

/** A request that the first execution had on its way when it crashed has arrived by then. */
const pauseBeforeSearchSeconds = 5;

/** A call of an item. */
export interface LedgerCall {
  call: PlacedCall;
  /** Whether something else than this item in this execution placed it. Then `call` is the run as it is now. */
  alreadyPlaced: boolean;
  /** The number that was called: of a Call Reference that was used before it need not be the item's. In E.164. */
  phoneNumber: string;
}

export interface CallToPlace {
  itemIndex: number;
  /** How many items before this one call the same callee. */
  occurrence: number;
  /** Which server and key: the calls of one are nothing to another. */
  account: string;
  request: CallRequest;
  /** What the call is placed once per; without it that is the execution. */
  reference: string | undefined;
}

/** What may be asked of the ledger. */
export interface CallLedger {
  /**
   * Places the call of an item, once per execution or per reference. In an execution a call is known by agent, environment
   * and number, whatever else of it a retry computes anew; a number that stands in two items is called twice, but for
   * an AI agent's tool, because a model that repeats a call is another item.
   *
   * @throws TriggerError of the client; `outcome_unknown` when an earlier try may have dialled and neither the server
   *   nor its list of calls can tell; `conflict` when a call was placed that may be this one.
   */
  placeOnce(client: TriggerClient, call: CallToPlace): Promise<LedgerCall>;
}

export function openLedger(context: IExecuteFunctions): CallLedger {
  // A loop and an AI agent run the node several times in one execution. n8n raises the run index of a tool at every try.
  const runIndex = Number(context.getWorkflowDataProxy(0).$runIndex);
  const isTool = context.getNode().type.endsWith('Tool');
  const isRetry = context.getMode() === 'retry';
  const ledger = ledgerOf(context);
  const start = startOfWorkflow(context);
  /** The last one of each call: two items with one reference must not look for it at the same time. */
  const turns = new Map<string, Promise<unknown>>();
  let pause: Promise<void> | undefined;

  async function placeOnce(client: TriggerClient, toPlace: CallToPlace): Promise<LedgerCall> {
    const named = identifyCall(toPlace);
    const turn = (turns.get(named.entry) ?? Promise.resolve()).then(() => place(client, toPlace, named));
    // Its failure is told to its own item; the next one tries for itself.
    turns.set(
      named.entry,
      turn.catch(() => undefined),
    );
    const { runId, call } = await turn;
    const { phoneNumber } = toPlace.request;
    if (call !== null) return { call, alreadyPlaced: false, phoneNumber };
    const run = await readPlaced(client, runId);
    const refusal = refusalOfRun(run);
    if (refusal) throw refusal;
    return {
      call: callOfRun(run),
      alreadyPlaced: true,
      phoneNumber: summarizeRun(run).phoneNumber ?? phoneNumber,
    };
  }

  function identifyCall({ itemIndex, occurrence, account, request, reference }: CallToPlace) {
    const { target, environment, phoneNumber } = request;
    const callee: Callee = { target, environment, phoneNumber };
    const names = { item: `${String(runIndex)}:${String(itemIndex)}`, callee: hashOfCallee(callee) };
    const place = isTool ? null : { runIndex, occurrence };
    const step = stepOf(context, start, place, callee);
    // Whoever began the execution, or used the reference, before this may have left no memory of it.
    const sent = { step, earlierTry: 'possible' } as const;
    if (reference !== undefined) {
      const idempotencyKey = keyOfReference(reference);
      return {
        ...names,
        entry: `reference:${account}:${idempotencyKey}`,
        sent: { ...sent, idempotencyKey, isReference: true, keyLifetimeSeconds: keyLifetime.longest },
      };
    }
    const round = place ? `${String(runIndex)}:${String(occurrence)}` : 'tool';
    return {
      ...names,
      // The UUID of an agent belongs to one organization: a key that was replaced since leaves the memory whole.
      entry: `${round}:${names.callee}`,
      sent: { ...sent, idempotencyKey: keyOfExecution(context, place, callee) },
    };
  }

  async function place(
    client: TriggerClient,
    { request, reference }: CallToPlace,
    { entry, item, callee, sent: named }: ReturnType<typeof identifyCall>,
  ): Promise<Outcome> {
    const earlier = ledger[entry];
    if (earlier?.state === 'done') {
      const isOwn = earlier.item === item && earlier.callee === callee;
      return { runId: earlier.runId, call: isOwn ? earlier.call : null };
    }
    function done(outcome: Outcome): Outcome {
      ledger[entry] = { state: 'done', ...outcome, item, callee };
      return outcome;
    }
    if (isRetry && !earlier) {
      const found = await findCallOfStep(client, named, request);
      // A call that has the reference is found by it.
      if (found && !found.hasKey) {
        if (!start?.isUnique) throw possibleDuplicate(found);
        return done({ runId: found.runId, call: null });
      }
    }

    const { busyWaitSeconds, signal, ...facts } = request;
    // What nobody knows the outcome of; a refusal is known, and needs no look.
    const unknownTry = earlier?.state === 'pending' ? earlier : undefined;
    const sent: SentCall = earlier?.sent ?? { ...facts, ...named };
    ledger[entry] = { state: 'pending', sent, reason: unknownTry?.reason ?? null };
    try {
      const call = await client.triggerCall({
        ...sent,
        busyWaitSeconds,
        signal,
        ...(unknownTry && { earlierTry: 'unknown', earlierTrySeconds: retriedWithinSeconds }),
      });
      const wasPlacedElsewhere = call.placedBefore && !unknownTry;
      if (wasPlacedElsewhere && reference === undefined) {
        ledger[entry] = undefined;
        throw usedKeyError(call.runId);
      }
      const isOfItem = !wasPlacedElsewhere && sent.phoneNumber === request.phoneNumber;
      return done({ runId: call.runId, call: isOfItem ? call : null });
    } catch (error) {
      if (isReusedKey(error)) {
        if (reference !== undefined) return done({ runId: error.runId, call: null });
        if (!unknownTry) {
          ledger[entry] = undefined;
          throw usedKeyError(error.runId);
        }
      }
      // After an unclear first try not even a refusal of the second one proves that no phone rang.
      const reason = unknownTry?.reason ?? (isTriggerError(error) ? error.message : null);
      const isOver = !unknownTry && isTriggerError(error) && error.nothingDialled;
      ledger[entry] = isOver ? undefined : { state: 'pending', sent, reason };
      throw withReason(error, unknownTry?.reason ?? null);
    }
  }

  async function findCallOfStep(
    client: TriggerClient,
    named: Pick<StepOfCall, 'step' | 'idempotencyKey' | 'isReference'>,
    { phoneNumber, signal }: CallRequest,
  ): Promise<CallOfStep | undefined> {
    pause ??= sleepInSlices(pauseBeforeSearchSeconds * 1000, signal);
    await pause;
    const withinSeconds = retriedWithinSeconds;
    return client.findCallOfStep({ ...named, phoneNumber, withinSeconds, signal });
  }

  return { placeOnce };
}

/** A call that was placed before, as it is now. */
function readPlaced(client: TriggerClient, runId: number): Promise<Run> {
  return client.getRun(runId).catch((error: unknown) => {
    if (!isTriggerError(error)) throw error;
    throw reworded(
      error,
      `The call with run ID ${String(runId)} was placed before, and not again. ${error.message}`,
    );
  });
}

function possibleDuplicate({ runId, createdAt }: CallOfStep): TriggerError {
  const when = createdAt === null ? '' : ` on ${createdAt}`;
  return new TriggerError({
    code: 'conflict',
    runId,
    message:
      `This call may have been placed: this node called the number${when} (run ID ${String(runId)}), in an execution ` +
      'that may be the one that is retried. It was not called now. If that is the call, go on with Wait for ' +
      'Completion and its run ID; if not, run the workflow again instead of retrying it.',
  });
}

function usedKeyError(runId: number): TriggerError {
  return new TriggerError({
    code: 'conflict',
    runId,
    message:
      `This call was placed before, by an execution with the same ID: run ID ${String(runId)}. It was not placed again. Either n8n ` +
      'gave the execution to a second worker, or its database was restored or replaced, so that it counts executions ' +
      'again: then run the workflow once more, or set Call Once Per to Call Reference.',
  });
}

const reusedKey: ProblemCode = 'idempotency_key_reused';

/** Whether the key was used for a call with other facts: the call is placed all the same. */
function isReusedKey(error: unknown): error is TriggerError & { runId: number } {
  return isTriggerError(error) && error.problemCode === reusedKey && error.runId !== undefined;
}

function ledgerOf(context: IExecuteFunctions): Ledger {
  const nodeContext: { calls?: Ledger } = context.getContext('node');
  nodeContext.calls ??= {};
  return nodeContext.calls;
}

/** That the outcome of an earlier try is still not known, with what that try had ended with. */
function withReason(error: unknown, reason: string | null): unknown {
  if (!isTriggerError(error) || error.code !== 'outcome_unknown' || reason === null) return error;
  return reworded(error, `${error.message} The earlier try ended with: ${reason}`);
}
