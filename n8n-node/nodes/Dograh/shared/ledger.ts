/**
 * What this execution has dialled. Retry On Fail runs the whole node again with every item, and a retry from the
 * editor does so with the saved execution. The ledger lives in the node's context, which survives both: an item
 * that was dialled is not dialled again.
 */
import {
  canonicalJson,
  idempotencyKey,
  isTriggerError,
  sha256Hex,
  TriggerError,
  type CallRequest,
  type JsonObject,
  type PlacedCall,
  type TriggerClient,
} from '@dograh-trigger/shared';
import type { IExecuteFunctions } from 'n8n-workflow';

/**
 * What a repeat must say again word for word: a server that keeps keys refuses a key that comes with another request.
 * An expression such as `$now` gives something else at each try.
 */
type SentFacts = Pick<CallRequest, 'initialContext' | 'telephonyConfigurationId' | 'fromPhoneNumberId'>;

type LedgerEntry =
  /**
   * Written before the request leaves. Found on a retry, nobody here knows whether a phone rang; then it is sent as it
   * was, so that a server that keeps keys takes it for the same request.
   */
  | { state: 'pending'; idempotencyKey: string; sent: SentFacts; reason: string | null }
  | { state: 'done'; call: PlacedCall };

type Ledger = Record<string, LedgerEntry | undefined>;

/** What may be asked of the ledger. */
export interface CallLedger {
  /**
   * Places the call of an item, once per execution: a call is known by its item, agent, environment and number,
   * whatever else of it a retry computes anew.
   *
   * @returns the call, or what the ledger remembers of it.
   * @throws TriggerError of the client; `outcome_unknown` when an earlier try may have dialled and the server
   * cannot tell a repeat from a new call.
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
    const identity = identityOf(call);
    const callId = `${String(itemIndex)}:${sha256Hex(canonicalJson(identity))}`;
    const own = `${String(runIndex)}:${callId}`;
    const entryKey = ledger[own] === undefined ? (findUnclear(callId) ?? own) : own;

    const earlier = ledger[entryKey];
    if (earlier?.state === 'done') return earlier.call;
    if (earlier && !(await client.keepsIdempotencyKeys())) throw unclear(earlier.reason);

    const sent = earlier?.sent ?? sentFactsOf(call);
    const key = earlier?.idempotencyKey ?? keyOfCall(context, runIndex, itemIndex, identity);
    const pending = { state: 'pending', idempotencyKey: key, sent } as const;
    ledger[entryKey] = { ...pending, reason: earlier?.reason ?? null };
    // Saved in between, `sent` has lost what was undefined: that must not come from the later try.
    const request = { ...call, ...sentFactsOf(sent), idempotencyKey: key };
    const placed = await client.triggerCall(request).catch((error: unknown) => {
      // After an unclear first try not even a refusal of the second one proves that no phone rang.
      const reason = isTriggerError(error) ? error.message : null;
      ledger[entryKey] = !earlier && provesNothingDialled(error) ? undefined : { ...pending, reason };
      throw error;
    });
    // Both the run that was unclear and this one have placed it: a retry of either gives it again.
    ledger[entryKey] = ledger[own] = { state: 'done', call: placed };
    return placed;
  }
  return { placeOnce };
}

/** What makes a call another call. */
function identityOf({ target, environment, phoneNumber }: CallRequest): JsonObject {
  return { target: { ...target }, environment, phoneNumber };
}

function sentFactsOf({ initialContext, telephonyConfigurationId, fromPhoneNumberId }: SentFacts): SentFacts {
  return { initialContext, telephonyConfigurationId, fromPhoneNumberId };
}

/**
 * Derived rather than random: a queue that hands a stalled execution to another worker loses the ledger, and
 * then this key still stops the second dial.
 */
function keyOfCall(
  context: IExecuteFunctions,
  runIndex: number,
  itemIndex: number,
  identity: JsonObject,
): string {
  return idempotencyKey([
    'n8n',
    context.getInstanceId(),
    context.getWorkflow().id ?? null,
    context.getExecutionId(),
    context.getNode().name,
    runIndex,
    itemIndex,
    identity,
  ]);
}

function ledgerOf(context: IExecuteFunctions): Ledger {
  const nodeContext: { calls?: Ledger } = context.getContext('node');
  nodeContext.calls ??= {};
  return nodeContext.calls;
}

/** Dograh's word for a dial that was tried. It says so too when the carrier did not answer, and a phone may ring. */
const dialTried = 'Failed to initiate call';

/** Of the client's codes only two leave open whether a phone rings. */
function provesNothingDialled(error: unknown): boolean {
  if (!isTriggerError(error) || error.code === 'outcome_unknown') return false;
  return error.code !== 'telephony' || !error.detail?.startsWith(dialTried);
}

function unclear(reason: string | null): TriggerError {
  return new TriggerError({
    code: 'outcome_unknown',
    message:
      'An earlier try of this call may have been placed, so it was not placed again. Look at the agent’s runs in ' +
      'Dograh; if the call is not there, start a new execution.' +
      (reason ? ` The earlier try ended with: ${reason}` : ''),
  });
}
