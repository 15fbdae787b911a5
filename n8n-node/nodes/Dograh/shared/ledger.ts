/**
 * What this execution has dialled. Retry On Fail runs the whole node again with every item, and a retry from the
 * editor does so with the saved execution. The ledger lives in the node's context, which survives both: an item
 * that was dialled is not dialled again.
 */
import {
  canonicalJson,
  idempotencyKey,
  isTriggerError,
  reworded,
  sha256Hex,
  type CallRequest,
  type PlacedCall,
  type TriggerClient,
  type TriggerError,
} from '@dograh-trigger/shared';
import type { IExecuteFunctions } from 'n8n-workflow';

/** Whom an item calls, and with which agent: what tells a retry of its call from another call. */
type Callee = Pick<CallRequest, 'target' | 'environment' | 'phoneNumber'>;

/** How this node waits, which is of each try its own. */
type Waiting = Pick<CallRequest, 'busyWaitSeconds' | 'signal'>;

/**
 * All else of a call. A repeat must say it again word for word: a server that keeps keys refuses a key that comes with
 * another request, and an expression such as `$now` gives something else at each try.
 */
type SentFacts = Omit<CallRequest, keyof Callee | keyof Waiting>;

type LedgerEntry =
  /**
   * Written before the request leaves. Found on a retry, nobody here knows whether a phone rang; then it is sent as it
   * was, so that a server that keeps keys takes it for the same request, and on another one its call is looked for.
   */
  | { state: 'pending'; idempotencyKey: string; sent: SentFacts; reason: string | null }
  /** The server keeps the key with this refusal: sent as it was, it is answered the same, whatever else is new. */
  | { state: 'refused'; idempotencyKey: string; sent: SentFacts }
  | { state: 'done'; call: PlacedCall };

type Ledger = Record<string, LedgerEntry | undefined>;

/** Executions are kept for weeks, and may be retried as long as they are. */
const earlierTrySeconds = 30 * 24 * 3600;

/** What may be asked of the ledger. */
export interface CallLedger {
  /**
   * Places the call of an item, once per execution: a call is known by its item, agent, environment and number,
   * whatever else of it a retry computes anew.
   *
   * @returns the call, or what the ledger remembers of it.
   * @throws TriggerError of the client; `outcome_unknown` when an earlier try may have dialled and neither the server
   * nor its list of calls can tell.
   */
  placeOnce(itemIndex: number, client: TriggerClient, call: CallRequest): Promise<PlacedCall>;
}

export function openLedger(context: IExecuteFunctions): CallLedger {
  // A loop and an AI agent run the node several times in one execution; each run may dial again.
  const runIndex = Number(context.getWorkflowDataProxy(0).$runIndex);
  const isTool = context.getNode().type.endsWith('Tool');
  const ledger = ledgerOf(context);

  /** The entry of a call whose outcome has been unclear since another run. */
  function findUnclear(call: string): string | undefined {
    // n8n raises the run index of a tool at every try, and a model that hears of an unclear outcome calls once more.
    const isUnclear = (key: string) => key.endsWith(`:${call}`) && ledger[key]?.state === 'pending';
    return isTool ? Object.keys(ledger).find(isUnclear) : undefined;
  }

  async function placeOnce(itemIndex: number, client: TriggerClient, call: CallRequest): Promise<PlacedCall> {
    const { target, environment, phoneNumber, busyWaitSeconds, signal, ...facts } = call;
    const callee = { target: { ...target }, environment, phoneNumber };
    const callId = `${String(itemIndex)}:${sha256Hex(canonicalJson(callee))}`;
    const own = `${String(runIndex)}:${callId}`;
    const entryKey = ledger[own] === undefined ? (findUnclear(callId) ?? own) : own;

    const earlier = ledger[entryKey];
    if (earlier?.state === 'done') return earlier.call;

    // What nobody knows the outcome of; a refusal is known, and needs no look.
    const unclear = earlier?.state === 'pending' ? earlier : undefined;
    const sent = earlier?.sent ?? facts;
    const key = earlier?.idempotencyKey ?? keyOfCall(context, runIndex, itemIndex, callee);
    const pending = { state: 'pending', idempotencyKey: key, sent } as const;
    ledger[entryKey] = { ...pending, reason: unclear?.reason ?? null };
    const request: CallRequest = {
      ...sent,
      ...callee,
      busyWaitSeconds,
      signal,
      idempotencyKey: key,
      ...(unclear && { earlierTry: 'unknown', earlierTrySeconds }),
    };
    const placed = await client.triggerCall(request).catch((error: unknown) => {
      // After an unclear first try not even a refusal of the second one proves that no phone rang.
      const reason = unclear?.reason ?? (isTriggerError(error) ? error.message : null);
      const isOver = !unclear && isTriggerError(error) && error.nothingDialled;
      if (!isOver) ledger[entryKey] = { ...pending, reason };
      else ledger[entryKey] = keepsKey(error) ? { state: 'refused', idempotencyKey: key, sent } : undefined;
      throw withReason(error, unclear?.reason ?? null);
    });
    // Both the run that was unclear and this one have placed it: a retry of either gives it again.
    ledger[entryKey] = ledger[own] = { state: 'done', call: placed };
    return placed;
  }
  return { placeOnce };
}

/**
 * Derived rather than random: a queue that hands a stalled execution to another worker loses the ledger, and then this
 * key still stops the second dial. Made of what the ledger knows a call by, and of nothing else: a variable with `$now`
 * in it or a caller ID that rotates makes no other key, and a server that keeps keys refuses the changed request.
 */
function keyOfCall(
  context: IExecuteFunctions,
  runIndex: number,
  itemIndex: number,
  { target, environment, phoneNumber }: Callee,
): string {
  return idempotencyKey([
    'n8n',
    context.getInstanceId(),
    context.getWorkflow().id ?? null,
    context.getExecutionId(),
    context.getNode().name,
    runIndex,
    itemIndex,
    { ...target },
    environment,
    phoneNumber,
  ]);
}

function ledgerOf(context: IExecuteFunctions): Ledger {
  const nodeContext: { calls?: Ledger } = context.getContext('node');
  nodeContext.calls ??= {};
  return nodeContext.calls;
}

/** Whether a run was refused for good: a server with keys answers a repeat with that, and refuses another request. */
function keepsKey({ code, runId, retryAfterSeconds }: TriggerError): boolean {
  return code === 'telephony' && runId !== undefined && retryAfterSeconds === undefined;
}

/** That the outcome of an earlier try is still not known, with what that try had ended with. */
function withReason(error: unknown, reason: string | null): unknown {
  if (!isTriggerError(error) || error.code !== 'outcome_unknown' || reason === null) return error;
  return reworded(error, `${error.message} The earlier try ended with: ${reason}`);
}
