/**
 * The ledger of the calls that this execution has placed. Retry On Fail runs the node again with every item; so
 * does a retry from the editor, with the saved execution. The ledger is in the node's context, which survives both,
 * so no item is dialled twice. A crash of the execution loses it; then a retry asks the server.
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

/** Settings of one try, which are not repeated in the next. */
type WaitSettings = Pick<CallRequest, 'busyWaitSeconds' | 'signal'>;

/**
 * The request as it was sent. A repeat must send exactly the same: a server that keeps keys refuses a key with a
 * changed request, and an expression such as `$now` has another value in each try.
 */
type SentCall = Omit<CallRequest, keyof WaitSettings>;

type LedgerEntry =
  /**
   * Written before the request is sent. If a retry finds it, the outcome of the request is unknown. The retry then
   * searches for the call, and sends the saved request unchanged, so that a server that keeps keys recognizes it.
   */
  | { state: 'pending'; sent: SentCall; reason: string | null }
  /**
   * @property call null if another execution placed it.
   * @property item that placed the call, or found it.
   * @property callee a hash of the callee.
   */
  | { state: 'done'; runId: number; call: PlacedCall | null; item: string; callee: string };

/** `call` is null if another item or execution placed it. */
type Outcome = Pick<Extract<LedgerEntry, { state: 'done' }>, 'runId' | 'call'>;

type Ledger = Record<string, LedgerEntry | undefined>;

/** n8n keeps executions for weeks, and they can be retried all that time. */
const retriedWithinSeconds = keyLifetime.longest;

/** By then a request that the first execution had sent before it crashed has arrived. */
const pauseBeforeSearchSeconds = 5;

/** A call of an item. */
export interface LedgerCall {
  call: PlacedCall;
  /** Whether another item or execution placed it. Then `call` has the current state of the run. */
  alreadyPlaced: boolean;
  /** The called number in E.164. After an earlier use of the Call Reference it may differ from the item's number. */
  phoneNumber: string;
}

export interface CallToPlace {
  itemIndex: number;
  /** How many items before this one call the same callee. */
  occurrence: number;
  /** Identifies server and API key: the same reference on another account is another call. */
  account: string;
  request: CallRequest;
  /** The Call Reference; undefined when the call is placed once per execution. */
  reference: string | undefined;
}

/** The calls of one execution. */
export interface CallLedger {
  /**
   * Places the call of an item, once per execution or per reference. Within an execution a call is identified by
   * agent, environment and number; other fields may change in a retry. A number in two items is called twice,
   * except by an AI agent's tool, where a repeated call of the model is another item.
   *
   * @throws TriggerError of the client; `outcome_unknown` when an earlier try may have dialled and the server
   *   cannot confirm it; `conflict` when an earlier call may be this one.
   */
  placeOnce(client: TriggerClient, call: CallToPlace): Promise<LedgerCall>;
}

export function openLedger(context: IExecuteFunctions): CallLedger {
  // A loop and an AI agent run the node several times in one execution. For a tool n8n increments the run index at
  // every try.
  const runIndex = Number(context.getWorkflowDataProxy(0).$runIndex);
  const isTool = context.getNode().type.endsWith('Tool');
  const isRetry = context.getMode() === 'retry';
  const ledger = ledgerOf(context);
  const start = startOfWorkflow(context);
  /** The last promise per ledger entry: two items with one reference must run one after the other. */
  const lastByEntry = new Map<string, Promise<unknown>>();
  let pause: Promise<void> | undefined;

  async function placeOnce(client: TriggerClient, toPlace: CallToPlace): Promise<LedgerCall> {
    const identity = identifyCall(toPlace);
    const turn = (lastByEntry.get(identity.entry) ?? Promise.resolve()).then(() =>
      place(client, toPlace, identity),
    );
    // The item itself reports its failure; the next item makes its own try.
    lastByEntry.set(
      identity.entry,
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
    const position = isTool ? null : { runIndex, occurrence };
    const step = stepOf(context, start, position, callee);
    // An earlier execution may have placed this call without leaving an entry in the ledger.
    const sent = { step, earlierTry: 'possible' } as const;
    if (reference !== undefined) {
      const idempotencyKey = keyOfReference(reference);
      return {
        ...names,
        entry: `reference:${account}:${idempotencyKey}`,
        sent: { ...sent, idempotencyKey, isReference: true, keyLifetimeSeconds: keyLifetime.longest },
      };
    }
    const round = position ? `${String(runIndex)}:${String(occurrence)}` : 'tool';
    return {
      ...names,
      // Without the account: an agent's UUID already belongs to one organization, and the entry stays valid when the
      // API key is replaced.
      entry: `${round}:${names.callee}`,
      sent: { ...sent, idempotencyKey: keyOfExecution(context, position, callee) },
    };
  }

  async function place(
    client: TriggerClient,
    { request, reference }: CallToPlace,
    { entry, item, callee, sent: identity }: ReturnType<typeof identifyCall>,
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
      const found = await findCallOfStep(client, identity, request);
      // A call with the same reference is found by its key below.
      if (found && !found.hasKey) {
        if (!start?.isUnique) throw possibleDuplicate(found);
        return done({ runId: found.runId, call: null });
      }
    }

    const { busyWaitSeconds, signal, ...fields } = request;
    // The earlier try with an unknown outcome. A refusal has a known outcome and leaves no entry.
    const unknownTry = earlier?.state === 'pending' ? earlier : undefined;
    const sent: SentCall = earlier?.sent ?? { ...fields, ...identity };
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
      // When the outcome of the first try is unknown, a refusal of the second does not prove that no phone rang.
      const reason = unknownTry?.reason ?? (isTriggerError(error) ? error.message : null);
      const isOver = !unknownTry && isTriggerError(error) && error.nothingDialled;
      ledger[entry] = isOver ? undefined : { state: 'pending', sent, reason };
      throw withReason(error, unknownTry?.reason ?? null);
    }
  }

  async function findCallOfStep(
    client: TriggerClient,
    identity: Pick<StepOfCall, 'step' | 'idempotencyKey' | 'isReference'>,
    { phoneNumber, signal }: CallRequest,
  ): Promise<CallOfStep | undefined> {
    pause ??= sleepInSlices(pauseBeforeSearchSeconds * 1000, signal);
    await pause;
    const withinSeconds = retriedWithinSeconds;
    return client.findCallOfStep({ ...identity, phoneNumber, withinSeconds, signal });
  }

  return { placeOnce };
}

/** Reads the current state of a call that was placed before. */
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

/** Whether the key was used for a request with other fields. That call was placed. */
function isReusedKey(error: unknown): error is TriggerError & { runId: number } {
  return isTriggerError(error) && error.problemCode === reusedKey && error.runId !== undefined;
}

function ledgerOf(context: IExecuteFunctions): Ledger {
  const nodeContext: { calls?: Ledger } = context.getContext('node');
  nodeContext.calls ??= {};
  return nodeContext.calls;
}

/** Adds the reason of the earlier try to an error whose outcome is still unknown. */
function withReason(error: unknown, reason: string | null): unknown {
  if (!isTriggerError(error) || error.code !== 'outcome_unknown' || reason === null) return error;
  return reworded(error, `${error.message} The earlier try ended with: ${reason}`);
}
