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

type LedgerEntry =
  /** Written before the request leaves. Found on a retry, nobody here knows whether a phone rang. */
  { state: 'pending'; idempotencyKey: string; reason: string | null } | { state: 'done'; call: PlacedCall };

type Ledger = Record<string, LedgerEntry | undefined>;

/** What may be asked of the ledger. */
export interface CallLedger {
  /**
   * Places the call of an item, once per execution.
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
  const ledger = ledgerOf(context);

  async function placeOnce(itemIndex: number, client: TriggerClient, call: CallRequest): Promise<PlacedCall> {
    const request = requestFacts(call);
    const entryKey = `${String(runIndex)}:${String(itemIndex)}:${sha256Hex(canonicalJson(request))}`;

    const earlier = ledger[entryKey];
    if (earlier?.state === 'done') return earlier.call;
    if (earlier && !(await client.keepsIdempotencyKeys())) throw unclear(earlier.reason);

    const key = earlier?.idempotencyKey ?? keyOfCall(context, runIndex, itemIndex, request);
    ledger[entryKey] = { state: 'pending', idempotencyKey: key, reason: earlier?.reason ?? null };
    const placed = await client.triggerCall({ ...call, idempotencyKey: key }).catch((error: unknown) => {
      // After an unclear first try not even a refusal of the second one proves that no phone rang.
      const reason = isTriggerError(error) ? error.message : null;
      ledger[entryKey] =
        !earlier && provesNothingDialled(error)
          ? undefined
          : { state: 'pending', idempotencyKey: key, reason };
      throw error;
    });
    ledger[entryKey] = { state: 'done', call: placed };
    return placed;
  }
  return { placeOnce };
}

/** The part of a call that makes it another call: not how long to wait for it. */
function requestFacts(call: CallRequest): JsonObject {
  return {
    target: { ...call.target },
    environment: call.environment,
    phoneNumber: call.phoneNumber,
    initialContext: call.initialContext ?? null,
    telephonyConfigurationId: call.telephonyConfigurationId ?? null,
    fromPhoneNumberId: call.fromPhoneNumberId ?? null,
  };
}

/**
 * Derived rather than random: a queue that hands a stalled execution to another worker loses the ledger, and
 * then this key still stops the second dial.
 */
function keyOfCall(
  context: IExecuteFunctions,
  runIndex: number,
  itemIndex: number,
  request: JsonObject,
): string {
  return idempotencyKey([
    'n8n',
    context.getInstanceId(),
    context.getWorkflow().id ?? null,
    context.getExecutionId(),
    context.getNode().name,
    runIndex,
    itemIndex,
    request,
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
