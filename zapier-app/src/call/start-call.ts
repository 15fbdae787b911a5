/** Starts the call of a step and returns its record. */
import {
  isTriggerError,
  type CallTarget,
  type PlacedCall,
  type ProblemCode,
  type TriggerClient,
} from '@dograh-trigger/shared';
import type { ZObject } from 'zapier-platform-core';
import { agentValue, nameAgent } from './agents';
import type { Call } from './call-fields';
import { carrierFields, carrierOutputFields } from './call-record';
import { placedBeforeError, stillInProgressError, type CallOnce } from './once';

/**
 * Places a call, unless it was placed before.
 *
 * @param callbackUrl receives the event at the end of the call.
 * @throws TriggerError
 * @throws HaltedError with the time of the call, if it was placed before.
 * @throws ThrottledError, if the step waits for the result of that earlier call: Zapier runs the step again.
 */
export async function placeNew(
  z: ZObject,
  client: TriggerClient,
  call: Call,
  once: CallOnce,
  callbackUrl?: string,
): Promise<PlacedCall> {
  let placed: PlacedCall;
  try {
    placed = await client.triggerCall({ ...call, ...once.sent, callbackUrl });
  } catch (error) {
    // The Call Reference was used before with other variables.
    const reusedKey: ProblemCode = 'idempotency_key_reused';
    if (!isTriggerError(error) || error.problemCode !== reusedKey) throw error;
    throw await repeatError(z, client, once, error.runId);
  }
  if (placed.placedBefore) throw await repeatError(z, client, once, placed.runId);
  return placed;
}

/** The error of a step whose call another request has placed. It is of the same class when the run cannot be read. */
async function repeatError(
  z: ZObject,
  client: TriggerClient,
  once: CallOnce,
  runId: number | undefined,
): Promise<Error> {
  if (once.ifPlacedBefore === 'follow') return stillInProgressError(z, once, runId);
  if (runId === undefined) return placedBeforeError(z, once, undefined);
  try {
    return placedBeforeError(z, once, await client.getRun(runId));
  } catch (error) {
    if (isTriggerError(error)) return placedBeforeError(z, once, runId);
    throw error;
  }
}

/** The record of a call that was just started. */
export async function startedRecord(
  client: TriggerClient,
  { target, environment, phoneNumber }: Call,
  placed: PlacedCall,
) {
  const uuid = 'agentUuid' in target ? target.agentUuid : undefined;
  const agent = await nameAgent(client, { uuid, id: placed.workflowId ?? undefined });
  return {
    id: placed.runId,
    name: placed.runName,
    agent: agent ? agentValue(agent.uuid) : targetText(target),
    agent_id: placed.workflowId ?? agent?.id ?? null,
    agent_name: agent?.name ?? null,
    environment,
    phone_number: phoneNumber,
    status: placed.status,
    ...carrierFields(placed),
  };
}

/** The value for an Agent field. */
function targetText(target: CallTarget): string {
  return 'agentUuid' in target ? agentValue(target.agentUuid) : target.triggerUuid;
}

export const startedCallOutputFields = [
  { key: 'id', label: 'Run ID', type: 'integer', primary: true },
  { key: 'name', label: 'Run Name', type: 'string' },
  { key: 'agent', label: 'Agent', type: 'string' },
  { key: 'agent_id', label: 'Agent Number', type: 'integer' },
  { key: 'agent_name', label: 'Agent Name', type: 'string' },
  { key: 'environment', label: 'Environment', type: 'string' },
  { key: 'phone_number', label: 'Phone Number', type: 'string' },
  { key: 'status', label: 'Status', type: 'string' },
  ...carrierOutputFields,
] as const;
